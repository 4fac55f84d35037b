// Who may come in, over mTLS: real certificates, on loopback.
#include <grpcpp/grpcpp.h>

#include "libs/tls/test_fixture.h"
#include "services/gateway/edge/fleet_server.h"
#include "services/gateway/edge/grpc_endpoint.h"
#include "services/gateway/edge/ingest_client.h"
#include "services/gateway/edge/ingest_server.h"
#include "services/gateway/edge/store_fixture.h"

namespace platen::gateway::testing {
namespace {

namespace config = platen::config::v1;
namespace fleet = platen::fleet::v1;

std::vector<config::Client> Clients() {
  config::Client relay;
  relay.set_name("relay");
  relay.set_role(config::ROLE_RELAY);
  relay.set_installation("default");
  config::Client partner;
  partner.set_name("spiffe://platen.test/partner");
  partner.set_role(config::ROLE_PARTNER);
  return {relay, partner};
}

class MtlsTest : public tls::testing::CredentialsTest {
 protected:
  MtlsTest() {
    Write("partner", ca_.Issue(tls::testing::Named("partner")));
    Write("stranger", ca_.Issue(tls::testing::Named("stranger")));
    server_credentials_ = Make("server");
    peers_ = std::make_unique<edge::TlsPeers>(Clients(), *server_credentials_);
    store_ = *edge::Store::Open({.file = directory_ / "gateway.db"}, clock_);
    readers_ = *edge::ReadPool::Start(*store_, 1);
    hub_ = std::make_unique<edge::AlertHub>(edge::AlertHubOptions{}, metrics_, clock_);
    ingest_ = std::make_unique<edge::IngestServer>(edge::IngestContext{.options = {},
                                                                       .store = *store_,
                                                                       .readers = *readers_,
                                                                       .peers = *peers_,
                                                                       .view = view_,
                                                                       .metrics = metrics_,
                                                                       .clock = clock_});
    fleet_ = std::make_unique<edge::FleetServer>(
        edge::FleetContext{*store_, *readers_, *peers_, view_, *hub_});
    endpoint_ = *edge::GrpcEndpoint::Start(
        "127.0.0.1:0", server_credentials_->ForServer(), {ingest_.get(), fleet_.get()});
  }

  ~MtlsTest() override {
    endpoint_.reset();
    readers_->Stop();
    store_->Stop();
  }

  std::shared_ptr<grpc::Channel> ChannelAs(tls::Credentials& credentials) {
    return tls::MakeChannel("localhost:" + std::to_string(endpoint_->port()), credentials);
  }

  grpc::Status AskStatus(tls::Credentials& credentials) {
    const auto stub = fleet::FleetService::NewStub(ChannelAs(credentials));
    grpc::ClientContext context;
    fleet::PipelineStatus status;
    return stub->GetPipelineStatus(&context, {}, &status);
  }

  service::Metrics registry_;
  edge::GatewayMetrics metrics_{registry_};
  edge::PipelineView view_{"gw", clock_};
  std::unique_ptr<tls::Credentials> server_credentials_;
  std::unique_ptr<edge::TlsPeers> peers_;
  std::unique_ptr<edge::Store> store_;
  std::unique_ptr<edge::ReadPool> readers_;
  std::unique_ptr<edge::AlertHub> hub_;
  std::unique_ptr<edge::IngestServer> ingest_;
  std::unique_ptr<edge::FleetServer> fleet_;
  std::unique_ptr<edge::GrpcEndpoint> endpoint_;
};

TEST_F(MtlsTest, ARelaySendsAndAPartnerAsks) {
  const auto relay = Make("client");
  Client stream(ChannelAs(*relay));
  EXPECT_TRUE(stream.Hello());
  EXPECT_EQ(AskStatus(*relay).error_code(), grpc::StatusCode::PERMISSION_DENIED);

  const auto partner = Make("partner");
  EXPECT_TRUE(AskStatus(*partner).ok());
  Client intruder(ChannelAs(*partner));
  EXPECT_FALSE(intruder.Hello());
  EXPECT_EQ(intruder.End().error_code(), grpc::StatusCode::PERMISSION_DENIED);
}

TEST_F(MtlsTest, ATrustedCertificateThatIsNotConfiguredIsRefusedByName) {
  const auto stranger = Make("stranger");
  const grpc::Status status = AskStatus(*stranger);

  EXPECT_EQ(status.error_code(), grpc::StatusCode::PERMISSION_DENIED);
  EXPECT_NE(status.error_message().find("stranger"), std::string::npos);
}

TEST_F(MtlsTest, ARevokedRelayIsCutWhileItsStreamIsOpen) {
  const tls::testing::Leaf leaf = ca_.Issue(tls::testing::Named("relay"));
  Write("client", leaf);
  const auto relay = Make("client");
  Client stream(ChannelAs(*relay));
  ASSERT_TRUE(stream.Hello());

  ca_.Revoke(leaf.cert_pem);
  Write("ca.crl", ca_.Crl());
  ASSERT_TRUE(server_credentials_->ReloadNow().ok());

  EXPECT_FALSE(stream.End().ok());
  Client again(ChannelAs(*relay));
  EXPECT_FALSE(again.Hello());
}

}  // namespace
}  // namespace platen::gateway::testing
