#include "libs/snmp/learned_limits.h"

#include <algorithm>
#include <cstdint>

namespace platen::snmp {
namespace {

std::uint8_t Twice(std::uint8_t number, std::uint8_t most) {
  return static_cast<std::uint8_t>(std::min(2 * number, static_cast<int>(most)));
}

}  // namespace

void LearnedLimits::Begin(base::MonotonicTime now) {
  constexpr AgentLimits kWide;
  if (is_less_than(kWide) && now >= next_try_) {
    limits_.names_max = Twice(limits_.names_max, kWide.names_max);
    limits_.answers_max = Twice(limits_.answers_max, kWide.answers_max);
    next_try_ = now + good_time_;
    tried_ = true;
  }
  begun_with_ = limits_;
}

void LearnedLimits::End(base::MonotonicTime now, bool silent) {
  if (!silent && before_silence_.has_value()) {
    limits_.names_max = before_silence_->names_max;
    limits_.answers_max = before_silence_->answers_max;
    before_silence_.reset();
    doubted_ = true;
    return;
  }
  if (!is_less_than(begun_with_)) {
    if (!silent) doubted_ = false;
    return;
  }
  if (silent && !doubted_ && !before_silence_.has_value()) before_silence_ = begun_with_;
  if (tried_) good_time_ = std::min(2 * good_time_, kGoodTimeMax);
  tried_ = false;
  next_try_ = now + good_time_;
}

}  // namespace platen::snmp
