// Certificates and authorities that change while a server runs.

#include <chrono>
#include <filesystem>
#include <thread>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "libs/tls/test_fixture.h"

namespace platen::tls {
namespace {

using ::testing::Contains;
using testing::CredentialsTest;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using testing::Leaf;
using testing::Named;
using testing::OpenStream;
using testing::RawConnect;
using testing::TestCa;
using testing::TestServer;

class ReloadTest : public CredentialsTest {
 protected:
  // The common name that a server shows now.
  std::string NameShownBy(const TestServer& server, Credentials& client_side) {
    OpenStream stream(MakeChannel(server.target(), client_side));
    if (!stream.WaitUntilOpen()) return stream.WaitUntilEnded().error_message();
    const auto peer = PeerOf(*stream.context().auth_context());
    return peer.ok() ? peer->common_name : std::string(peer.status().message());
  }

  // gRPC looks at what it is handed once a second.
  void ExpectToShow(const TestServer& server, Credentials& client_side, const std::string& name) {
    const auto deadline = std::chrono::steady_clock::now() + std::chrono::seconds(30);
    while (NameShownBy(server, client_side) != name &&
           std::chrono::steady_clock::now() < deadline) {
      std::this_thread::sleep_for(std::chrono::milliseconds(20));
    }
    EXPECT_EQ(NameShownBy(server, client_side), name);
  }
};

TEST_F(ReloadTest, ANewCertificateIsShownWithoutRestartAndOpenStreamsStay) {
  const auto server_side = Make("server");
  const auto client_side = Make("client");
  const TestServer server(server_side->ForServer());
  OpenStream stream(MakeChannel(server.target(), *client_side));
  ASSERT_TRUE(stream.WaitUntilOpen());

  Write("server", ca_.Issue(Named("renewed")));
  EXPECT_TRUE(server_side->ReloadNow().ok());

  ExpectToShow(server, *client_side, "renewed");
  EXPECT_FALSE(stream.ended());
  EXPECT_THAT(reloads_, ElementsAre(""));
}

TEST_F(ReloadTest, AMismatchedOrHalfWrittenPairKeepsTheFormerOne) {
  const auto server_side = Make("server");
  const auto client_side = Make("client");
  const TestServer server(server_side->ForServer());
  const Leaf renewed = ca_.Issue(Named("renewed"));

  Write("server.crt", renewed.cert_pem);
  EXPECT_THAT(std::string(server_side->ReloadNow().message()),
              HasSubstr("server.key is not the key of "));
  EXPECT_FALSE(server_side->ReloadNow().ok()) << "still so, and said once";
  EXPECT_EQ(NameShownBy(server, *client_side), "gateway");
  Write("server.key", renewed.key_pem.substr(0, 60));
  EXPECT_THAT(std::string(server_side->ReloadNow().message()),
              HasSubstr("server.key: no private key that can be read"));
  EXPECT_EQ(NameShownBy(server, *client_side), "gateway");
  Write("server.key", renewed.key_pem);
  EXPECT_TRUE(server_side->ReloadNow().ok());

  ExpectToShow(server, *client_side, "renewed");
  EXPECT_EQ(reloads_.size(), 3u);
}

TEST_F(ReloadTest, AFileThatIsGoneIsSaidOnceAndTheFormerOnesStay) {
  const auto server_side = Make("server");
  const auto client_side = Make("client");
  const TestServer server(server_side->ForServer());

  std::filesystem::remove(directory_ / "ca.crl");
  EXPECT_THAT(std::string(server_side->ReloadNow().message()), HasSubstr("ca.crl"));
  EXPECT_FALSE(server_side->ReloadNow().ok()) << "still so, and said once";
  EXPECT_EQ(NameShownBy(server, *client_side), "gateway");
  Write("ca.crl", ca_.Crl());
  EXPECT_TRUE(server_side->ReloadNow().ok());
  std::filesystem::remove(directory_ / "ca.crl");
  EXPECT_FALSE(server_side->ReloadNow().ok());

  EXPECT_THAT(reloads_, Contains(HasSubstr("ca.crl")).Times(2));
}

TEST_F(ReloadTest, ANewAuthorityIsTrustedBesideTheOld) {
  TestCa next("Next CA");
  const auto server_side = Make("server");
  const TestServer server(server_side->ForServer());
  const Leaf leaf = next.Issue(Named("relay"));
  EXPECT_FALSE(RawConnect(server.port(), {.leaf = leaf}).served);

  Write("ca.pem", ca_.cert_pem() + next.cert_pem());
  Write("ca.crl", ca_.Crl() + next.Crl());
  EXPECT_TRUE(server_side->ReloadNow().ok());

  EXPECT_TRUE(RawConnect(server.port(), {.leaf = leaf}).served);
  EXPECT_TRUE(RawConnect(server.port(), {.leaf = ca_.Issue(Named("relay"))}).served);
}

TEST_F(ReloadTest, AClientShowsItsNewCertificateOnANewChannel) {
  const auto server_side = Make("server");
  const auto client_side = Make("client");
  std::mutex mutex;
  std::string caller;
  const TestServer server(server_side->ForServer(),
                          [&](grpc::GenericCallbackServerContext* context, std::shared_ptr<void>*) {
                            const std::lock_guard lock(mutex);
                            caller = PeerOf(*context->auth_context())->common_name;
                            return grpc::Status::OK;
                          });
  Write("client", ca_.Issue(Named("renewed")));
  EXPECT_TRUE(client_side->ReloadNow().ok());

  const auto deadline = std::chrono::steady_clock::now() + std::chrono::seconds(30);
  while (std::chrono::steady_clock::now() < deadline) {
    OpenStream stream(MakeChannel(server.target(), *client_side));
    ASSERT_TRUE(stream.WaitUntilOpen());
    const std::lock_guard lock(mutex);
    if (caller == "renewed") break;
  }
  EXPECT_EQ(caller, "renewed");
}

}  // namespace
}  // namespace platen::tls
