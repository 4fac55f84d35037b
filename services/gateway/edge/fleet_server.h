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

// `place` as a range that the caller may see. kPermissionDenied, or kInvalidArgument for the size.
absl::StatusOr<Range> MakeRange(const core::Place& place,
                                const core::Caller& caller,
                                std::int32_t page_size,
                                std::string after);

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
  grpc::ServerUnaryReactor* UpdateTarget(grpc::CallbackServerContext* call,
                                         const platen::fleet::v1::UpdateTargetRequest* request,
                                         platen::fleet::v1::Target* response) override;
  grpc::ServerUnaryReactor* MergeDevices(grpc::CallbackServerContext* call,
                                         const platen::fleet::v1::MergeDevicesRequest* request,
                                         platen::fleet::v1::Device* response) override;
  grpc::ServerUnaryReactor* SplitDevice(grpc::CallbackServerContext* call,
                                        const platen::fleet::v1::SplitDeviceRequest* request,
                                        platen::fleet::v1::Device* response) override;
  grpc::ServerUnaryReactor* ConfirmMeters(
      grpc::CallbackServerContext* call,
      const platen::fleet::v1::ConfirmMetersRequest* request,
      platen::fleet::v1::ConfirmMetersResponse* response) override;
  grpc::ServerUnaryReactor* EnterMeterReading(
      grpc::CallbackServerContext* call,
      const platen::fleet::v1::EnterMeterReadingRequest* request,
      platen::fleet::v1::MeterReadingRecord* response) override;
  grpc::ServerUnaryReactor* ListGaps(grpc::CallbackServerContext* call,
                                     const platen::fleet::v1::ListGapsRequest* request,
                                     platen::fleet::v1::ListGapsResponse* response) override;
  grpc::ServerUnaryReactor* ListDeviceHistory(
      grpc::CallbackServerContext* call,
      const platen::fleet::v1::ListDeviceHistoryRequest* request,
      platen::fleet::v1::ListDeviceHistoryResponse* response) override;
  grpc::ServerUnaryReactor* ListMeterReadings(
      grpc::CallbackServerContext* call,
      const platen::fleet::v1::ListMeterReadingsRequest* request,
      platen::fleet::v1::ListMeterReadingsResponse* response) override;
  grpc::ServerUnaryReactor* ListAlerts(grpc::CallbackServerContext* call,
                                       const platen::fleet::v1::ListAlertsRequest* request,
                                       platen::fleet::v1::ListAlertsResponse* response) override;
  grpc::ServerUnaryReactor* ListAlertEvents(
      grpc::CallbackServerContext* call,
      const platen::fleet::v1::ListAlertEventsRequest* request,
      platen::fleet::v1::ListAlertEventsResponse* response) override;
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
  // Orders a change of the device or target `name`, for a caller that may register there. `make` is
  // what to do, on the writing thread; `finish` fills the answer once it is durable.
  using MakeChange = std::function<absl::StatusOr<Store::Apply>(const core::DevicePlace& name,
                                                                const Change& change)>;
  grpc::ServerUnaryReactor* Order(grpc::CallbackServerContext* call,
                                  const std::string& name,
                                  std::string_view collection,
                                  const std::string& reason,
                                  bool reason_required,
                                  MakeChange make);
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
