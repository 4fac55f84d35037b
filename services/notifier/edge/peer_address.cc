#include "services/notifier/edge/peer_address.h"

#include <charconv>

#include "libs/event/timestamps.h"

namespace platen::notifier::edge {

std::optional<Peer> ParsePeer(std::string_view text) {
  const std::size_t colon = text.rfind(':');
  if (colon == std::string_view::npos) return std::nullopt;
  std::string_view host = text.substr(0, colon);
  const std::string_view port = text.substr(colon + 1);
  const bool bracketed = host.size() > 2 && host.front() == '[' && host.back() == ']';
  if (bracketed) host = host.substr(1, host.size() - 2);
  // An IPv6 address without brackets has no clear end.
  if (host.empty() || host.find_first_of(bracketed ? " \r\n/@[]" : " \r\n/@[]:") != host.npos) {
    return std::nullopt;
  }
  Peer peer{.host = std::string(host)};
  const auto [end, error] = std::from_chars(port.data(), port.data() + port.size(), peer.port);
  if (error != std::errc() || end != port.data() + port.size() || peer.port == 0) {
    return std::nullopt;
  }
  return peer;
}

Peer ToPeer(std::string_view text,
            bool allow_private_addresses,
            const google::protobuf::Duration* timeout) {
  Peer peer = *ParsePeer(text);
  peer.allow_private_addresses = allow_private_addresses;
  if (timeout != nullptr) peer.timeout = event::FromProto(*timeout);
  return peer;
}

}  // namespace platen::notifier::edge
