#include "libs/base/real_clock.h"

namespace platen::base {

MonotonicTime RealClock::Now() const {
  return MonotonicTime(std::chrono::steady_clock::now().time_since_epoch());
}

WallTime RealClock::WallNow() const {
  return WallTime(std::chrono::system_clock::now().time_since_epoch());
}

}  // namespace platen::base
