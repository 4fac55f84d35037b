// What lines to printers bear: requests a second into each network that the configuration names,
// and into each subnet of all others. What is above that waits here; of four requests into a
// network, one may be to somebody who is perhaps not there.
//
// Pure: time is an argument. Thread-confined.
#pragma once

#include <cstdint>
#include <deque>
#include <memory>
#include <optional>
#include <string_view>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "absl/status/statusor.h"
#include "libs/base/time.h"
#include "libs/flow/rate_limit.h"
#include "libs/snmp/endpoint.h"
#include "services/collector/core/effects.h"

namespace platen::collector::edge {

// Addresses that begin alike, as "10.8.0.0/16" or "2001:db8:8::/48".
struct Network {
  snmp::Endpoint first;
  std::size_t bits = 0;  // Of 128; a network of IPv4 has 96 at least.

  static absl::StatusOr<Network> Parse(std::string_view text);
  bool Contains(const snmp::Endpoint& agent) const;
};

struct LinkOptions {
  Network network;
  std::uint32_t requests_per_second = 1;
};

struct LinksOptions {
  // The narrowest that contains an agent holds for it.
  std::vector<LinkOptions> links;
  // For each subnet that none of them contains: 256 addresses of IPv4, a /64 of IPv6. 0: any
  // number.
  std::uint32_t subnet_requests_per_second = 0;
};

class Links {
 public:
  class Link;

  explicit Links(const LinksOptions& options);
  ~Links();

  // What bounds requests to this agent; null: nothing. Stays where it is.
  Link* Find(const snmp::Endpoint& agent);

  // `slot` waits for its turn. REQUIRES: it does not yet.
  void Queue(Link& link, core::DeviceSlot slot, bool doubtful);
  // It waits no longer, if it did.
  void Remove(Link& link, core::DeviceSlot slot);

  // Moves those whose turn it is.
  void Release(base::MonotonicTime now,
               std::vector<core::DeviceSlot>& ready,
               std::vector<core::DeviceSlot>& doubtful);
  // When the next one has its turn; absent where nobody waits. May have passed.
  std::optional<base::MonotonicTime> next() const;
  std::size_t waiting() const;

 private:
  const std::uint32_t subnet_requests_per_second_;
  // Those of the configuration, the narrowest first.
  std::vector<std::unique_ptr<Link>> named_;
  // By first address. As many as agents have asked for.
  absl::flat_hash_map<snmp::Endpoint, std::unique_ptr<Link>> subnets_;
  std::vector<Link*> busy_;  // Those where somebody waits.
};

}  // namespace platen::collector::edge
