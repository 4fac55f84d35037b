// The system's clocks behind the Clock seam.
#pragma once

#include "libs/base/time.h"

namespace platen::base {

// Thread-safe; holds nothing.
class RealClock final : public Clock {
 public:
  MonotonicTime Now() const override;
  WallTime WallNow() const override;
};

}  // namespace platen::base
