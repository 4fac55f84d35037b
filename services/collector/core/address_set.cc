#include "services/collector/core/address_set.h"

#include <algorithm>
#include <charconv>
#include <limits>

#include "libs/base/status.h"

namespace platen::collector::core {
namespace {

using absl::uint128;
using snmp::Endpoint;

uint128 NumberOf(const Endpoint& endpoint) {
  uint128 number = 0;
  for (const std::uint8_t byte : endpoint.address) number = number << 8 | byte;
  return number;
}

Endpoint EndpointOf(uint128 number, std::uint16_t port) {
  Endpoint endpoint;
  endpoint.port = port;
  for (std::size_t i = endpoint.address.size(); i-- > 0; number >>= 8) {
    endpoint.address[i] = static_cast<std::uint8_t>(absl::Uint128Low64(number) & 0xff);
  }
  return endpoint;
}

// Endpoint::Parse() takes a port as well, which no range has.
absl::StatusOr<Endpoint> ParseAddress(std::string_view text) {
  const bool has_port =
      text.find('[') != std::string_view::npos ||
      (text.find('.') != std::string_view::npos && std::count(text.begin(), text.end(), ':') == 1);
  if (has_port) return base::InvalidArgument("a port");
  return Endpoint::Parse(text, 0);
}

// An IPv4 address from 224.0.0.0 on, or an IPv6 one from ff00:: on, is no host's.
bool IsBeyondHosts(const Endpoint& endpoint) {
  return endpoint.is_v4() ? endpoint.address[12] >= 224 : endpoint.address[0] == 0xff;
}

absl::Status NoRange(std::string_view text) {
  return base::InvalidArgument(
      "\"",
      text,
      "\" is no address or range; write 10.1.0.7, 10.1.0.0/22, 10.1.0.20-10.1.0.40, or IPv6 alike");
}

absl::StatusOr<AddressSet::Range> ParsePrefix(std::string_view text,
                                              std::size_t slash,
                                              RangeEnds ends) {
  const auto base_address = ParseAddress(text.substr(0, slash));
  if (!base_address.ok()) return NoRange(text);
  const std::string_view digits = text.substr(slash + 1);
  const int bits = base_address->is_v4() ? 32 : 128;
  int prefix = -1;
  const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), prefix);
  if (error != std::errc() || end != digits.data() + digits.size() || prefix < 0 || prefix > bits) {
    return NoRange(text);
  }
  const int host_bits = bits - prefix;
  const uint128 host_mask = host_bits == 128 ? ~uint128(0) : (uint128(1) << host_bits) - 1;
  const uint128 number = NumberOf(*base_address);
  AddressSet::Range range{.first = number & ~host_mask, .last = number | host_mask};
  // RFC 3021: a /31 has neither of the two.
  if (ends == RangeEnds::kLeftOut && bits == 32 && host_bits >= 2) {
    ++range.first;
    --range.last;
  }
  return range;
}

absl::StatusOr<AddressSet::Range> ParseOne(std::string_view text, RangeEnds ends) {
  if (const std::size_t slash = text.find('/'); slash != std::string_view::npos) {
    return ParsePrefix(text, slash, ends);
  }
  const std::size_t dash = text.find('-');
  const auto first = ParseAddress(text.substr(0, dash));
  const auto last = dash == std::string_view::npos ? first : ParseAddress(text.substr(dash + 1));
  if (!first.ok() || !last.ok() || first->is_v4() != last->is_v4() || *last < *first) {
    return NoRange(text);
  }
  return AddressSet::Range{.first = NumberOf(*first), .last = NumberOf(*last)};
}

}  // namespace

bool IsOneHosts(const snmp::Endpoint& address) {
  const auto& bytes = address.address;
  if (IsBeyondHosts(address)) return false;
  if (address.is_v4()) return bytes[12] != 0;
  const bool of_a_link = bytes[0] == 0xfe && (bytes[1] & 0xc0) == 0x80;
  return !of_a_link && NumberOf(address) != 0;
}

AddressSet::AddressSet(std::vector<Range> ranges) {
  std::ranges::sort(ranges, {}, &Range::first);
  for (const Range& range : ranges) {
    if (!ranges_.empty() &&
        (range.first <= ranges_.back().last || range.first - 1 == ranges_.back().last)) {
      ranges_.back().last = std::max(ranges_.back().last, range.last);
    } else {
      ranges_.push_back(range);
    }
  }
}

absl::StatusOr<AddressSet> AddressSet::Parse(std::string_view text, RangeEnds ends) {
  constexpr std::string_view kBetween = ", \t\r\n";
  std::vector<Range> ranges;
  while (!text.empty()) {
    if (text.front() == '#') {
      text.remove_prefix(std::min(text.find('\n'), text.size()));
    } else if (kBetween.find(text.front()) != std::string_view::npos) {
      text.remove_prefix(1);
    } else {
      const std::string_view one = text.substr(0, text.find_first_of(", \t\r\n#"));
      text.remove_prefix(one.size());
      PLATEN_ASSIGN_OR_RETURN(const Range range, ParseOne(one, ends));
      const bool asks = ends == RangeEnds::kLeftOut;
      if (asks &&
          (IsBeyondHosts(EndpointOf(range.first, 0)) || IsBeyondHosts(EndpointOf(range.last, 0)))) {
        return base::InvalidArgument("\"", one, "\" has multicast or reserved addresses in it");
      }
      ranges.push_back(range);
    }
  }
  return AddressSet(std::move(ranges));
}

AddressSet AddressSet::Of(std::span<const snmp::Endpoint> addresses) {
  std::vector<Range> ranges;
  for (const snmp::Endpoint& address : addresses) {
    ranges.push_back({.first = NumberOf(address), .last = NumberOf(address)});
  }
  return AddressSet(std::move(ranges));
}

AddressSet AddressSet::Or(const AddressSet& other) const {
  std::vector<Range> all = ranges_;
  all.insert(all.end(), other.ranges_.begin(), other.ranges_.end());
  return AddressSet(std::move(all));
}

AddressSet AddressSet::And(const AddressSet& other) const {
  std::vector<Range> both;
  auto mine = ranges_.begin();
  auto theirs = other.ranges_.begin();
  while (mine != ranges_.end() && theirs != other.ranges_.end()) {
    const Range range{.first = std::max(mine->first, theirs->first),
                      .last = std::min(mine->last, theirs->last)};
    if (range.first <= range.last) both.push_back(range);
    mine->last < theirs->last ? ++mine : ++theirs;
  }
  return AddressSet(std::move(both));
}

AddressSet AddressSet::Without(const AddressSet& other) const {
  std::vector<Range> left;
  for (Range range : ranges_) {
    bool any = true;
    for (const Range& hole : other.ranges_) {
      if (hole.last < range.first || hole.first > range.last) continue;
      if (hole.first > range.first) left.push_back({range.first, hole.first - 1});
      any = hole.last < range.last;
      if (!any) break;
      range.first = hole.last + 1;
    }
    if (any) left.push_back(range);
  }
  return AddressSet(std::move(left));
}

bool AddressSet::Contains(const snmp::Endpoint& address) const {
  const uint128 number = NumberOf(address);
  const auto after = std::ranges::upper_bound(ranges_, number, {}, &Range::first);
  return after != ranges_.begin() && number <= std::prev(after)->last;
}

bool AddressSet::has_ipv6() const {
  return std::ranges::any_of(ranges_,
                             [](const Range& range) { return !EndpointOf(range.last, 0).is_v4(); });
}

std::uint64_t AddressSet::size() const {
  constexpr std::uint64_t kMax = std::numeric_limits<std::uint64_t>::max();
  std::uint64_t size = 0;
  for (const Range& range : ranges_) {
    const uint128 more = range.last - range.first;
    if (more >= kMax - size) return kMax;
    size += absl::Uint128Low64(more) + 1;
  }
  return size;
}

snmp::Endpoint AddressSet::At(std::uint64_t place, std::uint16_t port) const {
  auto range = ranges_.begin();
  for (; range->last - range->first < place; ++range) {
    place -= absl::Uint128Low64(range->last - range->first) + 1;
  }
  return EndpointOf(range->first + place, port);
}

std::vector<std::string> AddressSet::ToStrings() const {
  std::vector<std::string> texts;
  for (const Range& range : ranges_) {
    std::string text = EndpointOf(range.first, 0).AddressToString();
    if (range.last != range.first) {
      text += base::StrCat("-", EndpointOf(range.last, 0).AddressToString());
    }
    texts.push_back(std::move(text));
  }
  return texts;
}

absl::StatusOr<AddressSet> AddressesToAsk(const DiscoveryScope& scope) {
  if (scope.ranges.empty()) return base::InvalidArgument("there is no range to ask");
  AddressSet asked = scope.ranges.Without(scope.excluded);
  if (scope.has_allowed) asked = asked.And(scope.allowed);
  if (asked.empty()) {
    return base::InvalidArgument(
        "nothing is left to ask: what is in the ranges is excluded, or not in the allow list");
  }
  if (asked.size() > kDiscoveryAddressesMax) {
    return base::InvalidArgument("the ranges have ",
                                 asked.size() == std::numeric_limits<std::uint64_t>::max()
                                     ? "more than 2^64"
                                     : base::StrCat(asked.size()),
                                 " addresses, and one discovery asks ",
                                 kDiscoveryAddressesMax,
                                 " at the most (a /12, in IPv6 a /108); ask them in parts");
  }
  return asked;
}

}  // namespace platen::collector::core
