#include "services/gateway/edge/peers.h"

#include <string>
#include <utility>

#include "libs/base/status.h"

namespace platen::gateway::edge {

absl::StatusOr<core::Caller> TlsPeers::Authenticate(const grpc::AuthContext& context) {
  PLATEN_ASSIGN_OR_RETURN(const tls::PeerIdentity peer, tls::PeerOf(context));
  std::vector<std::string> names;
  if (!peer.common_name.empty()) names.push_back(peer.common_name);
  names.insert(names.end(), peer.dns_names.begin(), peer.dns_names.end());
  if (!peer.spiffe_id.empty()) names.push_back(peer.spiffe_id);
  return core::FindCaller(clients_, names);
}

absl::StatusOr<tls::PeerRegistry::Registration> TlsPeers::Watch(const grpc::AuthContext& context,
                                                                std::function<void()> cancel) {
  return credentials_.Watch(context, tls::PeerRole::kClient, std::move(cancel));
}

}  // namespace platen::gateway::edge
