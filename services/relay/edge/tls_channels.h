// Connections to a gateway over mutual TLS.
#pragma once

#include <string>

#include "libs/tls/credentials.h"
#include "services/relay/edge/gateway_uplink.h"

namespace platen::relay::edge {

// Thread-safe. `credentials` must outlive it and what it makes.
class TlsChannels final : public GatewayChannels {
 public:
  // `target`: "host:port".
  TlsChannels(std::string target, tls::Credentials& credentials, tls::HttpProxy proxy = {});

  std::shared_ptr<grpc::Channel> NewChannel() override;
  absl::StatusOr<std::shared_ptr<void>> Watch(const grpc::ClientContext& call,
                                              std::function<void()> cut) override;

 private:
  const std::string target_;
  tls::Credentials& credentials_;
  const tls::HttpProxy proxy_;
};

}  // namespace platen::relay::edge
