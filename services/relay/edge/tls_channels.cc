#include "services/relay/edge/tls_channels.h"

#include <utility>

#include <grpcpp/grpcpp.h>

#include "libs/base/status.h"

namespace platen::relay::edge {

TlsChannels::TlsChannels(std::string target, tls::Credentials& credentials, tls::HttpProxy proxy)
    : target_(std::move(target)), credentials_(credentials), proxy_(std::move(proxy)) {}

std::shared_ptr<grpc::Channel> TlsChannels::NewChannel() {
  return tls::MakeChannel(target_, credentials_, proxy_);
}

absl::StatusOr<std::shared_ptr<void>> TlsChannels::Watch(const grpc::ClientContext& call,
                                                         std::function<void()> cut) {
  const std::shared_ptr<const grpc::AuthContext> peer = call.auth_context();
  PLATEN_ASSIGN_OR_RETURN(tls::PeerRegistry::Registration registration,
                          credentials_.Watch(*peer, tls::PeerRole::kServer, std::move(cut)));
  return std::make_shared<tls::PeerRegistry::Registration>(std::move(registration));
}

}  // namespace platen::relay::edge
