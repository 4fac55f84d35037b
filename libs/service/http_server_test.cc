#include "libs/service/http_server.h"

#include <algorithm>
#include <condition_variable>
#include <future>
#include <mutex>
#include <optional>
#include <thread>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "libs/base/status.h"
#include "libs/service/http_client_for_test.h"

namespace platen::service {
namespace {

using ::testing::Contains;
using ::testing::EndsWith;
using ::testing::HasSubstr;
using ::testing::StartsWith;
using Client = HttpClientForTest;

class HttpServerTest : public ::testing::Test {
 protected:
  void Start(HttpServerOptions options, AsyncHttpHandler handler) {
    options.name = "test";
    server_.emplace(std::move(options), std::move(handler), [this](HttpRefusal refusal) {
      const std::lock_guard lock(mutex_);
      refusals_.push_back(refusal);
      refused_.notify_all();
    });
    const absl::Status started = server_->Start();
    ASSERT_TRUE(started.ok()) << started;
  }

  // Answers with what was asked.
  void StartEcho(HttpServerOptions options) {
    Start(std::move(options), [](const HttpRequest& request, const HttpAnswer& answer) {
      answer({.body = request.method + "|" + request.path + "|" + request.content_type + "|" +
                      request.body});
    });
  }

  std::string Exchange(const std::string& request) const {
    const Client client(server_->port());
    client.Send(request);
    return client.ReadAll();
  }

  std::string Post(const std::string& path, const std::string& body) const {
    return Exchange(
        base::StrCat("POST ",
                     path,
                     " HTTP/1.1\r\nHost: x\r\nConnection: close\r\nContent-Type: text/x\r\n"
                     "Content-Length: ",
                     body.size(),
                     "\r\n\r\n",
                     body));
  }

  std::vector<HttpRefusal> refusals() {
    const std::lock_guard lock(mutex_);
    return refusals_;
  }

  // Where the client may see the end before the server has noted why.
  bool WaitForRefusal(HttpRefusal refusal) {
    std::unique_lock lock(mutex_);
    return refused_.wait_for(lock, std::chrono::seconds(60), [&] {
      return std::find(refusals_.begin(), refusals_.end(), refusal) != refusals_.end();
    });
  }

  std::optional<HttpServer> server_;

 private:
  std::mutex mutex_;
  std::condition_variable refused_;
  std::vector<HttpRefusal> refusals_;
};

TEST_F(HttpServerTest, HandsABodyOverWhole) {
  StartEcho({.body_bytes_max = 100});
  EXPECT_THAT(Post("/a", "b=c"), EndsWith("\r\n\r\nPOST|/a|text/x|b=c"));
  EXPECT_THAT(Exchange("POST /a HTTP/1.1\r\nHost: x\r\nConnection: close\r\n"
                       "Transfer-Encoding: chunked\r\n\r\n2\r\nb=\r\n1\r\nc\r\n0\r\n\r\n"),
              EndsWith("\r\n\r\nPOST|/a||b=c"));
}

TEST_F(HttpServerTest, RefusesABodyThatIsTooLargeHoweverItIsSent) {
  StartEcho({.body_bytes_max = 100});
  EXPECT_THAT(Post("/a", std::string(100, 'x')), StartsWith("HTTP/1.1 200 "));
  EXPECT_THAT(Post("/a", std::string(101, 'x')), StartsWith("HTTP/1.1 413 "));
  EXPECT_THAT(Exchange("POST /a HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\nFF\r\n" +
                       std::string(255, 'x') + "\r\n"),
              StartsWith("HTTP/1.1 413 "));
  EXPECT_THAT(refusals(),
              ::testing::ElementsAre(HttpRefusal::kBodyTooLarge, HttpRefusal::kBodyTooLarge));
}

TEST_F(HttpServerTest, TellsOfWhatItRefuses) {
  StartEcho({.header_bytes_max = 1024});
  EXPECT_THAT(Exchange("nonsense\r\n\r\n"), StartsWith("HTTP/1.1 400 "));
  EXPECT_THAT(Exchange("GET / HTTP/1.1\r\nX: " + std::string(4096, 'x') + "\r\n\r\n"),
              StartsWith("HTTP/1.1 431 "));
  EXPECT_THAT(refusals(),
              ::testing::ElementsAre(HttpRefusal::kMalformed, HttpRefusal::kHeaderTooLarge));
}

TEST_F(HttpServerTest, ARequestThatDoesNotArriveIsRefusedAndSilenceIsNot) {
  StartEcho({.request_timeout = std::chrono::milliseconds(50), .body_bytes_max = 100});
  EXPECT_EQ(Exchange(""), "");
  EXPECT_TRUE(refusals().empty());
  EXPECT_EQ(Exchange("POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 3\r\n\r\na"), "");
  EXPECT_TRUE(WaitForRefusal(HttpRefusal::kTooSlow));
}

TEST_F(HttpServerTest, AnAnswerMayComeLaterFromAnotherThread) {
  std::vector<std::thread> threads;
  Start({}, [&](const HttpRequest& request, HttpAnswer answer) {
    threads.emplace_back([path = request.path, answer = std::move(answer)] {
      answer({.status = 201, .body = path});
    });
  });
  const std::string answers = Exchange(
      "GET /first HTTP/1.1\r\nHost: x\r\n\r\n"
      "GET /second HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n");
  EXPECT_THAT(answers, HasSubstr("/first"));
  EXPECT_THAT(answers, EndsWith("/second"));
  server_->Stop();
  for (std::thread& thread : threads) thread.join();
}

TEST_F(HttpServerTest, WithoutAnAnswerItSaysSoAndALateOneIsNobodys) {
  HttpAnswer late;
  Start({.answer_timeout = std::chrono::milliseconds(50)},
        [&](const HttpRequest&, HttpAnswer answer) { late = std::move(answer); });
  EXPECT_THAT(Exchange("GET / HTTP/1.1\r\nHost: x\r\n\r\n"), StartsWith("HTTP/1.1 503 "));
  EXPECT_THAT(refusals(), Contains(HttpRefusal::kNoAnswer));
  late({.body = "late"});
  server_->Stop();
  late({.body = "later still"});
}

TEST_F(HttpServerTest, StopsWhileAnAnswerIsWaitedFor) {
  std::promise<HttpAnswer> asked;
  Start({.answer_timeout = std::chrono::hours(1)},
        [&](const HttpRequest&, HttpAnswer answer) { asked.set_value(std::move(answer)); });
  const Client client(server_->port());
  client.Send("GET / HTTP/1.1\r\nHost: x\r\n\r\n");
  const HttpAnswer answer = asked.get_future().get();
  server_->Stop();
  EXPECT_EQ(client.ReadAll(), "");
  answer({.body = "nobody reads it"});
}

TEST(FormTest, ReadsWhatAFormSends) {
  const std::string form = "note=on+my%20way%0D%0A%26+back&for=4h&for=1h&empty=&flag";
  EXPECT_EQ(FormValue(form, "note"), "on my way\r\n& back");
  EXPECT_EQ(FormValue(form, "for"), "4h");
  EXPECT_EQ(FormValue(form, "empty"), "");
  EXPECT_EQ(FormValue(form, "flag"), "");
  EXPECT_EQ(FormValue(form, "other"), "");
  EXPECT_EQ(FormValue("a=%zz%4", "a"), "%zz%4");
}

}  // namespace
}  // namespace platen::service
