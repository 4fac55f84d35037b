// How a maker's counters behave: what meter_history.h judges them by, from a profile.
#pragma once

#include <cstdint>
#include <vector>

namespace platen::collector::core {

struct CounterBounds {
  // Impressions that a counter may fall back by when the power is cut: old LaserJets write theirs
  // every ten pages.
  std::uint64_t save_step = 10;
  // More impressions a minute than the maker's engines make; by default, than any cut-sheet engine.
  std::uint64_t impressions_per_minute = 500;
  // How many values a counter has before it begins anew at 0: six decimal digits, 24 bits (both
  // seen in old LaserJets), and SNMP's own 32.
  std::vector<std::uint64_t> wraps = {1'000'000, std::uint64_t{1} << 24, std::uint64_t{1} << 32};

  friend bool operator==(const CounterBounds&, const CounterBounds&) = default;
};

}  // namespace platen::collector::core
