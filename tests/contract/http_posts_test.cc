// What HttpPosts owes beyond the contract of the channels that use it: how it uses connections.
#include "services/notifier/edge/http/http_posts.h"

#include <atomic>
#include <future>
#include <string>
#include <thread>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/contract/scripted_server.h"
#include "tests/support/child_process.h"

namespace platen::notifier::edge {
namespace {

using testing::HasSubstr;

// To `url` of this machine.
HttpTarget TargetOf(const std::string& url) {
  return {.address = *ParseHttpAddress(url),
          .allow_private_addresses = true,
          .timeout = std::chrono::seconds(30)};
}

HttpTarget TargetOf(const ScriptedServer& server) {
  return TargetOf("http://127.0.0.1:" + std::to_string(server.port()));
}

std::future<TransferAnswer> Begin(HttpPosts& posts,
                                  const HttpTarget& target,
                                  const std::string& more = "") {
  auto answer = std::make_shared<std::promise<TransferAnswer>>();
  posts.Start(std::make_shared<const HttpTarget>(target),
              {"A: b"},
              std::string(ScriptedServer::kMark) + more,
              // A second call would throw, and end the test.
              [answer](const TransferAnswer& said) { answer->set_value(said); });
  return answer->get_future();
}

std::future<TransferAnswer> Begin(HttpPosts& posts,
                                  const ScriptedServer& server,
                                  base::Duration timeout = std::chrono::seconds(30)) {
  HttpTarget target = TargetOf(server);
  target.timeout = timeout;
  return Begin(posts, target);
}

TEST(HttpPostsTest, SpeaksOverOneConnectionWhereItsServerAnswers) {
  ScriptedServer server([](int, int) { return Answer(); });
  HttpPosts posts;
  for (int i = 0; i < 50; ++i) EXPECT_EQ(Begin(posts, server).get().status, 200);
  EXPECT_EQ(server.connections(), 1);
}

TEST(HttpPostsTest, OpensAnotherConnectionWhereOneIsInUseForLong) {
  ScriptedServer server([](int connection, int) { return connection == 0 ? Hang() : Answer(); });
  HttpPosts posts;
  auto hangs = Begin(posts, server);
  while (server.requests() == 0) std::this_thread::yield();

  EXPECT_EQ(Begin(posts, server).get().status, 200);
  EXPECT_EQ(server.connections(), 2);
}

TEST(HttpPostsTest, OpensAnotherConnectionWhereTheServerHasLeftAfterItsAnswer) {
  ScriptedServer server([](int, int) { return AnswerAndLeave(); });
  HttpPosts posts;
  for (int i = 0; i < 20; ++i) {
    const TransferAnswer answer = Begin(posts, server).get();
    EXPECT_EQ(answer.status, 200) << answer.failure;
  }
  EXPECT_EQ(server.connections(), 20);
}

TEST(HttpPostsTest, GoesOnceMoreWhereAKeptConnectionEndsWithoutAWord) {
  ScriptedServer server([](int, int request) { return request == 0 ? Answer() : Leave(); });
  HttpPosts posts;
  EXPECT_EQ(Begin(posts, server).get().status, 200);
  EXPECT_EQ(Begin(posts, server).get().status, 200);
  EXPECT_EQ(server.connections(), 2);
  EXPECT_EQ(server.requests(), 3);
}

TEST(HttpPostsTest, DoesNotInsistOnANewConnectionThatEndsWithoutAWord) {
  ScriptedServer server([](int, int) { return Leave(); });
  HttpPosts posts;
  const TransferAnswer answer = Begin(posts, server).get();
  EXPECT_FALSE(answer.completed);
  EXPECT_EQ(answer.status, 0);
  EXPECT_EQ(server.requests(), 1);
}

TEST(HttpPostsTest, ThoseThatWaitGoOnWhereTheOneBeforeThemIsOutOfTime) {
  std::atomic<bool> well = false;
  ScriptedServer server([&](int, int) { return well ? Answer() : Hang(); });
  HttpPosts posts;
  EXPECT_THAT(Begin(posts, server, std::chrono::milliseconds(100)).get().failure,
              HasSubstr("Timeout"));
  well = true;
  std::vector<std::future<TransferAnswer>> answers;
  for (int i = 0; i < 200; ++i) answers.push_back(Begin(posts, server));
  for (auto& answer : answers) EXPECT_EQ(answer.get().status, 200);
}

TEST(HttpPostsTest, AnswersWhatIsUnderWayWhenItEnds) {
  ScriptedServer server([](int, int) { return Hang(); });
  std::vector<std::future<TransferAnswer>> answers;
  {
    HttpPosts posts;
    for (int i = 0; i < 20; ++i) answers.push_back(Begin(posts, server));
  }
  for (auto& answer : answers) EXPECT_FALSE(answer.get().completed);
}

TEST(HttpPostsTest, SaysWhoIsMeantAndHowMuchComes) {
  ScriptedServer server([](int, int) { return Answer(); });
  HttpPosts posts;
  const std::string authority = "127.0.0.1:" + std::to_string(server.port());

  EXPECT_EQ(Begin(posts, TargetOf("http://" + authority + "/hook?a=b")).get().status, 200);

  EXPECT_EQ(server.texts().at(0),
            "POST /hook?a=b HTTP/1.1\r\nHost: " + authority +
                "\r\nA: b\r\nContent-Length: 8\r\n\r\nthe body");
}

TEST(HttpPostsTest, DoesNotUseAConnectionThatTheServerWillClose) {
  ScriptedServer server([](int, int) {
    return Answer("HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 2\r\n\r\nok");
  });
  HttpPosts posts;
  EXPECT_EQ(Begin(posts, server).get().status, 200);
  EXPECT_EQ(Begin(posts, server).get().status, 200);
  EXPECT_EQ(server.connections(), 2);
}

// The rest of the first body would be read as the second request.
TEST(HttpPostsTest, DoesNotUseAConnectionOverWhichABodyIsStillOnItsWay) {
  ScriptedServer server([](int connection, int) {
    return Deed{std::string(kOk), connection == 0 ? Deed::Then::kRest : Deed::Then::kStay};
  });
  HttpPosts posts;
  const std::string more_than_any_socket_holds(32 << 20, 'x');
  EXPECT_EQ(Begin(posts, TargetOf(server), more_than_any_socket_holds).get().status, 200);
  EXPECT_EQ(Begin(posts, server).get().status, 200);
  EXPECT_EQ(server.connections(), 2);
}

TEST(HttpPostsTest, DoesNotTakeWhatNobodyAskedForAsAnAnswer) {
  ScriptedServer server([](int, int) { return Answer(); });
  HttpPosts posts;
  EXPECT_EQ(Begin(posts, server).get().status, 200);
  server.Say(0, "HTTP/1.1 500 Oh\r\nContent-Length: 0\r\n\r\n");
  while (server.ended() == 0) std::this_thread::yield();

  EXPECT_EQ(Begin(posts, server).get().status, 200);
  EXPECT_EQ(server.connections(), 2);
}

TEST(HttpPostsTest, DoesNotGoOnceMoreWhereAnAnswerHasBegun) {
  ScriptedServer server(
      [](int, int request) { return request == 0 ? Answer() : AnswerAndLeave("HTTP/1.1 20"); });
  HttpPosts posts;
  EXPECT_EQ(Begin(posts, server).get().status, 200);
  const TransferAnswer answer = Begin(posts, server).get();
  EXPECT_FALSE(answer.completed);
  EXPECT_THAT(answer.failure, HasSubstr("cut off"));
  EXPECT_EQ(server.requests(), 2);
}

TEST(HttpPostsTest, PostsOnOtherTermsHaveOtherConnections) {
  ScriptedServer server([](int, int) { return Answer(); });
  HttpPosts posts;
  const HttpTarget target = TargetOf(server);
  EXPECT_EQ(Begin(posts, target).get().status, 200);

  HttpTarget strict = target;
  strict.allow_private_addresses = false;
  EXPECT_THAT(Begin(posts, strict).get().failure, HasSubstr("not a public one"));
  HttpTarget with_authority = target;
  with_authority.files.ca_file = "ca.crt";
  EXPECT_EQ(Begin(posts, with_authority).get().status, 200);
  HttpTarget with_certificate = target;
  with_certificate.files.cert_file = "own.crt";
  EXPECT_EQ(Begin(posts, with_certificate).get().status, 200);
  HttpTarget with_key = target;
  with_key.files.key_file = "own.key";
  EXPECT_EQ(Begin(posts, with_key).get().status, 200);
  EXPECT_EQ(server.connections(), 4);

  ScriptedServer other([](int, int) { return Answer(); });
  EXPECT_EQ(Begin(posts, other).get().status, 200);
  EXPECT_EQ(other.connections(), 1);
}

TEST(HttpPostsTest, SaysHowFarAPostCame) {
  ScriptedServer nonsense(
      [](int, int) { return Answer("HTTP/1.1 000 Oh\r\nContent-Length: 0\r\n\r\n"); });
  ScriptedServer mute([](int, int) { return Hang(); });
  ScriptedServer begins([](int, int) { return Deed{"HTTP/1.1 2", Deed::Then::kHang}; });
  HttpPosts posts;

  TransferAnswer answer = Begin(posts, nonsense).get();
  EXPECT_FALSE(answer.completed);
  EXPECT_TRUE(answer.answered);
  EXPECT_EQ(answer.failure, "what was answered is no HTTP: bad status");

  answer = Begin(posts, mute, std::chrono::milliseconds(300)).get();
  EXPECT_TRUE(answer.sent);
  EXPECT_FALSE(answer.answered);

  answer = Begin(posts, begins, std::chrono::milliseconds(300)).get();
  EXPECT_TRUE(answer.answered);
  EXPECT_EQ(answer.status, 0);

  HttpTarget nobody = TargetOf("http://127.0.0.1:1");
  answer = Begin(posts, nobody).get();
  EXPECT_FALSE(answer.sent);
  EXPECT_FALSE(answer.answered);
}

// Of the names that turn from look-up to look-up: each connection is judged by where it leads.
TEST(HttpPostsTest, SpeaksToNoPrivateAddressOfANameThatHasPublicOnesToo) {
  const auto address = [](const char* text) { return boost::asio::ip::make_address(text); };
  // Space that was given back and is nobody's: public by its number, and no host answers there.
  const auto public_one = address("3ffe::1");
  const auto private_one = address("127.0.0.1");
  ScriptedServer inside([](int, int) { return Answer(); });
  HttpPosts posts([&](const std::string& name) -> NameLookups::Addresses {
    if (name == "second.example") return {public_one, private_one};
    if (name == "first.example") return {private_one, public_one};
    return {private_one, address("::ffff:127.0.0.1")};
  });
  const std::string port = ":" + std::to_string(inside.port());

  for (const std::string name : {"first.example", "second.example"}) {
    HttpTarget strict = TargetOf("http://" + name + port);
    strict.allow_private_addresses = false;
    strict.timeout = std::chrono::milliseconds(300);
    const TransferAnswer answer = Begin(posts, strict).get();
    EXPECT_FALSE(answer.completed) << name;
    EXPECT_FALSE(answer.sent) << name;
  }
  HttpTarget strict = TargetOf("http://only.example" + port);
  strict.allow_private_addresses = false;
  EXPECT_EQ(Begin(posts, strict).get().failure, "the address is not a public one");
  EXPECT_EQ(inside.connections(), 0);

  HttpTarget allowed = TargetOf("http://second.example" + port);
  allowed.timeout = std::chrono::seconds(4);
  EXPECT_EQ(Begin(posts, allowed).get().status, 200) << "it does lead there";
}

class HttpPostsTlsTest : public testing::Test {
 protected:
  HttpPostsTlsTest() {
    const std::string dev_ca = testing_support::SourceFile("deploy/local/dev-ca");
    EXPECT_EQ(testing_support::RunProgram({dev_ca, directory_.path(), "issue", "server", "own"}),
              0);
  }

  std::unique_ptr<ScriptedServer> NewServer(ScriptedServer::Script script) const {
    return std::make_unique<ScriptedServer>(
        std::move(script), directory_.File("server.crt"), directory_.File("server.key"));
  }

  HttpTarget Target(const std::string& host, const ScriptedServer& server) const {
    HttpTarget target = TargetOf("https://" + host + ":" + std::to_string(server.port()));
    target.files.ca_file = directory_.File("ca.crt");
    return target;
  }

  const testing_support::TemporaryDirectory directory_;
};

TEST_F(HttpPostsTlsTest, SaysWhichNameItMeansAndNoAddress) {
  const auto server = NewServer([](int, int) { return Answer(); });
  HttpPosts posts;
  EXPECT_EQ(Begin(posts, Target("localhost", *server)).get().status, 200);
  EXPECT_EQ(Begin(posts, Target("127.0.0.1", *server)).get().status, 200);
  EXPECT_THAT(server->names(), testing::ElementsAre("localhost", ""));
}

TEST_F(HttpPostsTlsTest, SaysNothingToAServerOfAnotherName) {
  const auto server = NewServer([](int, int) { return Answer(); });
  HttpPosts posts;
  // Both lead to 127.0.0.1, and are none of its certificate's names.
  const TransferAnswer answer = Begin(posts, Target("127.1", *server)).get();
  EXPECT_TRUE(answer.tls_failed) << answer.failure;
  EXPECT_THAT(answer.failure, HasSubstr("certificate: hostname mismatch"));
  EXPECT_FALSE(answer.sent);

  const TransferAnswer other = Begin(posts, Target("[::ffff:127.0.0.1]", *server)).get();
  EXPECT_TRUE(other.tls_failed) << other.failure;
  EXPECT_THAT(other.failure, HasSubstr("certificate: IP address mismatch"));
  EXPECT_EQ(server->requests(), 0);
}

TEST_F(HttpPostsTlsTest, DoesNotSpeakByACertificateThatWasReplaced) {
  const auto server = NewServer([](int, int) { return Answer(); });
  HttpPosts posts;
  HttpTarget target = Target("localhost", *server);
  target.files.cert_file = directory_.File("own.crt");
  target.files.key_file = directory_.File("own.key");
  EXPECT_EQ(Begin(posts, target).get().status, 200);
  EXPECT_EQ(Begin(posts, target).get().status, 200);
  EXPECT_EQ(server->connections(), 1);

  const std::string own = testing_support::ReadWholeFile(target.files.cert_file);
  directory_.Write("own.crt", own + "\n");

  while (server->connections() == 1) EXPECT_EQ(Begin(posts, target).get().status, 200);
}

// What is being written when the answer comes must live until it is known not to be needed.
TEST_F(HttpPostsTlsTest, TakesAnAnswerThatComesBeforeTheBodyIsWritten) {
  const auto server = NewServer([](int, int) { return Answer(); });
  HttpPosts posts;
  const std::string more(1 << 20, 'x');
  for (int i = 0; i < 50; ++i) {
    EXPECT_EQ(Begin(posts, Target("localhost", *server), more).get().status, 200);
  }
}

}  // namespace
}  // namespace platen::notifier::edge
