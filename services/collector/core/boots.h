// When a device has booted, by sysUpTime.
//
// Pure.
#pragma once

#include "platen/collector/v1/state.pb.h"
#include "platen/event/v1/device.pb.h"

#include "libs/base/time.h"

namespace platen::collector::core {

// Follows sysUpTime, where `status` has it, in `state` (boot, boot_time, uptime). Returns whether
// the device has booted since the reading before. REQUIRES: `state.misses` still counts the polls
// that were not answered in between.
bool TrackBoot(const event::v1::StatusReport& status,
               base::WallTime now,
               collector::v1::DeviceState& state);

}  // namespace platen::collector::core
