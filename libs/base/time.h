// The two kinds of time, as types that cannot be mixed, and the seam through which a process reads
// them.
//
// Pure cores never hold a Clock: they get `now` as an argument. Only libs/base/real_clock.cc reads
// the system's clocks; a lint test keeps it so.
#pragma once

#include <chrono>
#include <cstdint>

namespace platen::base {

using Duration = std::chrono::nanoseconds;

namespace internal {
struct MonotonicTag {
  using rep = std::int64_t;
  using period = std::nano;
  using duration = Duration;
  static constexpr bool is_steady = true;
};

struct WallTag {
  using rep = std::int64_t;
  using period = std::nano;
  using duration = Duration;
  static constexpr bool is_steady = false;
};
}  // namespace internal

// Nanoseconds since an arbitrary start; never steps. For timeouts, intervals and ages.
using MonotonicTime = std::chrono::time_point<internal::MonotonicTag, Duration>;

// Nanoseconds since the Unix epoch; may step. For what people and other machines read.
using WallTime = std::chrono::time_point<internal::WallTag, Duration>;

constexpr WallTime WallFromMillis(std::int64_t millis) {
  return WallTime(std::chrono::milliseconds(millis));
}

constexpr std::int64_t ToMillis(WallTime time) {
  return std::chrono::duration_cast<std::chrono::milliseconds>(time.time_since_epoch()).count();
}

constexpr std::int64_t ToMillis(Duration duration) {
  return std::chrono::duration_cast<std::chrono::milliseconds>(duration).count();
}

constexpr double ToSeconds(Duration duration) {
  return std::chrono::duration<double>(duration).count();
}

// Thread-safe.
class Clock {
 public:
  virtual ~Clock() = default;
  virtual MonotonicTime Now() const = 0;
  virtual WallTime WallNow() const = 0;
};

}  // namespace platen::base
