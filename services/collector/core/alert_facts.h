// What an alert says, taken from the device's rows and from the moment it was seen in.
//
// Pure.
#pragma once

#include <string_view>

#include "platen/collector/v1/state.pb.h"
#include "platen/event/v1/alert.pb.h"
#include "platen/event/v1/device.pb.h"

#include "services/collector/core/alert_views.h"

namespace platen::collector::core {

// What a row of prtAlertTable says: kind, severity, code, words, and the sub-unit it names.
void FillFromRow(const event::v1::DeviceSnapshot& snapshot,
                 const event::v1::AlertRow& row,
                 event::v1::Alert& alert);

// Which sub-unit a view without a row is of.
void FillPlace(const event::v1::DeviceSnapshot& snapshot,
               const Sighting& seen,
               event::v1::Alert& alert);

// What stood on the counters and on the panel when it was seen; of the panel at most kMaxTextBytes.
void FillMoment(const collector::v1::DeviceState& state,
                const event::v1::DeviceSnapshot& snapshot,
                event::v1::Alert& alert);

// Whether an error bit says the condition of this name.
bool HasBit(const event::v1::DeviceSnapshot& snapshot, std::string_view condition);

// The first cover or interlock that stands open; a null pointer where none does.
const event::v1::Cover* OpenCover(const event::v1::DeviceSnapshot& snapshot);

}  // namespace platen::collector::core
