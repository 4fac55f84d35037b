// The bodies of readings' events: what was read, what is known against it, and what it comes to
// beside the history that the device's state keeps.
//
// Pure. For normalizer.cc.
#pragma once

#include "platen/collector/v1/state.pb.h"
#include "platen/event/v1/event.pb.h"
#include "platen/event/v1/pipeline.pb.h"

#include "services/collector/core/meter_history.h"
#include "services/collector/core/normalizer.h"
#include "services/collector/core/supply_history.h"

namespace platen::collector::core {

// Levels. Where an all-0 or all-100 reading is one of a device that is not at work, none of it is
// true. Brings `state.supplies` up to date. REQUIRES: `event.occurrence_time` is the slot's start.
SupplyJudgement FillSupplies(const Reading& reading,
                             collector::v1::DeviceState& state,
                             event::v1::Event& event);

// Counters, judged by what was read before: once for each interval, as the event is said once.
// Brings `state.meters` up to date.
MeterJudgement FillMeters(const event::v1::Target& target,
                          const Reading& reading,
                          collector::v1::DeviceState& state,
                          event::v1::Event& event);

void FillFirmware(const Reading& reading, event::v1::Event& event);

// The total that alerts carry.
void KeepTotal(const event::v1::DeviceSnapshot& snapshot, collector::v1::DeviceState& state);

}  // namespace platen::collector::core
