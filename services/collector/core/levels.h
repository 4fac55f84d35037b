// Levels that say what they are: the sentinels of RFC 3805 become states, never numbers.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string_view>

#include "platen/event/v1/supply.pb.h"

namespace platen::collector::core {

// A vendor's own sentinel and what it means, from a profile.
struct LevelSentinel {
  std::int64_t raw = 0;
  event::v1::Level::State state = event::v1::Level::STATE_UNKNOWN;
};

// What the device sent; nothing where it has no such column.
struct RawLevel {
  std::optional<std::int64_t> level;
  std::optional<std::int64_t> capacity;
  std::optional<std::int64_t> unit;
};

// percent is there only where level >= 0 and (capacity > 0, or the unit is percent).
event::v1::Level MakeLevel(const RawLevel& raw, std::span<const LevelSentinel> sentinels = {});

// The name of the rule by which the level was understood: "level/exact", "level/-3-some", …
std::string_view LevelRule(const event::v1::Level& level);

}  // namespace platen::collector::core
