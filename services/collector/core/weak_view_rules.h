// What a level or the status of a sub-unit comes to.
//
// Pure.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

#include "platen/event/v1/device.pb.h"
#include "platen/event/v1/supply.pb.h"

namespace platen::collector::core {

// Percent of what is full. Low at or below the first; a part (drum, fuser) at or below the second;
// no longer low from twice as much on. What was empty is not before it holds as much as the third.
inline constexpr double kLowPercent = 10.0;
inline constexpr double kPartLowPercent = 5.0;
inline constexpr double kNoLongerEmptyPercent = 2.0;

// Conditions of a level, by what it is of.
struct LevelNames {
  std::string_view low;
  std::string_view empty;
  double low_percent;
};

inline constexpr LevelNames kOfTray{"low-paper", "no-paper", kLowPercent};
inline constexpr LevelNames kOfOutput{"", "output-full", 0.0};

// Of toner, ink or a part; a null pointer where its level makes no alarm.
const LevelNames* LevelNamesOf(const event::v1::Supply& supply);

// The condition that a level comes to, empty where nothing ails it, given what it was before
// (`before` is absent where it was never seen); nothing where the level says nothing.
std::optional<std::string_view> JudgeLevel(const LevelNames& names,
                                           const event::v1::Level& level,
                                           std::optional<std::string_view> before);

// PrtSubUnitStatusTC: unavailable because it is broken, with a critical alert.
bool SaysBroken(std::int32_t status);

// PrtSubUnitStatusTC: available once somebody does something, with an alert: of a tray, empty.
bool SaysEmpty(std::int32_t status);

// A tray that is fed by hand is empty most of the time.
bool IsFedByHand(const event::v1::Input& input);

}  // namespace platen::collector::core
