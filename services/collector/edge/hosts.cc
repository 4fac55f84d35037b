#include "services/collector/edge/hosts.h"

#include <algorithm>
#include <charconv>
#include <memory>

#include <netdb.h>
#include <netinet/in.h>
#include <sys/socket.h>

#include "libs/base/status.h"

namespace platen::collector::edge {
namespace {

absl::StatusOr<Hosts> ParseRange(std::string_view operand, std::size_t slash, std::uint16_t port) {
  PLATEN_ASSIGN_OR_RETURN(const auto base_address,
                          snmp::Endpoint::Parse(operand.substr(0, slash), port));
  const std::string_view digits = operand.substr(slash + 1);
  int prefix = -1;
  const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), prefix);
  if (error != std::errc() || end != digits.data() + digits.size() || !base_address.is_v4() ||
      prefix > 32 || prefix < 0) {
    return base::InvalidArgument(operand, " is no range; write it as 192.0.2.0/24 (IPv4)");
  }
  if (prefix < kRangePrefixMin) {
    return base::InvalidArgument(operand,
                                 " has more hosts than one probe asks; use /",
                                 kRangePrefixMin,
                                 " or a smaller range");
  }
  const std::uint32_t size = std::uint32_t{1} << (32 - prefix);
  const std::uint32_t first = base_address.v4() & ~(size - 1);
  const std::uint32_t skip = size > 2 ? 1 : 0;  // RFC 3021: a /31 has neither of the two.
  Hosts hosts{.is_range = true};
  for (std::uint32_t i = skip; i < size - skip; ++i) {
    hosts.endpoints.push_back(snmp::Endpoint::V4(first + i, port));
  }
  return hosts;
}

snmp::Endpoint FromSockaddr(const sockaddr& address, std::uint16_t port) {
  snmp::Endpoint endpoint;
  if (address.sa_family == AF_INET) {
    const auto& v4 = reinterpret_cast<const sockaddr_in&>(address);
    return snmp::Endpoint::V4(ntohl(v4.sin_addr.s_addr), port);
  }
  const auto& v6 = reinterpret_cast<const sockaddr_in6&>(address);
  std::copy_n(v6.sin6_addr.s6_addr, endpoint.address.size(), endpoint.address.begin());
  endpoint.port = port;
  return endpoint;
}

}  // namespace

absl::StatusOr<Hosts> ParseHosts(std::string_view operand, std::uint16_t port) {
  if (const std::size_t slash = operand.find('/'); slash != std::string_view::npos) {
    return ParseRange(operand, slash, port);
  }
  PLATEN_ASSIGN_OR_RETURN(const auto endpoint, snmp::Endpoint::Parse(operand, port));
  return Hosts{.endpoints = {endpoint}};
}

absl::StatusOr<Hosts> ResolveHosts(const std::string& operand, std::uint16_t port) {
  auto hosts = ParseHosts(operand, port);
  if (hosts.ok() || operand.find('/') != std::string::npos) return hosts;
  addrinfo hints{};
  hints.ai_socktype = SOCK_DGRAM;
  addrinfo* found = nullptr;
  const int error = getaddrinfo(operand.c_str(), nullptr, &hints, &found);
  const std::unique_ptr<addrinfo, decltype(&freeaddrinfo)> addresses(found, freeaddrinfo);
  if (error != 0) {
    return base::NotFound("'",
                          operand,
                          "' is neither an address nor a name that can be resolved (",
                          gai_strerror(error),
                          ")");
  }
  for (const int family : {AF_INET, AF_INET6}) {
    for (const addrinfo* address = found; address != nullptr; address = address->ai_next) {
      if (address->ai_family != family) continue;
      return Hosts{.endpoints = {FromSockaddr(*address->ai_addr, port)}};
    }
  }
  return base::NotFound("'", operand, "' has no IP address");
}

}  // namespace platen::collector::edge
