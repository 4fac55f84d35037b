// How long to wait before the next try.
#pragma once

#include <cstdint>

#include "libs/base/random.h"
#include "libs/base/time.h"

namespace platen::flow {

struct BackoffOptions {
  // Wait after the first failure, before jitter.
  base::Duration first = std::chrono::seconds(1);
  // No wait is longer.
  base::Duration max = std::chrono::minutes(5);
  // Each failure multiplies the wait by this. REQUIRES: >= 1.
  double factor = 2.0;
  // Which part of the wait is random, 0 to 1, so that many who failed together do not come back
  // together.
  double jitter = 0.5;
};

// The wait after `failures` failures in a row: exponential, at most `max`, with its last `jitter`
// part uniformly random. Zero failures: no wait. Pure but for `random`.
base::Duration BackoffDelay(const BackoffOptions& options,
                            std::uint32_t failures,
                            base::Random& random);

}  // namespace platen::flow
