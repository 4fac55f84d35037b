// Over real gRPC on loopback, without TLS: who the peer is says a fixture.
#include "services/gateway/edge/ingest_server.h"

#include <gmock/gmock.h>
#include <grpcpp/grpcpp.h>

#include "libs/base/real_clock.h"
#include "services/gateway/edge/fixed_peers.h"
#include "services/gateway/edge/grpc_endpoint.h"
#include "services/gateway/edge/ingest_client.h"
#include "services/gateway/edge/store_fixture.h"

namespace platen::gateway::testing {
namespace {

namespace ev = platen::event::v1;
namespace ingest = platen::ingest::v1;

class IngestServerTest : public StoreTest {
 protected:
  IngestServerTest() {
    Register(Device(1), "10.0.0.1").IgnoreError();
    readers_ = *edge::ReadPool::Start(*store_, 1);
    server_ = std::make_unique<edge::IngestServer>(
        edge::IngestContext{.options = {.server_name = "gw",
                                        .window_batches = 4,
                                        // A test's clock jumps.
                                        .patience = std::chrono::hours(24)},
                            .store = *store_,
                            .readers = *readers_,
                            .peers = peers_,
                            .view = view_,
                            .metrics = metrics_,
                            .clock = stream_clock_});
    store_->SetDirectiveListener(
        [this](const std::string& installation) { server_->OnDirectives(installation); });
    endpoint_ = *edge::GrpcEndpoint::Start(
        "127.0.0.1:0", grpc::InsecureServerCredentials(), {server_.get()});
  }

  ~IngestServerTest() override {
    endpoint_.reset();
    readers_->Stop();
    store_->Stop();
  }

  int port() const { return endpoint_->port(); }

  FixedPeers peers_;
  base::RealClock real_clock_;
  base::SimClock stream_clock_;
  service::Metrics registry_;
  edge::GatewayMetrics metrics_{registry_};
  edge::PipelineView view_{"gw", stream_clock_};
  std::unique_ptr<edge::ReadPool> readers_;
  std::unique_ptr<edge::IngestServer> server_;
  std::unique_ptr<edge::GrpcEndpoint> endpoint_;
};

TEST_F(IngestServerTest, ABatchIsAcknowledgedWhenItIsStored) {
  Client client(port());
  ASSERT_TRUE(client.Hello());

  client.Send(1, {maker_.Meters(Device(1), 490000, 100), maker_.Meters(Device(9), 1, 1)});
  const ingest::ExchangeResponse answer = client.Next();

  ASSERT_TRUE(answer.batch_ack().has_accepted()) << answer.ShortDebugString();
  EXPECT_EQ(answer.batch_ack().number(), 1U);
  ASSERT_EQ(answer.batch_ack().accepted().refusals_size(), 1);
  EXPECT_EQ(answer.batch_ack().accepted().refusals(0).index(), 1U);
  EXPECT_EQ(answer.batch_ack().accepted().refusals(0).reason(),
            ingest::REFUSAL_REASON_UNREGISTERED_DEVICE);
  EXPECT_EQ(reader_->GetDevice({"acme", "hq"}, Device(1))->total_impressions(), 100U);
  EXPECT_TRUE(client.End().ok());
}

TEST_F(IngestServerTest, AFailingStoreRewindsAndGoesOnWhereItFailed) {
  Client client(port());
  ASSERT_TRUE(client.Hello());
  std::vector<ev::Event> events;
  for (std::uint64_t slot = 1; slot <= 3; ++slot) {
    events.push_back(maker_.Meters(Device(1), slot, slot));
    events.back().mutable_meter_reading()->set_profile(std::string(100'000, 'x'));
  }

  ASSERT_TRUE(store_->LimitPagesForTest(1).ok());
  for (std::uint64_t number = 1; number <= 3; ++number) client.Send(number, {events[number - 1]});
  for (std::uint64_t number = 1; number <= 3; ++number) {
    const ingest::BatchAck ack = client.Next().batch_ack();
    EXPECT_EQ(ack.number(), number) << "answers come in the order of the batches";
    EXPECT_EQ(ack.rewind().next_number(), 1U) << ack.ShortDebugString();
    EXPECT_NE(ack.rewind().detail(), "");
  }

  ASSERT_TRUE(store_->LimitPagesForTest(1'000'000).ok());
  for (std::uint64_t number = 1; number <= 3; ++number) client.Send(number, {events[number - 1]});
  for (std::uint64_t number = 1; number <= 3; ++number) {
    EXPECT_TRUE(client.Next().batch_ack().has_accepted());
  }
  EXPECT_EQ(store_->status().counts.stored, 3);
}

TEST_F(IngestServerTest, ProtocolErrorsEndTheStreamWithWords) {
  Client no_hello(port());
  no_hello.Send(1, {maker_.Meters(Device(1), 1, 1)});
  EXPECT_EQ(no_hello.End().error_code(), grpc::StatusCode::INVALID_ARGUMENT);

  Client hole(port());
  ASSERT_TRUE(hole.Hello());
  hole.Send(2, {maker_.Meters(Device(1), 1, 1)});
  const grpc::Status status = hole.End();
  EXPECT_EQ(status.error_code(), grpc::StatusCode::INVALID_ARGUMENT);
  EXPECT_NE(status.error_message().find("batch 2"), std::string::npos);
}

TEST_F(IngestServerTest, ARelaySpeaksForItsOwnInstallationOnly) {
  Client client(port());
  EXPECT_FALSE(client.Hello(false, "another"));
  EXPECT_EQ(client.End().error_code(), grpc::StatusCode::PERMISSION_DENIED);

  peers_.caller = absl::PermissionDeniedError("stranger");
  Client stranger(port());
  EXPECT_EQ(stranger.End().error_code(), grpc::StatusCode::PERMISSION_DENIED);
}

TEST_F(IngestServerTest, DirectivesComeUntilTheyAreAcknowledged) {
  {
    Client client(port());
    ASSERT_TRUE(client.Hello(true));
    EXPECT_EQ(client.Next().directive().number(), 1U);
    // One that is given while the stream is open.
    ASSERT_TRUE(Register(Device(2), "10.0.0.2").ok());
    EXPECT_EQ(client.Next().directive().target().address(), "10.0.0.2");
  }
  Client again(port());
  ASSERT_TRUE(again.Hello(true));
  EXPECT_EQ(again.Next().directive().number(), 1U) << "it was not acknowledged";
  again.Ack(1);
  EXPECT_EQ(again.Next().directive().number(), 2U);
  again.Ack(2);
  EXPECT_TRUE(again.End().ok());
  EXPECT_TRUE(store_->LimitPagesForTest(1'000'000).ok());  // Behind the acknowledgements.
  EXPECT_EQ(reader_->CountDirectives().value(), 0);
}

TEST_F(IngestServerTest, AnOldStreamIsEndedAndMayBeOpenedAnew) {
  Client client(port());
  ASSERT_TRUE(client.Hello());
  stream_clock_.Advance(std::chrono::hours(2));
  server_->Tick();
  EXPECT_EQ(client.End().error_code(), grpc::StatusCode::UNAVAILABLE);
}

TEST_F(IngestServerTest, APeerThatIsNoLongerTrustedIsCut) {
  Client client(port());
  ASSERT_TRUE(client.Hello());
  peers_.cut();
  EXPECT_EQ(client.End().error_code(), grpc::StatusCode::CANCELLED);
}

TEST_F(IngestServerTest, DrainAnswersWhatWasTakenAndRefusesNewStreams) {
  Client client(port());
  ASSERT_TRUE(client.Hello());
  client.Send(1, {maker_.Meters(Device(1), 1, 1)});
  EXPECT_TRUE(client.Next().batch_ack().has_accepted());

  server_->Drain();

  EXPECT_EQ(client.End().error_code(), grpc::StatusCode::UNAVAILABLE);
  Client late(port());
  EXPECT_EQ(late.End().error_code(), grpc::StatusCode::UNAVAILABLE);
}

}  // namespace
}  // namespace platen::gateway::testing
