// Keeps what somebody else can provoke without end from filling the log.
#pragma once

#include <cstdint>
#include <mutex>
#include <optional>
#include <utility>

#include "libs/base/time.h"
#include "libs/flow/rate_limit.h"

namespace platen::service {

// A few lines a second; the others are counted, and the next line says how many they were. One for
// each kind of line. Thread-safe.
class LogLimit {
 public:
  // `clock` must outlive this.
  explicit LogLimit(const base::Clock& clock, const flow::RateLimitOptions& lines = {1, 3})
      : clock_(clock), lines_(lines) {}

  // How many lines were left out since the last one, or nothing where this one is left out, too.
  std::optional<std::uint64_t> Permit() {
    const std::lock_guard lock(mutex_);
    const base::MonotonicTime now = clock_.Now();
    if (lines_.Available(now) == 0) {
      ++left_out_;
      return std::nullopt;
    }
    lines_.Take(now, 1);
    return std::exchange(left_out_, 0);
  }

 private:
  const base::Clock& clock_;
  std::mutex mutex_;
  flow::RateLimit lines_;
  std::uint64_t left_out_ = 0;
};

}  // namespace platen::service
