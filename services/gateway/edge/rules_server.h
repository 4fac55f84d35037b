// platen.rules.v1.RulesService over gRPC: what people order about alerts.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "platen/rules/v1/rules_service.grpc.pb.h"

#include "services/gateway/edge/gateway_metrics.h"
#include "services/gateway/edge/peers.h"
#include "services/gateway/edge/read_pool.h"
#include "services/gateway/edge/store.h"

namespace platen::gateway::edge {

// What the server needs; all outlive it.
struct RulesContext {
  Store& store;
  ReadPool& readers;
  Peers& peers;
  GatewayMetrics& metrics;
};

// Thread-safe. Questions are answered on the readers' threads, orders on the writing thread. Errors
// carry google.rpc.ErrorInfo.
class RulesServer final : public platen::rules::v1::RulesService::CallbackService {
 public:
  explicit RulesServer(RulesContext context) : context_(context) {}

  grpc::ServerUnaryReactor* ApplyRecords(
      grpc::CallbackServerContext* call,
      const platen::rules::v1::ApplyRecordsRequest* request,
      platen::rules::v1::ApplyRecordsResponse* response) override;
  grpc::ServerUnaryReactor* GetRecord(grpc::CallbackServerContext* call,
                                      const platen::rules::v1::GetRecordRequest* request,
                                      platen::rules::v1::Record* response) override;
  grpc::ServerUnaryReactor* ListRecords(grpc::CallbackServerContext* call,
                                        const platen::rules::v1::ListRecordsRequest* request,
                                        platen::rules::v1::ListRecordsResponse* response) override;
  grpc::ServerUnaryReactor* DeleteRecord(grpc::CallbackServerContext* call,
                                         const platen::rules::v1::DeleteRecordRequest* request,
                                         google::protobuf::Empty* response) override;
  grpc::ServerUnaryReactor* AcknowledgeAlert(
      grpc::CallbackServerContext* call,
      const platen::rules::v1::AcknowledgeAlertRequest* request,
      platen::rules::v1::Record* response) override;
  grpc::ServerUnaryReactor* ListAlertHistory(
      grpc::CallbackServerContext* call,
      const platen::rules::v1::ListAlertHistoryRequest* request,
      platen::rules::v1::ListAlertHistoryResponse* response) override;

 private:
  // `prepare`: what is to be done, on the writing thread. A refusal is counted.
  grpc::ServerUnaryReactor* Order(
      grpc::CallbackServerContext* call,
      const std::function<absl::StatusOr<Store::Apply>(const core::Caller&)>& prepare,
      std::function<void()> done);

  const RulesContext context_;
};

// Takes back what nobody needs any more; to be called about once a minute. What can't be queued is
// left to the next call.
void DropUselessRecords(Store& store, GatewayMetrics& metrics);

}  // namespace platen::gateway::edge
