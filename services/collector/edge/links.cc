#include "services/collector/edge/links.h"

#include <algorithm>
#include <charconv>
#include <string>

#include "libs/base/status.h"

namespace platen::collector::edge {
namespace {

// One in so many may be to somebody who is perhaps not there.
constexpr std::uint64_t kDoubtfulShare = 4;
constexpr std::size_t kMappedBits = 96;  // What is before an address of IPv4 (RFC 4291 §2.5.5.2).
constexpr std::size_t kSubnetBitsV4 = kMappedBits + 24;
constexpr std::size_t kSubnetBitsV6 = 64;

snmp::Endpoint FirstOf(const snmp::Endpoint& agent, std::size_t bits) {
  snmp::Endpoint first = agent;
  first.port = 0;
  for (std::size_t i = 0; i < first.address.size(); ++i) {
    const std::size_t kept = std::clamp<std::size_t>(bits, 8 * i, 8 * i + 8) - 8 * i;
    first.address[i] &= static_cast<std::uint8_t>(0xff00 >> kept);
  }
  return first;
}

}  // namespace

absl::StatusOr<Network> Network::Parse(std::string_view text) {
  const std::size_t slash = text.find('/');
  const auto fault = [text] {
    return base::InvalidArgument("\"", text, "\" is no network, as 10.8.0.0/16 or 2001:db8:8::/48");
  };
  if (slash == std::string_view::npos) return fault();
  const auto first = snmp::Endpoint::Parse(text.substr(0, slash), 0);
  const std::string_view length = text.substr(slash + 1);
  std::size_t bits = 0;
  const char* const end = length.data() + length.size();
  const auto [stop, error] = std::from_chars(length.data(), end, bits);
  if (!first.ok() || first->port != 0 || error != std::errc() || stop != end) return fault();
  const std::size_t most = first->is_v4() ? 32 : 128;
  if (bits == 0 || bits > most) return fault();
  if (first->is_v4()) bits += kMappedBits;
  if (FirstOf(*first, bits) != *first) {
    return base::InvalidArgument(
        "\"", text, "\" begins within itself: its address has bits behind the /");
  }
  return Network{*first, bits};
}

bool Network::Contains(const snmp::Endpoint& agent) const {
  return FirstOf(agent, bits) == first;
}

class Links::Link {
 public:
  Link(const Network& network, std::uint32_t per_second)
      : network_(network),
        rate_({.per_second = per_second, .burst = std::max(1U, per_second / 4)}) {}

  const Network& network() const { return network_; }

  std::size_t waiting() const { return sure_.size() + doubtful_.size(); }

  base::MonotonicTime next_time() const { return rate_.next_time(); }

  void Queue(core::DeviceSlot slot, bool doubtful) {
    (doubtful ? doubtful_ : sure_).push_back(slot);
  }

  void Remove(core::DeviceSlot slot) {
    std::erase(sure_, slot);
    std::erase(doubtful_, slot);
  }

  void Release(base::MonotonicTime now,
               std::vector<core::DeviceSlot>& ready,
               std::vector<core::DeviceSlot>& doubtful) {
    const std::size_t most = std::min<std::size_t>(rate_.Available(now), waiting());
    for (std::size_t i = 0; i < most; ++i) {
      const bool is_share = ++released_ % kDoubtfulShare == 0 && !doubtful_.empty();
      if (is_share || sure_.empty()) {
        Move(doubtful_, doubtful);
      } else {
        Move(sure_, ready);
      }
    }
    rate_.Take(now, static_cast<std::uint32_t>(most));
  }

 private:
  static void Move(std::deque<core::DeviceSlot>& from, std::vector<core::DeviceSlot>& to) {
    to.push_back(from.front());
    from.pop_front();
  }

  const Network network_;
  flow::RateLimit rate_;
  std::uint64_t released_ = 0;
  std::deque<core::DeviceSlot> sure_;
  std::deque<core::DeviceSlot> doubtful_;
};

Links::Links(const LinksOptions& options)
    : subnet_requests_per_second_(options.subnet_requests_per_second) {
  for (const LinkOptions& link : options.links) {
    named_.push_back(std::make_unique<Link>(link.network, link.requests_per_second));
  }
  std::stable_sort(named_.begin(), named_.end(), [](const auto& a, const auto& b) {
    return a->network().bits > b->network().bits;
  });
}

Links::~Links() = default;

Links::Link* Links::Find(const snmp::Endpoint& agent) {
  for (const std::unique_ptr<Link>& link : named_) {
    if (link->network().Contains(agent)) return link.get();
  }
  if (subnet_requests_per_second_ == 0) return nullptr;
  const std::size_t bits = agent.is_v4() ? kSubnetBitsV4 : kSubnetBitsV6;
  const Network subnet{FirstOf(agent, bits), bits};
  std::unique_ptr<Link>& link = subnets_[subnet.first];
  if (link == nullptr) link = std::make_unique<Link>(subnet, subnet_requests_per_second_);
  return link.get();
}

void Links::Queue(Link& link, core::DeviceSlot slot, bool doubtful) {
  if (link.waiting() == 0) busy_.push_back(&link);
  link.Queue(slot, doubtful);
}

void Links::Remove(Link& link, core::DeviceSlot slot) {
  if (link.waiting() == 0) return;
  link.Remove(slot);
  if (link.waiting() == 0) std::erase(busy_, &link);
}

void Links::Release(base::MonotonicTime now,
                    std::vector<core::DeviceSlot>& ready,
                    std::vector<core::DeviceSlot>& doubtful) {
  for (Link* const link : busy_) link->Release(now, ready, doubtful);
  std::erase_if(busy_, [](const Link* link) { return link->waiting() == 0; });
}

std::optional<base::MonotonicTime> Links::next() const {
  std::optional<base::MonotonicTime> next;
  for (const Link* const link : busy_) {
    next = std::min(next.value_or(link->next_time()), link->next_time());
  }
  return next;
}

std::size_t Links::waiting() const {
  std::size_t waiting = 0;
  for (const Link* const link : busy_) waiting += link->waiting();
  return waiting;
}

}  // namespace platen::collector::edge
