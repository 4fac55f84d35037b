// Sets of IP addresses, as people write them: ranges, lists, and what is left out of them.
//
// Pure.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "absl/numeric/int128.h"
#include "absl/status/statusor.h"
#include "libs/snmp/endpoint.h"

namespace platen::collector::core {

// Whether the first and the last address of an IPv4 range "/30" or larger are meant: its network
// and broadcast addresses are no host's.
enum class RangeEnds : std::uint8_t { kLeftOut, kMeant };

// Whether a host can be asked at it: it is not nobody's, nor that of a group or of all, nor one of
// a link, which says nothing without the link's name.
bool IsOneHosts(const snmp::Endpoint& address);

// Disjoint ranges in the order of Endpoint. A value type.
class AddressSet {
 public:
  // Both included. IPv4 as Endpoint keeps it.
  struct Range {
    absl::uint128 first;
    absl::uint128 last;
  };

  AddressSet() = default;

  // "10.1.0.0/22, 10.2.0.7, 10.2.0.20-10.2.0.40, 2001:db8::/120": with commas, blanks or line ends
  // between; what stands behind '#' in a line is a comment. Bits behind a prefix are ignored.
  // kInvalidArgument names what can't be read.
  static absl::StatusOr<AddressSet> Parse(std::string_view text, RangeEnds ends);

  // Of these, whatever their ports.
  static AddressSet Of(std::span<const snmp::Endpoint> addresses);

  AddressSet Or(const AddressSet& other) const;
  AddressSet And(const AddressSet& other) const;
  AddressSet Without(const AddressSet& other) const;

  bool Contains(const snmp::Endpoint& address) const;

  bool empty() const { return ranges_.empty(); }

  bool has_ipv6() const;

  // How many addresses; more than 64 bits can count are as many as they can.
  std::uint64_t size() const;

  // By that order. REQUIRES: place < size().
  snmp::Endpoint At(std::uint64_t place, std::uint16_t port) const;

  // "10.1.0.1-10.1.3.254", one for each range.
  std::vector<std::string> ToStrings() const;

 private:
  explicit AddressSet(std::vector<Range> ranges);  // In any order, overlapping or not.

  std::vector<Range> ranges_;
};

// What one discovery asks at the most.
inline constexpr std::uint64_t kDiscoveryAddressesMax = 1u << 20;

struct DiscoveryScope {
  AddressSet ranges;
  AddressSet excluded;
  // Where `has_allowed`, nothing else is ever asked, whoever wants it.
  AddressSet allowed;
  bool has_allowed = false;
};

// Which addresses to ask: of the ranges, what is allowed and not excluded. kInvalidArgument where
// these are none, or more than kDiscoveryAddressesMax.
absl::StatusOr<AddressSet> AddressesToAsk(const DiscoveryScope& scope);

}  // namespace platen::collector::core
