#include "libs/base/sim_clock.h"

#include "absl/base/internal/raw_logging.h"

namespace platen::base {

SimClock::SimClock(WallTime wall) : now_(MonotonicTime(std::chrono::hours(1))), wall_(wall) {}

void SimClock::Advance(Duration by) {
  ABSL_RAW_CHECK(by.count() >= 0, "SimClock::Advance: monotonic time does not go back");
  now_ = now_.load() + by;
  wall_ = wall_.load() + by;
}

}  // namespace platen::base
