// Which hosts an operand of `probe` means.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "libs/snmp/endpoint.h"

namespace platen::collector::edge {

// A /20: what one probe asks at most.
inline constexpr int kRangePrefixMin = 20;

struct Hosts {
  std::vector<snmp::Endpoint> endpoints;  // In order, at least one.
  bool is_range = false;
};

// "192.0.2.7", "2001:db8::7", "192.0.2.0/24" (its network and broadcast addresses left out, bits
// behind the prefix ignored). kInvalidArgument with the reason for anything else.
absl::StatusOr<Hosts> ParseHosts(std::string_view operand, std::uint16_t port);

// The same, or a name that the system's resolver knows; of several addresses the first, IPv4 before
// IPv6. Waits for the resolver. kNotFound where it knows no such name.
absl::StatusOr<Hosts> ResolveHosts(const std::string& operand, std::uint16_t port);

}  // namespace platen::collector::edge
