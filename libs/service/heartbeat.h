// A sign of life of an event loop, for AdminServer's /livez.
#pragma once

#include <atomic>

#include "absl/status/status.h"
#include "libs/base/time.h"

namespace platen::service {

// Shows that a loop goes round: the loop calls Beat() at each turn, and the liveness check says no
// when the last beat is older than `limit`. Thread-safe.
class Heartbeat {
 public:
  // `clock` must outlive this.
  Heartbeat(const base::Clock& clock, base::Duration limit);

  void Beat();
  absl::Status Check() const;

 private:
  const base::Clock& clock_;
  const base::Duration limit_;
  std::atomic<base::MonotonicTime> last_beat_;
};

}  // namespace platen::service
