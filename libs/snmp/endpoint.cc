#include "libs/snmp/endpoint.h"

#include <charconv>
#include <cstring>
#include <optional>

#include <arpa/inet.h>

#include "libs/base/status.h"

namespace platen::snmp {
namespace {

struct Parts {
  std::string address;
  std::optional<std::string_view> port;
};

// "[v6]:port" and "[v6]", "v4:port"; a text with several colons and no bracket is a bare IPv6
// address.
Parts Split(std::string_view text) {
  if (!text.empty() && text.front() == '[') {
    const std::size_t close = text.find(']');
    if (close == std::string_view::npos) return {std::string(text), std::nullopt};
    const std::string_view rest = text.substr(close + 1);
    if (rest.empty()) return {std::string(text.substr(1, close - 1)), std::nullopt};
    if (rest.front() != ':') return {std::string(text), std::nullopt};
    return {std::string(text.substr(1, close - 1)), rest.substr(1)};
  }
  const std::size_t colon = text.find(':');
  if (colon == std::string_view::npos || text.find(':', colon + 1) != std::string_view::npos) {
    return {std::string(text), std::nullopt};
  }
  return {std::string(text.substr(0, colon)), text.substr(colon + 1)};
}

}  // namespace

absl::StatusOr<Endpoint> Endpoint::Parse(std::string_view text, std::uint16_t default_port) {
  const Parts parts = Split(text);
  std::uint16_t port = default_port;
  if (parts.port.has_value()) {
    const char* end = parts.port->data() + parts.port->size();
    const auto [stop, error] = std::from_chars(parts.port->data(), end, port);
    if (error != std::errc() || stop != end) {
      return base::InvalidArgument(
          "\"", text, "\" has no port between 0 and 65535 behind its colon");
    }
  }
  in_addr v4{};
  if (inet_pton(AF_INET, parts.address.c_str(), &v4) == 1) return V4(ntohl(v4.s_addr), port);
  Endpoint endpoint;
  endpoint.port = port;
  if (inet_pton(AF_INET6, parts.address.c_str(), endpoint.address.data()) == 1) return endpoint;
  return base::InvalidArgument("\"", text, "\" is not an IP address with an optional port");
}

std::string Endpoint::AddressToString() const {
  char text[INET6_ADDRSTRLEN] = {};
  if (is_v4()) {
    inet_ntop(AF_INET, address.data() + 12, text, sizeof text);
  } else {
    inet_ntop(AF_INET6, address.data(), text, sizeof text);
  }
  return text;
}

std::string Endpoint::ToString() const {
  if (is_v4()) return base::StrCat(AddressToString(), ":", port);
  return base::StrCat("[", AddressToString(), "]:", port);
}

}  // namespace platen::snmp
