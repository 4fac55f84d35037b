// Alerts about a device that are not by it: what Platen itself finds ("unreachable").
//
// Pure.
#pragma once

#include <string_view>
#include <vector>

#include "platen/collector/v1/state.pb.h"

#include "libs/base/time.h"
#include "services/collector/core/alert_life.h"

namespace platen::collector::core {

// A condition that Platen itself finds: raised if it is not open.
std::vector<AlertChange> RaisePlaten(collector::v1::DeviceState& state,
                                     std::string_view condition,
                                     std::string_view description,
                                     base::WallTime now);

// Ends such a condition as cleared, if it is open.
std::vector<AlertChange> ClearPlaten(collector::v1::DeviceState& state,
                                     std::string_view condition,
                                     base::WallTime now);

}  // namespace platen::collector::core
