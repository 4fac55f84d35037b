#include "services/relay/route_breaker.h"

#include <algorithm>

namespace platen::relay {
namespace {

// How soon the other lanes notice what has become of a try.
constexpr base::Duration kLookAgain = std::chrono::milliseconds(50);

}  // namespace

base::MonotonicTime RouteBreaker::Ask(Stream who, base::MonotonicTime now) {
  const std::lock_guard lock(mutex_);
  if (state_ == State::kClosed || who == prober_) return now;
  if (state_ == State::kProbing) return now + kLookAgain;
  // Another's try may close it before this one's turn has come.
  if (now < probe_at_) return std::min(probe_at_, now + kLookAgain);
  state_ = State::kProbing;
  prober_ = who;
  return now;
}

void RouteBreaker::OnUp(Stream who) {
  const std::lock_guard lock(mutex_);
  up_.insert(who);
  failures_ = 0;
  state_ = State::kClosed;
  prober_ = nullptr;
}

void RouteBreaker::OnDown(Stream who, base::MonotonicTime now) {
  const std::lock_guard lock(mutex_);
  if (up_.erase(who) > 0) return;
  ++failures_;
  const bool too_many =
      state_ == State::kClosed && up_.empty() && failures_ >= options_.failures_to_open;
  if (!too_many && who != prober_) return;
  if (state_ == State::kClosed) ++opened_;
  const std::uint32_t beyond = failures_ + 1 - std::min(failures_, options_.failures_to_open);
  Open(now + flow::BackoffDelay(options_.backoff, beyond, random_));
}

void RouteBreaker::Leave(Stream who, base::MonotonicTime now) {
  const std::lock_guard lock(mutex_);
  up_.erase(who);
  if (who == prober_) Open(now);
}

void RouteBreaker::Open(base::MonotonicTime probe_at) {
  state_ = State::kOpen;
  prober_ = nullptr;
  probe_at_ = probe_at;
}

RouteBreaker::State RouteBreaker::state() const {
  const std::lock_guard lock(mutex_);
  return state_;
}

std::uint64_t RouteBreaker::opened() const {
  const std::lock_guard lock(mutex_);
  return opened_;
}

}  // namespace platen::relay
