// Who is at the other end of a call, and the eye on it while a stream is open.
#pragma once

#include <functional>
#include <memory>
#include <vector>

#include <grpcpp/security/auth_context.h>

#include "platen/config/v1/gateway.pb.h"

#include "absl/status/statusor.h"
#include "libs/tls/credentials.h"
#include "services/gateway/core/access.h"

namespace platen::gateway::edge {

// Thread-safe.
class Peers {
 public:
  virtual ~Peers() = default;

  // kUnauthenticated without a certificate, kPermissionDenied where its name is not configured.
  virtual absl::StatusOr<core::Caller> Authenticate(const grpc::AuthContext& context) = 0;

  // `cancel` is called once if the peer is no longer trusted, until the result is destroyed.
  virtual absl::StatusOr<tls::PeerRegistry::Registration> Watch(const grpc::AuthContext& context,
                                                                std::function<void()> cancel) = 0;
};

// By client certificate. `credentials` must outlive this.
class TlsPeers final : public Peers {
 public:
  TlsPeers(std::vector<platen::config::v1::Client> clients, tls::Credentials& credentials)
      : clients_(std::move(clients)), credentials_(credentials) {}

  absl::StatusOr<core::Caller> Authenticate(const grpc::AuthContext& context) override;
  absl::StatusOr<tls::PeerRegistry::Registration> Watch(const grpc::AuthContext& context,
                                                        std::function<void()> cancel) override;

 private:
  const std::vector<platen::config::v1::Client> clients_;
  tls::Credentials& credentials_;
};

}  // namespace platen::gateway::edge
