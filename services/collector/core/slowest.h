// Which devices' readings have taken longest of late: for whoever asks why a collector is behind,
// or which printers need another line.
//
// Pure, thread-confined. A reading that is not among the slowest costs a comparison.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "libs/base/ids.h"
#include "libs/base/time.h"
#include "services/collector/core/effects.h"

namespace platen::collector::core {

// One reading, or one request more of it: from its first datagram to its last answer, or to giving
// up.
struct SlowReading {
  base::DeviceId device;
  base::Duration took{};
  std::uint32_t requests = 0;  // Sent, those that were repeated included.
  bool answered = false;
  base::WallTime end;
};

class Slowest {
 public:
  static constexpr std::size_t kMost = 20;
  // A device that has become fast is forgotten after one or two of these.
  static constexpr base::Duration kWindow = std::chrono::minutes(10);

  void Add(base::MonotonicTime now, const SlowReading& reading);

  // The slowest reading of each device, the slowest first; kMost at the most.
  std::vector<SlowReading> Of(base::MonotonicTime now);

 private:
  void Turn(base::MonotonicTime now);

  // Of the present window, and of the one before. No device is twice in one.
  std::vector<SlowReading> present_;
  std::vector<SlowReading> before_;
  base::MonotonicTime began_;
};

}  // namespace platen::collector::core
