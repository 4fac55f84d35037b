#include "libs/flow/rate_limit.h"

#include <algorithm>

#include "absl/base/internal/raw_logging.h"

namespace platen::flow {

RateLimit::RateLimit(const RateLimitOptions& options)
    : interval_(base::Duration(std::chrono::seconds(1)) / std::max(options.per_second, 1u)),
      burst_(options.burst) {
  ABSL_RAW_CHECK(options.per_second >= 1 && options.per_second <= 1'000'000'000, "per_second");
  ABSL_RAW_CHECK(options.burst >= 1, "burst");
}

RateLimit::RateLimit(base::Duration interval, std::uint32_t burst)
    : interval_(interval), burst_(burst) {
  ABSL_RAW_CHECK(interval > base::Duration::zero(), "interval");
  ABSL_RAW_CHECK(burst >= 1, "burst");
}

std::uint32_t RateLimit::Available(base::MonotonicTime now) const {
  if (now >= full_at_) return burst_;
  // What is missing, a permit on its way back included.
  const auto missing = (full_at_ - now + interval_ - base::Duration(1)) / interval_;
  return missing >= burst_ ? 0 : burst_ - static_cast<std::uint32_t>(missing);
}

void RateLimit::Take(base::MonotonicTime now, std::uint32_t permits) {
  ABSL_RAW_CHECK(permits <= Available(now), "more than is there");
  full_at_ = std::max(full_at_, now) + permits * interval_;
}

void RateLimit::TakeAhead(base::MonotonicTime now, std::uint32_t permits, std::uint32_t owed_max) {
  const auto most = static_cast<std::int64_t>(burst_) + owed_max;
  full_at_ = std::min(std::max(full_at_, now) + permits * interval_, now + most * interval_);
}

base::MonotonicTime RateLimit::next_time() const {
  return full_at_ - (burst_ - 1) * interval_;
}

}  // namespace platen::flow
