// Over real gRPC on loopback, without TLS: who the peer is says a fixture.
#include "services/gateway/edge/rules_server.h"

#include <gmock/gmock.h>
#include <google/protobuf/text_format.h>
#include <grpcpp/grpcpp.h>

#include "services/gateway/edge/fixed_peers.h"
#include "services/gateway/edge/grpc_endpoint.h"
#include "services/gateway/edge/store_fixture.h"

namespace platen::gateway::testing {
namespace {

namespace config = platen::config::v1;
namespace ev = platen::event::v1;
namespace rules_v1 = platen::rules::v1;
using ::testing::HasSubstr;

class RulesServerTest : public StoreTest {
 protected:
  RulesServerTest() {
    peers_.caller = core::Caller{.name = "jane", .role = config::ROLE_ADMINISTRATOR};
    readers_ = *edge::ReadPool::Start(*store_, 2);
    server_ = std::make_unique<edge::RulesServer>(
        edge::RulesContext{*store_, *readers_, peers_, metrics_});
    endpoint_ = *edge::GrpcEndpoint::Start(
        "127.0.0.1:0", grpc::InsecureServerCredentials(), {server_.get()});
    stub_ = rules_v1::RulesService::NewStub(grpc::CreateChannel(
        "127.0.0.1:" + std::to_string(endpoint_->port()), grpc::InsecureChannelCredentials()));
  }

  ~RulesServerTest() override {
    endpoint_.reset();
    readers_->Stop();
    store_->Stop();
  }

  grpc::Status Apply(const std::string& text) {
    rules_v1::ApplyRecordsRequest request;
    EXPECT_TRUE(google::protobuf::TextFormat::ParseFromString(text, &request)) << text;
    grpc::ClientContext context;
    return stub_->ApplyRecords(&context, request, &answer_);
  }

  rules_v1::ListRecordsResponse List(const std::string& text = "") {
    rules_v1::ListRecordsRequest request;
    EXPECT_TRUE(google::protobuf::TextFormat::ParseFromString(text, &request)) << text;
    grpc::ClientContext context;
    rules_v1::ListRecordsResponse response;
    last_ = stub_->ListRecords(&context, request, &response);
    return response;
  }

  FixedPeers peers_;
  service::Metrics registry_;
  edge::GatewayMetrics metrics_{registry_};
  std::unique_ptr<edge::ReadPool> readers_;
  std::unique_ptr<edge::RulesServer> server_;
  std::unique_ptr<edge::GrpcEndpoint> endpoint_;
  std::unique_ptr<rules_v1::RulesService::Stub> stub_;
  rules_v1::ApplyRecordsResponse answer_;
  grpc::Status last_;
};

TEST_F(RulesServerTest, ASetIsTakenWholeOrNotAtAll) {
  const grpc::Status refused = Apply(
      "records { name: 'rules/a' rule {} } records { name: 'rules/b' rule { rate { pages: 1 } } }");
  EXPECT_EQ(refused.error_code(), grpc::StatusCode::INVALID_ARGUMENT);
  EXPECT_THAT(refused.error_message(), HasSubstr("records[1]"));
  EXPECT_EQ(List().records_size(), 0);
  EXPECT_EQ(metrics_.record_orders_refused.Value(), 1u);

  ASSERT_TRUE(
      Apply("records { name: 'rules/a' rule {} } records { name: 'rules/b' rule {} }").ok());
  EXPECT_EQ(List().records_size(), 2);
}

TEST_F(RulesServerTest, WhatIsOnlyValidatedIsNotSet) {
  ASSERT_TRUE(Apply("validate_only: true records { name: 'rules/a' rule { hours: 'x' } }").ok());
  ASSERT_EQ(answer_.changes_size(), 1);
  EXPECT_EQ(answer_.changes(0).kind(), rules_v1::RecordChange::KIND_CREATED);
  EXPECT_THAT(answer_.missing(), ::testing::ElementsAre("rules/a: calendar 'x'"));
  EXPECT_EQ(List().records_size(), 0);
}

TEST_F(RulesServerTest, ATenantsCallerIsKeptFromWhatIsOthers) {
  ASSERT_TRUE(Apply("records { name: 'rules/a' rule {} }"
                    " records { name: 'tenants/globex/rules/g' rule {} }")
                  .ok());
  peers_.caller =
      core::Caller{.name = "bob", .role = config::ROLE_ADMINISTRATOR, .tenants = {"acme"}};
  constexpr auto kDenied = grpc::StatusCode::PERMISSION_DENIED;
  EXPECT_EQ(Apply("records { name: 'rules/x' rule {} }").error_code(), kDenied);
  EXPECT_EQ(Apply("records { name: 'tenants/globex/rules/g' rule {} }").error_code(), kDenied);
  EXPECT_EQ(Apply("parent: 'tenants/globex' prune: true").error_code(), kDenied);
  EXPECT_EQ(List().records_size(), 0);
  EXPECT_TRUE(last_.ok());
  List("parent: 'tenants/globex'");
  EXPECT_EQ(last_.error_code(), kDenied);
  for (const char* name : {"rules/a", "tenants/globex/rules/g"}) {
    rules_v1::GetRecordRequest get;
    get.set_name(name);
    rules_v1::Record record;
    grpc::ClientContext getting;
    EXPECT_EQ(stub_->GetRecord(&getting, get, &record).error_code(), kDenied);
    rules_v1::DeleteRecordRequest remove;
    remove.set_name(name);
    google::protobuf::Empty empty;
    grpc::ClientContext removing;
    EXPECT_EQ(stub_->DeleteRecord(&removing, remove, &empty).error_code(), kDenied);
  }
  ASSERT_TRUE(Apply("records { name: 'tenants/acme/rules/x' rule {} }").ok());
  EXPECT_EQ(List().records_size(), 1);
}

TEST_F(RulesServerTest, APageGoesOnWhereTheOneBeforeEnded) {
  ASSERT_TRUE(
      Apply("records { name: 'rules/a' rule {} } records { name: 'rules/b' rule {} }").ok());
  const auto first = List("page_size: 1");
  ASSERT_EQ(first.records_size(), 1);
  const auto second = List("page_size: 1 page_token: '" + first.next_page_token() + "'");
  ASSERT_EQ(second.records_size(), 1);
  EXPECT_EQ(second.records(0).name(), "rules/b");
  EXPECT_EQ(second.next_page_token(), "");
  List("page_token: '" + first.next_page_token() + "' collections: 'rules'");
  EXPECT_EQ(last_.error_code(), grpc::StatusCode::INVALID_ARGUMENT);
  List("collections: 'rule'");
  EXPECT_THAT(last_.error_message(), HasSubstr("did you mean 'rules'?"));
}

TEST_F(RulesServerTest, AnAlertIsAcknowledgedByWhoeverCalls) {
  ASSERT_TRUE(Register(Device(1), "10.0.0.1").ok());
  ASSERT_TRUE(StoreEvents({maker_.Jam(Device(1), 3, ev::ALERT_TRANSITION_RAISED)}).ok());
  rules_v1::AcknowledgeAlertRequest request;
  request.set_name("tenants/acme/sites/hq/devices/" + Device(1).ToHex() + "/alerts/jam%2F3");
  request.mutable_ttl()->set_seconds(4 * 3600);
  request.set_note("on my way");
  rules_v1::Record record;
  grpc::ClientContext context;
  const grpc::Status status = stub_->AcknowledgeAlert(&context, request, &record);
  ASSERT_TRUE(status.ok()) << status.error_message();
  EXPECT_EQ(record.author(), "jane");
  EXPECT_EQ(record.acknowledgement().instance(), 3u);
  EXPECT_EQ(metrics_.acknowledgements.Value(), 1u);

  peers_.caller =
      core::Caller{.name = "bob", .role = config::ROLE_ADMINISTRATOR, .tenants = {"globex"}};
  grpc::ClientContext foreign;
  EXPECT_EQ(stub_->AcknowledgeAlert(&foreign, request, &record).error_code(),
            grpc::StatusCode::PERMISSION_DENIED);
  rules_v1::ListAlertHistoryRequest ask;
  ask.set_name(request.name());
  rules_v1::ListAlertHistoryResponse history;
  grpc::ClientContext asking;
  EXPECT_EQ(stub_->ListAlertHistory(&asking, ask, &history).error_code(),
            grpc::StatusCode::PERMISSION_DENIED);
}

}  // namespace
}  // namespace platen::gateway::testing
