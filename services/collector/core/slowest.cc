#include "services/collector/core/slowest.h"

#include <algorithm>
#include <utility>

namespace platen::collector::core {
namespace {

bool IsSlower(const SlowReading& left, const SlowReading& right) {
  return left.took > right.took;
}

// `readings` stay in order, and no more than kMost.
void Insert(std::vector<SlowReading>& readings, const SlowReading& reading) {
  if (readings.size() == Slowest::kMost && reading.took <= readings.back().took) return;
  const auto same = std::ranges::find(readings, reading.device, &SlowReading::device);
  if (same != readings.end()) {
    if (same->took >= reading.took) return;
    readings.erase(same);
  }
  readings.insert(std::ranges::upper_bound(readings, reading, IsSlower), reading);
  if (readings.size() > Slowest::kMost) readings.pop_back();
}

}  // namespace

void Slowest::Add(base::MonotonicTime now, const SlowReading& reading) {
  Turn(now);
  Insert(present_, reading);
}

std::vector<SlowReading> Slowest::Of(base::MonotonicTime now) {
  Turn(now);
  std::vector<SlowReading> all = before_;
  for (const SlowReading& reading : present_) Insert(all, reading);
  return all;
}

void Slowest::Turn(base::MonotonicTime now) {
  if (now - began_ < kWindow) return;
  before_ = now - began_ < 2 * kWindow ? std::exchange(present_, {}) : std::vector<SlowReading>();
  present_.clear();
  began_ = now;
}

}  // namespace platen::collector::core
