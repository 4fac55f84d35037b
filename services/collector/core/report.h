// A snapshot as a page for people: what `probe` and `explain` print on a terminal. Pure.
#pragma once

#include <string>

#include "platen/event/v1/device.pb.h"

#include "services/collector/core/page.h"
#include "services/collector/core/profile.h"
#include "services/collector/core/trace.h"

namespace platen::collector::core {

// The whole page; ends with a line break. In `profiles` is the snapshot's, which may have the
// maker's levels of alarms; without it none are shown.
std::string Report(const event::v1::DeviceSnapshot& snapshot,
                   const ReportStyle& style,
                   const ProfileSet* profiles = nullptr);

// One line, without a line break: address, model, serial, state, the lowest supply.
std::string ReportLine(const event::v1::DeviceSnapshot& snapshot, const ReportStyle& style);

// Field, OID, what was sent, and the rule of every value, in columns.
std::string TraceTable(const Trace& trace, const ReportStyle& style);

}  // namespace platen::collector::core
