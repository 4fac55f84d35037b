// Alerts that a reboot or a new table has ended, and that may come back: a device that boots lists
// nothing at first. What is back within two polls is the same alert.
//
// Pure.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "platen/collector/v1/state.pb.h"

#include "services/collector/core/alert_views.h"

namespace platen::collector::core {

// Polls, after the one that ended it, in which an alert can come back.
inline constexpr std::uint32_t kPollsToReturn = 2;

// The counter, in DeviceState.instances, of what is said of an alert beside its raise and end.
std::string ChangesOf(std::string_view alert_id);

// `open` has been superseded. At most as many are kept as can be open; the oldest goes first.
void KeepSuperseded(collector::v1::DeviceState& state, const collector::v1::OpenAlert& open);

// Another poll has come: forgets those whose time is over. Returns whether there were any.
bool AgeSuperseded(collector::v1::DeviceState& state);

// Takes out the one that has come back as `open`: a row with the content that it had, or another
// view that says the condition again, of a place that may be the same.
std::optional<collector::v1::OpenAlert> TakeSuperseded(collector::v1::DeviceState& state,
                                                       const collector::v1::OpenAlert& open,
                                                       const Places& places);

}  // namespace platen::collector::core
