#include "services/gateway/edge/grpc_endpoint.h"

#include <grpcpp/grpcpp.h>
#include <grpcpp/health_check_service_interface.h>
#include <grpcpp/resource_quota.h>

#include "libs/base/status.h"
#include "services/gateway/core/batch_payload.h"

namespace platen::gateway::edge {
namespace {

// A batch and what surrounds it.
constexpr int kMessageBytesMax = static_cast<int>(core::kPayloadBytesMax) + 64 * 1024;
constexpr std::size_t kMemoryBytesMax = 256 * 1024 * 1024;
// Dead peers are found in 30 s; clients may ask as often.
constexpr int kKeepaliveTimeMs = 20'000;
constexpr int kKeepaliveTimeoutMs = 10'000;

}  // namespace

absl::StatusOr<std::unique_ptr<GrpcEndpoint>> GrpcEndpoint::Start(
    const std::string& address,
    std::shared_ptr<grpc::ServerCredentials> credentials,
    const std::vector<grpc::Service*>& services) {
  grpc::EnableDefaultHealthCheckService(true);
  std::unique_ptr<GrpcEndpoint> endpoint(new GrpcEndpoint());
  grpc::ResourceQuota quota("gateway");
  quota.Resize(kMemoryBytesMax);
  grpc::ServerBuilder builder;
  builder.SetResourceQuota(quota);
  builder.SetMaxReceiveMessageSize(kMessageBytesMax);
  builder.AddChannelArgument(GRPC_ARG_ALLOW_REUSEPORT, 0);
  builder.AddChannelArgument(GRPC_ARG_MAX_CONCURRENT_STREAMS, 256);
  builder.AddChannelArgument(GRPC_ARG_KEEPALIVE_TIME_MS, kKeepaliveTimeMs);
  builder.AddChannelArgument(GRPC_ARG_KEEPALIVE_TIMEOUT_MS, kKeepaliveTimeoutMs);
  builder.AddChannelArgument(GRPC_ARG_KEEPALIVE_PERMIT_WITHOUT_CALLS, 1);
  builder.AddChannelArgument(GRPC_ARG_HTTP2_MIN_RECV_PING_INTERVAL_WITHOUT_DATA_MS, 5'000);
  builder.AddListeningPort(address, std::move(credentials), &endpoint->port_);
  for (grpc::Service* service : services) builder.RegisterService(service);
  endpoint->server_ = builder.BuildAndStart();
  if (endpoint->server_ == nullptr || endpoint->port_ == 0) {
    return base::Unavailable(
        "can't listen on ",
        address,
        " (listen): the port is taken, or the address is none of this machine");
  }
  return endpoint;
}

GrpcEndpoint::~GrpcEndpoint() {
  Stop(base::Duration::zero());
}

void GrpcEndpoint::SetServing(bool serving) {
  grpc::HealthCheckServiceInterface* health = server_->GetHealthCheckService();
  health->SetServingStatus(serving);
  for (const char* service : {"platen.ingest.v1.IngestService", "platen.fleet.v1.FleetService"}) {
    health->SetServingStatus(service, serving);
  }
}

void GrpcEndpoint::Stop(base::Duration grace) {
  if (server_ == nullptr) return;
  const auto millis = std::chrono::duration_cast<std::chrono::milliseconds>(grace).count();
  server_->Shutdown(
      gpr_time_add(gpr_now(GPR_CLOCK_MONOTONIC), gpr_time_from_millis(millis, GPR_TIMESPAN)));
  server_->Wait();
  server_.reset();
}

}  // namespace platen::gateway::edge
