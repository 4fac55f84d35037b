// How many a second: a bucket of permits that fills evenly.
#pragma once

#include <cstdint>

#include "libs/base/time.h"

namespace platen::flow {

struct RateLimitOptions {
  // Permits that come back in a second. REQUIRES: 1 to 1'000'000'000.
  std::uint32_t per_second = 1;
  // Permits that are there after a rest. REQUIRES: >= 1.
  std::uint32_t burst = 1;
};

// Pure: time is an argument, and must not go back. Holds one point in time, whatever the rate. Full
// at first.
class RateLimit {
 public:
  explicit RateLimit(const RateLimitOptions& options);

  // For rates below one a second: a permit comes back each `interval`. REQUIRES: interval > 0 and
  // burst >= 1.
  RateLimit(base::Duration interval, std::uint32_t burst);

  // Permits to be had now.
  std::uint32_t Available(base::MonotonicTime now) const;

  // REQUIRES: permits <= Available(now).
  void Take(base::MonotonicTime now, std::uint32_t permits);

  // Takes them in any case: what was not there is owed, and comes back first. No more than
  // `owed_max` permits are ever owed; what goes beyond is forgiven.
  void TakeAhead(base::MonotonicTime now, std::uint32_t permits, std::uint32_t owed_max);

  // From when on there is a permit; may have passed.
  base::MonotonicTime next_time() const;

 private:
  const base::Duration interval_;  // Between two permits.
  const std::uint32_t burst_;
  base::MonotonicTime full_at_;
};

}  // namespace platen::flow
