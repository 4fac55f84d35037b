#include "services/collector/core/levels.h"

#include <cmath>

namespace platen::collector::core {
namespace {

using event::v1::Level;

Level::State StateOf(std::optional<std::int64_t> level, std::span<const LevelSentinel> sentinels) {
  if (!level.has_value()) return Level::STATE_NOT_REPORTED;
  for (const LevelSentinel& sentinel : sentinels) {
    if (sentinel.raw == *level) return sentinel.state;
  }
  if (*level >= 0) return Level::STATE_EXACT;
  switch (*level) {
    case -1:
      return Level::STATE_UNLIMITED;
    case -3:
      return Level::STATE_AT_LEAST_SOME;
    default:  // -2, and whatever else a device may make up.
      return Level::STATE_UNKNOWN;
  }
}

event::v1::LevelUnit UnitOf(std::optional<std::int64_t> unit) {
  if (!unit.has_value()) return event::v1::LEVEL_UNIT_UNSPECIFIED;
  const bool known =
      *unit > 0 && *unit < 1000 && event::v1::LevelUnit_IsValid(static_cast<int>(*unit));
  return known ? static_cast<event::v1::LevelUnit>(*unit) : event::v1::LEVEL_UNIT_OTHER;
}

std::optional<double> PercentOf(const Level& level) {
  if (level.state() != Level::STATE_EXACT) return std::nullopt;
  const auto value = static_cast<double>(level.value());
  if (level.has_capacity()) {
    return std::round(value / static_cast<double>(level.capacity()) * 10000.0) / 100.0;
  }
  if (level.unit() == event::v1::LEVEL_UNIT_PERCENT) return value;
  return std::nullopt;
}

}  // namespace

Level MakeLevel(const RawLevel& raw, std::span<const LevelSentinel> sentinels) {
  Level level;
  level.set_state(StateOf(raw.level, sentinels));
  level.set_unit(UnitOf(raw.unit));
  if (raw.level.has_value()) level.set_raw(*raw.level);
  if (raw.capacity.has_value()) {
    level.set_raw_capacity(*raw.capacity);
    if (*raw.capacity > 0) level.set_capacity(*raw.capacity);
  }
  if (level.state() == Level::STATE_EXACT) level.set_value(*raw.level);
  if (const auto percent = PercentOf(level); percent.has_value()) level.set_percent(*percent);
  return level;
}

std::string_view LevelRule(const Level& level) {
  switch (level.state()) {
    case Level::STATE_EXACT:
      if (!level.has_percent()) return "level/exact-without-capacity";
      return level.has_capacity() ? "level/exact-of-capacity" : "level/exact-percent";
    case Level::STATE_AT_LEAST_SOME:
      return "level/-3-some-left";
    case Level::STATE_UNLIMITED:
      return "level/-1-unlimited";
    case Level::STATE_LOW_UNSPECIFIED:
      return "level/vendor-sentinel-low";
    case Level::STATE_NOT_REPORTED:
      return "level/not-offered";
    default:
      return level.raw() == -2 ? "level/-2-unknown" : "level/undefined-negative-unknown";
  }
}

}  // namespace platen::collector::core
