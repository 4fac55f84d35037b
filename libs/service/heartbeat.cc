#include "libs/service/heartbeat.h"

#include "libs/base/status.h"

namespace platen::service {

Heartbeat::Heartbeat(const base::Clock& clock, base::Duration limit)
    : clock_(clock), limit_(limit), last_beat_(clock.Now()) {}

void Heartbeat::Beat() {
  last_beat_.store(clock_.Now(), std::memory_order_relaxed);
}

absl::Status Heartbeat::Check() const {
  const base::Duration age = clock_.Now() - last_beat_.load(std::memory_order_relaxed);
  if (age <= limit_) return absl::OkStatus();
  return base::Unavailable("the loop has not gone round for ", base::ToSeconds(age), " s");
}

}  // namespace platen::service
