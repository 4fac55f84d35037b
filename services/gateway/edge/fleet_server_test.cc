// Over real gRPC on loopback, without TLS: who the peer is says a fixture.
#include "services/gateway/edge/fleet_server.h"

#include <atomic>
#include <thread>

#include <gmock/gmock.h>
#include <grpcpp/grpcpp.h>

#include "services/gateway/edge/fixed_peers.h"
#include "services/gateway/edge/grpc_endpoint.h"
#include "services/gateway/edge/store_fixture.h"

namespace platen::gateway::testing {
namespace {

namespace config = platen::config::v1;
namespace ev = platen::event::v1;
namespace fleet = platen::fleet::v1;
using ::testing::HasSubstr;

constexpr auto kRaised = ev::ALERT_TRANSITION_RAISED;
constexpr auto kEnded = ev::ALERT_TRANSITION_ENDED;

class FleetServerTest : public StoreTest {
 protected:
  FleetServerTest() {
    peers_.caller = core::Caller{.name = "admin", .role = config::ROLE_ADMINISTRATOR};
    readers_ = *edge::ReadPool::Start(*store_, 2);
    hub_ = std::make_unique<edge::AlertHub>(
        edge::AlertHubOptions{.store_id = *reader_->StoreId(), .buffer_max = 50}, metrics_, clock_);
    store_->SetAlertListener(
        [this](const std::vector<edge::AlertChange>& changes) { hub_->Publish(changes); });
    server_ = std::make_unique<edge::FleetServer>(
        edge::FleetContext{*store_, *readers_, peers_, view_, *hub_});
    endpoint_ = *edge::GrpcEndpoint::Start(
        "127.0.0.1:0", grpc::InsecureServerCredentials(), {server_.get()});
    stub_ = fleet::FleetService::NewStub(grpc::CreateChannel(
        "127.0.0.1:" + std::to_string(endpoint_->port()), grpc::InsecureChannelCredentials()));
  }

  ~FleetServerTest() override {
    hub_->Drain();
    endpoint_.reset();
    readers_->Stop();
    store_->Stop();
  }

  grpc::Status Create(const std::string& address,
                      fleet::Target* target,
                      const std::string& request_id = "",
                      bool validate_only = false) {
    fleet::CreateTargetRequest request;
    request.set_parent("tenants/acme/sites/hq");
    request.mutable_target()->set_address(address);
    request.set_request_id(request_id);
    request.set_validate_only(validate_only);
    grpc::ClientContext context;
    return stub_->CreateTarget(&context, request, target);
  }

  // A stream of alerts from `token` on; ended by its destructor.
  struct Watch {
    Watch(fleet::FleetService::Stub& stub,
          const std::string& token,
          const std::string& filter = "") {
      fleet::WatchAlertsRequest request;
      request.set_filter(filter);
      request.set_parent("tenants/-/sites/-");
      request.set_resume_token(token);
      context.set_deadline(std::chrono::system_clock::now() + std::chrono::seconds(60));
      reader = stub.WatchAlerts(&context, request);
    }

    ~Watch() { context.TryCancel(); }

    fleet::WatchAlertsResponse Next() {
      fleet::WatchAlertsResponse response;
      if (!reader->Read(&response)) response.Clear();
      return response;
    }

    grpc::ClientContext context;
    std::unique_ptr<grpc::ClientReader<fleet::WatchAlertsResponse>> reader;
  };

  FixedPeers peers_;
  service::Metrics registry_;
  edge::GatewayMetrics metrics_{registry_};
  edge::PipelineView view_{"gw", clock_};
  std::unique_ptr<edge::ReadPool> readers_;
  std::unique_ptr<edge::AlertHub> hub_;
  std::unique_ptr<edge::FleetServer> server_;
  std::unique_ptr<edge::GrpcEndpoint> endpoint_;
  std::unique_ptr<fleet::FleetService::Stub> stub_;
};

TEST_F(FleetServerTest, ATargetIsADeviceFromThenOn) {
  fleet::Target target;
  ASSERT_TRUE(Create("10.0.0.1", &target).ok());
  EXPECT_EQ(target.uid().size(), 32U);

  fleet::GetDeviceRequest request;
  request.set_name("tenants/acme/sites/hq/devices/" + target.uid());
  grpc::ClientContext context;
  fleet::Device device;
  ASSERT_TRUE(stub_->GetDevice(&context, request, &device).ok());
  EXPECT_EQ(device.state(), fleet::Device::STATE_PENDING);
  EXPECT_EQ(StoreEvents({maker_.Meters(*base::DeviceId::FromHex(target.uid()), 1, 5)})->stored, 1U);
}

TEST_F(FleetServerTest, ARepeatedRequestIdAnswersTheSame) {
  const std::string id = "123e4567-e89b-12d3-a456-426614174000";
  fleet::Target first;
  fleet::Target again;
  ASSERT_TRUE(Create("10.0.0.1", &first, id).ok());
  ASSERT_TRUE(Create("10.0.0.1", &again, id).ok());
  EXPECT_EQ(first.uid(), again.uid());
}

TEST_F(FleetServerTest, WhatIsOnlyValidatedIsNotRegistered) {
  fleet::Target target;
  ASSERT_TRUE(Create("10.0.0.1", &target, "", true).ok());
  EXPECT_EQ(target.uid(), "");
  EXPECT_EQ(reader_->CountDirectives().value(), 0);

  ASSERT_TRUE(Create("10.0.0.1", &target).ok());
  EXPECT_EQ(Create("10.0.0.1", &target, "", true).error_code(), grpc::StatusCode::ALREADY_EXISTS);
}

TEST_F(FleetServerTest, ErrorsCarryAReason) {
  fleet::Target target;
  const grpc::Status status = Create("no address", &target);

  EXPECT_EQ(status.error_code(), grpc::StatusCode::INVALID_ARGUMENT);
  EXPECT_THAT(status.error_details(), HasSubstr("google.rpc.ErrorInfo"));
  EXPECT_THAT(status.error_details(), HasSubstr("INVALID_ARGUMENT"));
}

TEST_F(FleetServerTest, APartnerReadsItsTenantsAndRegistersNothing) {
  ASSERT_TRUE(Register(Device(1), "10.0.0.1").ok());
  peers_.caller = core::Caller{.name = "p", .role = config::ROLE_PARTNER, .tenants = {"globex"}};
  fleet::Target target;
  EXPECT_EQ(Create("10.0.0.2", &target).error_code(), grpc::StatusCode::PERMISSION_DENIED);

  fleet::ListDevicesRequest all;
  all.set_parent("tenants/-/sites/-");
  fleet::ListDevicesResponse devices;
  grpc::ClientContext list;
  ASSERT_TRUE(stub_->ListDevices(&list, all, &devices).ok());
  EXPECT_EQ(devices.total_size(), 0);

  all.set_parent("tenants/acme/sites/-");
  grpc::ClientContext foreign;
  EXPECT_EQ(stub_->ListDevices(&foreign, all, &devices).error_code(),
            grpc::StatusCode::PERMISSION_DENIED);
}

TEST_F(FleetServerTest, ARelayReadsNothing) {
  peers_.caller = core::Caller{.name = "relay", .role = config::ROLE_RELAY};
  fleet::PipelineStatus status;
  grpc::ClientContext context;
  EXPECT_EQ(stub_->GetPipelineStatus(&context, {}, &status).error_code(),
            grpc::StatusCode::PERMISSION_DENIED);
}

TEST_F(FleetServerTest, AWatchBeginsWithWhatIsOpenAndGoesOnWithChanges) {
  ASSERT_TRUE(Register(Device(1), "10.0.0.1").ok());
  ASSERT_TRUE(StoreEvents({maker_.Jam(Device(1), 1, kRaised),
                           maker_.Jam(Device(1), 2, kRaised),
                           maker_.Jam(Device(1), 1, kEnded)})
                  .ok());
  Watch watch(*stub_, "");

  const auto open = watch.Next();
  EXPECT_EQ(open.alert().alert().alert_id(), "jam/2");
  EXPECT_THAT(open.alert().name(), HasSubstr("/alerts/jam%2F2"));
  EXPECT_EQ(open.resume_token(), "");
  EXPECT_TRUE(watch.Next().has_synced());

  ASSERT_TRUE(StoreEvents({maker_.Jam(Device(1), 2, kEnded)}).ok());
  const auto ended = watch.Next();
  EXPECT_EQ(ended.alert().alert().alert_id(), "jam/2");
  EXPECT_FALSE(ended.alert().open());
  EXPECT_NE(ended.resume_token(), "");
}

TEST_F(FleetServerTest, AWatchGoesOnFromItsToken) {
  ASSERT_TRUE(Register(Device(1), "10.0.0.1").ok());
  std::string token;
  {
    Watch watch(*stub_, "");
    token = watch.Next().resume_token();
    ASSERT_NE(token, "");
  }
  ASSERT_TRUE(StoreEvents({maker_.Jam(Device(1), 1, kRaised)}).ok());
  ASSERT_TRUE(StoreEvents({maker_.Jam(Device(1), 1, kEnded)}).ok());

  Watch again(*stub_, token);

  EXPECT_FALSE(again.Next().alert().open()) << "closed alerts are told to whoever goes on";
  EXPECT_TRUE(again.Next().has_synced());
}

TEST_F(FleetServerTest, AFilterChoosesAlertsPageByPage) {
  ASSERT_TRUE(Register(Device(1), "10.0.0.1").ok());
  for (std::uint64_t i = 1; i <= 6; ++i) {
    ev::Event jam = maker_.Jam(Device(1), i, kRaised);
    jam.mutable_alert()->set_where(i % 2 == 0 ? "Tray 2" : "Duplexer");
    ASSERT_TRUE(StoreEvents({jam}).ok());
  }
  fleet::ListAlertsRequest request;
  request.set_parent("tenants/-/sites/-/devices/-");
  request.set_filter("category = jam AND text : duplexer");
  request.set_page_size(2);
  std::vector<std::string> found;
  do {
    fleet::ListAlertsResponse response;
    grpc::ClientContext context;
    ASSERT_TRUE(stub_->ListAlerts(&context, request, &response).ok());
    for (const auto& alert : response.alerts()) found.push_back(alert.alert().where());
    request.set_page_token(response.next_page_token());
  } while (!request.page_token().empty());
  EXPECT_THAT(found, ::testing::ElementsAre("Duplexer", "Duplexer", "Duplexer"));

  request.set_filter("colour = red");
  fleet::ListAlertsResponse response;
  grpc::ClientContext context;
  const grpc::Status refused = stub_->ListAlerts(&context, request, &response);
  EXPECT_EQ(refused.error_code(), grpc::StatusCode::INVALID_ARGUMENT);
  EXPECT_THAT(refused.error_message(), HasSubstr("no such field"));
}

TEST_F(FleetServerTest, EventsOfAlertsComePageByPageToWhoeverMaySeeThem) {
  ASSERT_TRUE(Register(Device(1), "10.0.0.1").ok());
  for (std::uint64_t i = 1; i <= 5; ++i) {
    ASSERT_TRUE(StoreEvents({maker_.Jam(Device(1), i, kRaised)}).ok());
  }
  fleet::ListAlertEventsRequest request;
  request.set_parent("tenants/-/sites/-");
  request.set_page_size(2);
  std::vector<std::uint64_t> instances;
  do {
    fleet::ListAlertEventsResponse response;
    grpc::ClientContext context;
    ASSERT_TRUE(stub_->ListAlertEvents(&context, request, &response).ok());
    for (const auto& each : response.records()) {
      instances.push_back(each.event().alert().instance());
    }
    request.set_page_token(response.next_page_token());
  } while (!request.page_token().empty());
  EXPECT_THAT(instances, ::testing::ElementsAre(1, 2, 3, 4, 5));

  peers_.caller = core::Caller{.name = "p", .role = config::ROLE_PARTNER, .tenants = {"globex"}};
  fleet::ListAlertEventsResponse foreign;
  grpc::ClientContext anywhere;
  ASSERT_TRUE(stub_->ListAlertEvents(&anywhere, request, &foreign).ok());
  EXPECT_EQ(foreign.records_size(), 0);
  request.set_parent("tenants/acme/sites/-");
  grpc::ClientContext acme;
  EXPECT_EQ(stub_->ListAlertEvents(&acme, request, &foreign).error_code(),
            grpc::StatusCode::PERMISSION_DENIED);
  request.set_parent("tenants/globex/sites/-");
  request.set_page_token("of another question");
  grpc::ClientContext wrong;
  EXPECT_EQ(stub_->ListAlertEvents(&wrong, request, &foreign).error_code(),
            grpc::StatusCode::INVALID_ARGUMENT);
}

TEST_F(FleetServerTest, AStreamTellsOnlyWhatItsFilterTakes) {
  ASSERT_TRUE(Register(Device(1), "10.0.0.1").ok());
  const auto jam = [&](std::uint64_t i, const std::string& where) {
    ev::Event event = maker_.Jam(Device(1), i, kRaised);
    event.mutable_alert()->set_where(where);
    return event;
  };
  ASSERT_TRUE(StoreEvents({jam(1, "Tray 1"), jam(2, "Duplexer")}).ok());
  Watch watch(*stub_, "", "text : duplexer");
  EXPECT_EQ(watch.Next().alert().alert().where(), "Duplexer");
  ASSERT_TRUE(watch.Next().has_synced());
  ASSERT_TRUE(StoreEvents({jam(3, "Tray 1"), jam(4, "Duplexer")}).ok());
  const auto change = watch.Next();
  EXPECT_EQ(change.alert().alert().where(), "Duplexer");

  // Resumed, it passes over the same.
  ASSERT_TRUE(StoreEvents({jam(5, "Tray 1"), jam(6, "Duplexer")}).ok());
  Watch again(*stub_, change.resume_token(), "text : duplexer");
  EXPECT_EQ(again.Next().alert().alert().where(), "Duplexer");
  EXPECT_TRUE(again.Next().has_synced());

  Watch open(*stub_, "", "open = true");
  open.Next();
  EXPECT_EQ(open.reader->Finish().error_code(), grpc::StatusCode::INVALID_ARGUMENT);
}

TEST_F(FleetServerTest, AnUnknownTokenIsOutOfRange) {
  Watch watch(*stub_, "bm9uc2Vuc2U");
  watch.Next();
  EXPECT_EQ(watch.reader->Finish().error_code(), grpc::StatusCode::OUT_OF_RANGE);
}

TEST_F(FleetServerTest, SilenceIsKeptAlive) {
  Watch watch(*stub_, "");
  ASSERT_TRUE(watch.Next().has_synced());

  // The write's completion is not ours to see: ask until it is through.
  std::atomic<bool> alive = false;
  std::thread ticker([&] {
    for (int i = 0; i < 600 && !alive; ++i) {
      clock_.Advance(std::chrono::seconds(11));
      hub_->Tick();
      std::this_thread::sleep_for(std::chrono::milliseconds(50));
    }
  });
  EXPECT_TRUE(watch.Next().has_keep_alive());
  alive = true;
  ticker.join();
}

TEST_F(FleetServerTest, ASlowReaderIsEndedAndMayGoOn) {
  ASSERT_TRUE(Register(Device(1), "10.0.0.1").ok());
  Watch watch(*stub_, "");
  const auto synced = watch.Next();
  ASSERT_TRUE(synced.has_synced());

  // Nobody reads: gRPC's own buffers fill first, then ours.
  for (std::uint64_t batch = 0; batch < 200 && metrics_.watch_streams_too_slow.Value() == 0;
       ++batch) {
    std::vector<ev::Event> jams;
    for (std::uint64_t i = 0; i < 20; ++i) {
      ev::Event jam = maker_.Jam(Device(1), batch * 20 + i + 1, kRaised);
      jam.mutable_alert()->set_description(std::string(20'000, 'x'));
      jams.push_back(std::move(jam));
    }
    ASSERT_TRUE(StoreEvents(jams).ok());
  }
  std::string token = synced.resume_token();
  while (true) {
    const auto response = watch.Next();
    if (!response.has_alert()) break;
    token = response.resume_token();
  }
  const grpc::Status ended = watch.reader->Finish();
  EXPECT_EQ(ended.error_code(), grpc::StatusCode::RESOURCE_EXHAUSTED);
  EXPECT_THAT(ended.error_details(), HasSubstr("SLOW_READER"));
  EXPECT_THAT(ended.error_details(), HasSubstr(token)) << "it is told where to go on";

  Watch again(*stub_, token);
  EXPECT_TRUE(again.Next().has_alert());
}

TEST_F(FleetServerTest, ThePipelineShowsItsHops) {
  ASSERT_TRUE(Register(Device(1), "10.0.0.1").ok());
  ASSERT_TRUE(StoreEvents({maker_.Jam(Device(1), 1, kRaised)}).ok());
  fleet::PipelineStatus status;
  grpc::ClientContext context;
  ASSERT_TRUE(stub_->GetPipelineStatus(&context, {}, &status).ok());

  EXPECT_EQ(status.events_stored(), 1U);
  EXPECT_EQ(status.open_alerts(), 1);
  EXPECT_EQ(status.devices_by_state().at("STATE_ALERT"), 1);
  ASSERT_EQ(status.hops_size(), 1);
  EXPECT_EQ(status.hops(0).role(), "gateway");
}

TEST_F(FleetServerTest, TheSlowestPrintersAreThoseOfTheRegistry) {
  ASSERT_TRUE(Register(Device(1), "10.0.0.1").ok());
  platen::event::v1::Event event = maker_.Heartbeat(1, 40);
  for (const base::DeviceId& device : {Device(2), Device(1)}) {
    auto* slow = event.mutable_heartbeat()->add_slowest();
    slow->set_device_id(std::string(device.bytes()));
    slow->set_requests(3);
  }
  event.mutable_heartbeat()->add_slowest()->set_device_id("no id");
  event.mutable_heartbeat()->add_partitions()->set_devices(7);
  const std::string bytes = event.SerializeAsString();
  view_.OnArrived("default", "relay", store_->Admit({bytes}, {.installation = "default"}));
  fleet::PipelineStatus status;
  grpc::ClientContext context;
  ASSERT_TRUE(stub_->GetPipelineStatus(&context, {}, &status).ok());

  ASSERT_EQ(status.hops_size(), 3);
  const fleet::PipelineStatus::Hop& collector = status.hops(0);
  EXPECT_EQ(collector.role(), "collector");
  EXPECT_EQ(collector.installation(), "default");
  EXPECT_EQ(collector.partitions(0).devices(), 7U);
  ASSERT_EQ(collector.slowest_size(), 1) << "nobody knows the others";
  EXPECT_THAT(collector.slowest(0).device(), HasSubstr("tenants/acme/sites/hq/devices/"));
  EXPECT_EQ(collector.slowest(0).address(), "10.0.0.1");
  EXPECT_EQ(collector.slowest(0).display_name(), "Printer 10.0.0.1");
  EXPECT_EQ(collector.slowest(0).reading().requests(), 3U);
}

}  // namespace
}  // namespace platen::gateway::testing
