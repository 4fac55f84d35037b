// fleet.v1 over gRPC: what partners and platenctl ask and order.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "platen/fleet/v1/fleet.grpc.pb.h"

#include "services/gateway/edge/alert_hub.h"
#include "services/gateway/edge/peers.h"
#include "services/gateway/edge/pipeline_view.h"
#include "services/gateway/edge/read_pool.h"
#include "services/gateway/edge/store.h"

namespace platen::gateway::edge {

// What the server needs; all outlive it.
struct FleetContext {
  Store& store;
  ReadPool& readers;
  Peers& peers;
  PipelineView& view;
  AlertHub& alerts;
};

// Thread-safe. Questions are answered on the readers' threads, orders on the writing thread; gRPC's
// own never wait. Errors carry google.rpc.ErrorInfo.
class FleetServer final : public platen::fleet::v1::FleetService::CallbackService {
 public:
  explicit FleetServer(FleetContext context) : context_(context) {}

  grpc::ServerUnaryReactor* GetDevice(grpc::CallbackServerContext* call,
                                      const platen::fleet::v1::GetDeviceRequest* request,
                                      platen::fleet::v1::Device* response) override;
  grpc::ServerUnaryReactor* ListDevices(grpc::CallbackServerContext* call,
                                        const platen::fleet::v1::ListDevicesRequest* request,
                                        platen::fleet::v1::ListDevicesResponse* response) override;
  grpc::ServerUnaryReactor* CreateTarget(grpc::CallbackServerContext* call,
                                         const platen::fleet::v1::CreateTargetRequest* request,
                                         platen::fleet::v1::Target* response) override;
  grpc::ServerUnaryReactor* BatchCreateTargets(
      grpc::CallbackServerContext* call,
      const platen::fleet::v1::BatchCreateTargetsRequest* request,
      platen::fleet::v1::BatchCreateTargetsResponse* response) override;
  grpc::ServerUnaryReactor* GetTarget(grpc::CallbackServerContext* call,
                                      const platen::fleet::v1::GetTargetRequest* request,
                                      platen::fleet::v1::Target* response) override;
  grpc::ServerUnaryReactor* ListTargets(grpc::CallbackServerContext* call,
                                        const platen::fleet::v1::ListTargetsRequest* request,
                                        platen::fleet::v1::ListTargetsResponse* response) override;
  grpc::ServerUnaryReactor* DeleteTarget(grpc::CallbackServerContext* call,
                                         const platen::fleet::v1::DeleteTargetRequest* request,
                                         google::protobuf::Empty* response) override;
  grpc::ServerUnaryReactor* ListMeterReadings(
      grpc::CallbackServerContext* call,
      const platen::fleet::v1::ListMeterReadingsRequest* request,
      platen::fleet::v1::ListMeterReadingsResponse* response) override;
  grpc::ServerUnaryReactor* ListAlerts(grpc::CallbackServerContext* call,
                                       const platen::fleet::v1::ListAlertsRequest* request,
                                       platen::fleet::v1::ListAlertsResponse* response) override;
  grpc::ServerWriteReactor<platen::fleet::v1::WatchAlertsResponse>* WatchAlerts(
      grpc::CallbackServerContext* call,
      const platen::fleet::v1::WatchAlertsRequest* request) override;
  grpc::ServerUnaryReactor* GetPipelineStatus(
      grpc::CallbackServerContext* call,
      const platen::fleet::v1::GetPipelineStatusRequest* request,
      platen::fleet::v1::PipelineStatus* response) override;

 private:
  using Answer = std::function<absl::Status(Reader&, const core::Caller&)>;

  // Runs `answer` on a reader's thread for a caller that may read.
  grpc::ServerUnaryReactor* Read(grpc::CallbackServerContext* call, Answer answer);
  grpc::ServerUnaryReactor* Register(
      grpc::CallbackServerContext* call,
      const std::string& parent,
      std::vector<const platen::fleet::v1::CreateTargetRequest*> requests,
      std::function<void(const std::vector<Registered>&)> answer);
  absl::StatusOr<Registration> MakeRegistration(
      const platen::fleet::v1::CreateTargetRequest& request,
      const std::string& parent,
      const core::Caller& caller);

  const FleetContext context_;
};

}  // namespace platen::gateway::edge
