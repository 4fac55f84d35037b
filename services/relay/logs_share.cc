#include "services/relay/logs_share.h"

#include <algorithm>

namespace platen::relay {
namespace {

// A rate limit counts time in nanoseconds, which single bytes of a fast line are too small for.
constexpr std::uint64_t kUnit = 256;
// What telemetry has used beyond the share is not held against logs for longer than this, but a
// batch of logs always is.
constexpr std::uint64_t kOwedSeconds = 10;
constexpr std::uint64_t kOwedBytesMin = 4u << 20;
constexpr std::uint32_t kPermitsMax = 1'000'000'000;

std::uint32_t UnitsOf(std::uint64_t bytes) {
  return static_cast<std::uint32_t>(
      std::clamp<std::uint64_t>((bytes + kUnit - 1) / kUnit, 1, kPermitsMax));
}

}  // namespace

LogsShare::LogsShare(std::uint64_t bytes_per_second)
    : owed_max_(UnitsOf(std::max(kOwedSeconds * bytes_per_second, kOwedBytesMin))),
      limit_({.per_second = UnitsOf(bytes_per_second), .burst = UnitsOf(bytes_per_second / 10)}) {}

base::MonotonicTime LogsShare::OpenAt(base::MonotonicTime now) const {
  const std::lock_guard lock(mutex_);
  return limit_.Available(now) > 0 ? now : limit_.next_time();
}

void LogsShare::Spend(base::MonotonicTime now, std::size_t bytes) {
  const std::lock_guard lock(mutex_);
  limit_.TakeAhead(now, UnitsOf(bytes), owed_max_);
}

}  // namespace platen::relay
