// Events a second, and the last minute of them.
#pragma once

#include <array>
#include <cstdint>

#include "libs/base/time.h"

namespace platen::gateway::core {

// One bucket a second for a minute. Thread-compatible; `now` never goes back.
class RateMeter {
 public:
  static constexpr std::size_t kSeconds = 60;

  void Add(base::MonotonicTime now, std::uint64_t events) {
    Roll(now);
    buckets_[Index(second_)] += events;
  }

  // The mean of the `seconds` full seconds before this one. REQUIRES: 1 <= seconds < kSeconds.
  double PerSecond(base::MonotonicTime now, std::int64_t seconds = 10) {
    Roll(now);
    std::uint64_t sum = 0;
    for (std::int64_t ago = 1; ago <= seconds; ++ago) sum += buckets_[Index(second_ - ago)];
    return static_cast<double>(sum) / static_cast<double>(seconds);
  }

  // The full seconds before this one, oldest first.
  std::array<std::uint64_t, kSeconds - 1> History(base::MonotonicTime now) {
    Roll(now);
    std::array<std::uint64_t, kSeconds - 1> history{};
    for (std::size_t i = 0; i < history.size(); ++i) {
      history[i] = buckets_[Index(second_ - static_cast<std::int64_t>(history.size() - i))];
    }
    return history;
  }

 private:
  static std::size_t Index(std::int64_t second) {
    const auto size = static_cast<std::int64_t>(kSeconds);
    return static_cast<std::size_t>(((second % size) + size) % size);
  }

  void Roll(base::MonotonicTime now) {
    const std::int64_t second =
        std::chrono::duration_cast<std::chrono::seconds>(now.time_since_epoch()).count();
    if (second - second_ >= static_cast<std::int64_t>(kSeconds)) {
      buckets_.fill(0);
      second_ = second;
    }
    while (second_ < second) buckets_[Index(++second_)] = 0;
  }

  std::array<std::uint64_t, kSeconds> buckets_{};
  std::int64_t second_ = 0;
};

}  // namespace platen::gateway::core
