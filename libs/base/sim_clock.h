// A clock that moves only when a test moves it.
#pragma once

#include <atomic>

#include "libs/base/time.h"

namespace platen::base {

// One thread moves it, any may read it.
class SimClock final : public Clock {
 public:
  // Starts at an arbitrary monotonic instant and at `wall` (default: 2026-01-01T00:00:00Z).
  explicit SimClock(WallTime wall = WallFromMillis(1767225600000));

  MonotonicTime Now() const override { return now_; }

  WallTime WallNow() const override { return wall_; }

  // Moves both clocks forward. REQUIRES: `by` is not negative.
  void Advance(Duration by);

  // Steps the wall clock alone, as an administrator or NTP would.
  void StepWall(Duration by) { wall_ = wall_.load() + by; }

 private:
  std::atomic<MonotonicTime> now_;
  std::atomic<WallTime> wall_;
};

}  // namespace platen::base
