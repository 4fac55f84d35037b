// Who the peer is, as a test says.
#pragma once

#include <functional>
#include <utility>

#include "services/gateway/edge/peers.h"

namespace platen::gateway::testing {

// Change it between calls only.
class FixedPeers final : public edge::Peers {
 public:
  absl::StatusOr<core::Caller> Authenticate(const grpc::AuthContext&) override {
    if (!caller.ok()) return caller.status();
    return caller;
  }

  absl::StatusOr<tls::PeerRegistry::Registration> Watch(const grpc::AuthContext&,
                                                        std::function<void()> cancel) override {
    cut = std::move(cancel);
    return tls::PeerRegistry::Registration();
  }

  absl::StatusOr<core::Caller> caller = core::Caller{
      .name = "relay", .role = platen::config::v1::ROLE_RELAY, .installation = "default"};
  std::function<void()> cut;
};

}  // namespace platen::gateway::testing
