// How late what is produced arrives.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <map>
#include <mutex>
#include <utility>
#include <vector>

#include "libs/base/real_clock.h"

namespace platen::bench {

// When alerts were produced, and when they were there. Thread-safe.
class Stopwatch {
 public:
  void Produced(std::uint64_t alert) {
    const std::lock_guard lock(mutex_);
    produced_[alert] = clock_.Now();
  }

  void Arrived(std::uint64_t alert) {
    const std::lock_guard lock(mutex_);
    const auto found = produced_.find(alert);
    if (found == produced_.end()) return;  // Again.
    millis_.push_back(base::ToSeconds(clock_.Now() - found->second) * 1e3);
    produced_.erase(found);
  }

  bool AllArrived() {
    const std::lock_guard lock(mutex_);
    return produced_.empty();
  }

  // In milliseconds, sorted. REQUIRES: nothing is on the way.
  std::vector<double> Take() {
    std::ranges::sort(millis_);
    return std::move(millis_);
  }

 private:
  const base::RealClock clock_;
  std::mutex mutex_;
  std::map<std::uint64_t, base::MonotonicTime> produced_;
  std::vector<double> millis_;
};

// The value below which this part of them lies. REQUIRES: there are some.
inline double At(const std::vector<double>& sorted, double part) {
  return sorted[static_cast<std::size_t>(static_cast<double>(sorted.size() - 1) * part)];
}

}  // namespace platen::bench
