// What is known against a reading when it is made: devices that sleep, are jammed, stand open or
// have just started answer with old or made-up values.
//
// Pure.
#pragma once

#include <vector>

#include "platen/collector/v1/state.pb.h"
#include "platen/event/v1/device.pb.h"

#include "libs/base/time.h"

namespace platen::collector::core {

// How long after a boot a device's values are those of one that has just booted.
inline constexpr base::Duration kSettlingAfterBoot = std::chrono::minutes(2);

// RFC 3805 2.2.13: standby is running and "other", with no error.
bool IsAsleep(const event::v1::StatusReport& status);

// ASLEEP, JAMMED, COVER_OPEN, JUST_BOOTED, PARTIAL: what `state` (brought up to date) and the
// reading itself tell. Empty where nothing is known against it.
std::vector<event::v1::ReadingQuality> CircumstancesOf(const event::v1::DeviceSnapshot& snapshot,
                                                       const collector::v1::DeviceState& state,
                                                       base::WallTime now);

// The same where nothing is known but this reading, with IMPLAUSIBLE where all levels are at one
// end.
std::vector<event::v1::ReadingQuality> DoubtsAbout(const event::v1::DeviceSnapshot& snapshot);

// Whether every one of several supplies is at 0 %, or every one at 100 %.
bool AllLevelsAtOneEnd(const event::v1::DeviceSnapshot& snapshot);

}  // namespace platen::collector::core
