// The gRPC server: one address for relays and partners, with its bounds.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include <grpcpp/security/server_credentials.h>
#include <grpcpp/server.h>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "libs/base/time.h"

namespace platen::gateway::edge {

// Thread-compatible.
class GrpcEndpoint {
 public:
  // Listens and serves `services`, which outlive the result, and grpc.health.v1. kUnavailable where
  // the address is taken or is none.
  static absl::StatusOr<std::unique_ptr<GrpcEndpoint>> Start(
      const std::string& address,
      std::shared_ptr<grpc::ServerCredentials> credentials,
      const std::vector<grpc::Service*>& services);
  ~GrpcEndpoint();  // Stops at once.

  int port() const { return port_; }

  // What health checks answer, as a whole and for each service.
  void SetServing(bool serving);

  // Refuses new calls, waits for those that run, ends what is left at `grace`. Idempotent.
  void Stop(base::Duration grace);

 private:
  GrpcEndpoint() = default;

  std::unique_ptr<grpc::Server> server_;
  int port_ = 0;
};

}  // namespace platen::gateway::edge
