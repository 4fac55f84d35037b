// Alerts about a device that are not by it: what Platen itself finds ("unreachable").
//
// Pure.
#pragma once

#include <string_view>
#include <vector>

#include "platen/collector/v1/state.pb.h"
#include "platen/event/v1/device.pb.h"

#include "libs/base/time.h"
#include "services/collector/core/alert_life.h"

namespace platen::collector::core {

// A condition that Platen itself finds: raised if it is not open.
std::vector<AlertChange> RaisePlaten(collector::v1::DeviceState& state,
                                     std::string_view condition,
                                     std::string_view description,
                                     base::WallTime now);

// That the device does not answer: since when is what the state says.
std::vector<AlertChange> RaiseSilence(collector::v1::DeviceState& state,
                                      std::string_view description,
                                      base::WallTime now);

inline constexpr std::string_view kOtherDevice = "other-device";

// Another device answers at an address that is this one's alone: an alarm of level 3. `expected`:
// the serial number that should answer, empty where none is known.
std::vector<AlertChange> RaiseOtherDevice(collector::v1::DeviceState& state,
                                          std::string_view expected,
                                          const event::v1::Identity& found,
                                          base::WallTime now);

// Ends such a condition as cleared, if it is open.
std::vector<AlertChange> ClearPlaten(collector::v1::DeviceState& state,
                                     std::string_view condition,
                                     base::WallTime now);

}  // namespace platen::collector::core
