// Streams that are open when their peer loses our trust.

#include <gmock/gmock.h>
#include <grpcpp/grpcpp.h>
#include <gtest/gtest.h>

#include "libs/tls/test_fixture.h"

namespace platen::tls {
namespace {

using std::chrono::hours;
using testing::Call;
using testing::CredentialsTest;
using ::testing::ElementsAre;
using testing::Leaf;
using testing::Named;
using testing::OpenStream;
using testing::TestServer;

// Streams that a server watches, as a service's handler does.
class WatchedStreamTest : public CredentialsTest {
 protected:
  WatchedStreamTest() {
    relay_ = ca_.Issue(Named("relay"));
    gateway_ = ca_.Issue(Named("gateway"));
    Write("client", relay_);
    Write("server", gateway_);
  }

  testing::OnStream Watching(const std::unique_ptr<Credentials>& credentials) {
    return
        [&credentials](grpc::GenericCallbackServerContext* context, std::shared_ptr<void>* keep) {
          auto watch = credentials->Watch(
              *context->auth_context(), PeerRole::kClient, [context] { context->TryCancel(); });
          if (!watch.ok())
            return grpc::Status(grpc::StatusCode::UNAUTHENTICATED,
                                std::string(watch.status().message()));
          *keep = std::make_shared<PeerRegistry::Registration>(*std::move(watch));
          return grpc::Status::OK;
        };
  }

  void Revoke(const Leaf& leaf) {
    ca_.Revoke(leaf.cert_pem);
    Write("ca.crl", ca_.Crl());
  }

  Leaf relay_;
  Leaf gateway_;
};

TEST_F(WatchedStreamTest, AServerCutsTheStreamOfAClientRevokedMeanwhile) {
  const auto server_side = Make("server");
  const auto client_side = Make("client");
  const TestServer server(server_side->ForServer(), Watching(server_side));
  OpenStream stream(MakeChannel(server.target(), *client_side));
  ASSERT_TRUE(stream.WaitUntilOpen());
  EXPECT_TRUE(server_side->ReloadNow().ok());
  EXPECT_FALSE(stream.ended()) << "nothing has changed";

  Revoke(relay_);
  EXPECT_TRUE(server_side->ReloadNow().ok());

  EXPECT_EQ(stream.WaitUntilEnded().error_code(), grpc::StatusCode::CANCELLED);
  EXPECT_THAT(refusals(), ElementsAre("revoked"));
  EXPECT_EQ(message_,
            "client certificate 'CN=relay' refused: it has been revoked; issue a new one");
}

TEST_F(WatchedStreamTest, TheReloadThreadDoesSoByItself) {
  auto server_side = Credentials::Create({.files = {.cert_file = directory_ / "server.crt",
                                                    .key_file = directory_ / "server.key",
                                                    .ca_file = directory_ / "ca.pem",
                                                    .crl_file = directory_ / "ca.crl"},
                                          .reload_interval = std::chrono::milliseconds(20)},
                                         clock_);
  ASSERT_TRUE(server_side.ok());
  const auto client_side = Make("client");
  const TestServer server((*server_side)->ForServer(), Watching(*server_side));
  OpenStream stream(MakeChannel(server.target(), *client_side));
  ASSERT_TRUE(stream.WaitUntilOpen());

  Revoke(relay_);

  EXPECT_EQ(stream.WaitUntilEnded().error_code(), grpc::StatusCode::CANCELLED);
}

TEST_F(WatchedStreamTest, ARevokedClientGetsNoFurtherCallOnAnOpenConnection) {
  const auto server_side = Make("server");
  const auto client_side = Make("client");
  const TestServer server(server_side->ForServer(), Watching(server_side));
  const auto channel = MakeChannel(server.target(), *client_side);
  ASSERT_TRUE(Call(channel).ok());

  Revoke(relay_);
  ASSERT_TRUE(server_side->ReloadNow().ok());

  const grpc::Status status = Call(channel);
  EXPECT_EQ(status.error_code(), grpc::StatusCode::UNAUTHENTICATED);
  EXPECT_EQ(status.error_message(),
            "client certificate 'CN=relay' refused: it has been revoked; issue a new one");
}

TEST_F(WatchedStreamTest, AClientCutsItsStreamToAServerRevokedMeanwhile) {
  const auto server_side = Make("server");
  const auto client_side = Make("client");
  const TestServer server(server_side->ForServer());
  const auto channel = MakeChannel(server.target(), *client_side);
  OpenStream stream(channel);
  ASSERT_TRUE(stream.WaitUntilOpen());
  const auto watch = client_side->Watch(
      *stream.context().auth_context(), PeerRole::kServer, [&] { stream.context().TryCancel(); });
  ASSERT_TRUE(watch.ok()) << watch.status();
  EXPECT_EQ(client_side->watched_streams(), 1u);

  Revoke(gateway_);
  EXPECT_TRUE(client_side->ReloadNow().ok());

  EXPECT_EQ(stream.WaitUntilEnded().error_code(), grpc::StatusCode::CANCELLED);
  OpenStream again(channel);  // On the connection that is still open: no handshake asks.
  ASSERT_TRUE(again.WaitUntilOpen());
  EXPECT_EQ(
      client_side->Watch(*again.context().auth_context(), PeerRole::kServer, [] {}).status().code(),
      absl::StatusCode::kUnauthenticated);
}

TEST_F(WatchedStreamTest, AListThatBecomesStaleCutsWhatIsOpen) {
  const auto server_side = Make("server");
  const auto client_side = Make("client");
  const TestServer server(server_side->ForServer(), Watching(server_side));
  OpenStream stream(MakeChannel(server.target(), *client_side));
  ASSERT_TRUE(stream.WaitUntilOpen());

  Write("ca.crl", ca_.Crl({.last_update = -hours(2), .next_update = -hours(1)}));
  EXPECT_TRUE(server_side->ReloadNow().ok());

  EXPECT_EQ(stream.WaitUntilEnded().error_code(), grpc::StatusCode::CANCELLED);
  EXPECT_THAT(refusals(), ElementsAre("crl_stale"));
}

}  // namespace
}  // namespace platen::tls
