#include "services/collector/core/outage.h"

namespace platen::collector::core {

void Outage::OnSign(base::MonotonicTime now) {
  if (silent_since_.has_value()) silent_since_ = now;
  if (phase_ != Phase::kAway) return;
  phase_ = Phase::kReturning;
  since_ = now;
}

bool Outage::OnTime(base::MonotonicTime now, bool waits) {
  if (!waits) {
    silent_since_.reset();
  } else if (!silent_since_.has_value()) {
    silent_since_ = now;
  }
  const bool silent = waits && now - *silent_since_ >= options_.away_after;
  if (phase_ != Phase::kAway && silent) {
    phase_ = Phase::kAway;
    since_ = now;
    ++outages_;
    return true;
  }
  // Nobody asks it anything: only the next question can tell.
  if (phase_ == Phase::kAway && !waits && now - since_ >= options_.back_after) {
    phase_ = Phase::kReturning;
    since_ = now;
  } else if (phase_ == Phase::kReturning && now - since_ >= options_.back_after) {
    phase_ = Phase::kThere;
    since_ = now;
  }
  return false;
}

}  // namespace platen::collector::core
