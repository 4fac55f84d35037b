// What an answer to a reading says about the reading itself: whether more is to be asked, what its
// two halves are together, and what it covers.
//
// Pure.
#pragma once

#include "platen/collector/v1/state.pb.h"

#include "services/collector/core/device_table.h"
#include "services/collector/core/effects.h"
#include "services/collector/core/normalizer.h"

namespace platen::collector::core {

// What the answer to a status poll says beside the status itself.
struct StatusFinding {
  // Something is worth a look at alerts, covers and panel.
  bool needs_detail = false;
  // The device has neither booted nor changed its configuration since the reading before.
  bool same_device = false;
  // It has recorded no alert since its alert rows were kept.
  bool alerts_unchanged = false;
};

// Compares the answer with the state as of the reading before.
StatusFinding LookAt(const collector::v1::DeviceState& state, const ReadAnswer& answer);

// Whether the table was read to its end, in every column that was asked for.
bool IsWhole(const ReadAnswer& answer, const snmp::Oid& entry);

// Some of what was asked for was not answered: of no table is it known what it shows no longer.
void AddUnread(ReadAnswer& answer);

// Adds what the first half of a reading has brought to its second half. A second half that nobody
// answered leaves the first, as a reading that is not complete.
void AddFirstHalf(const ReadAnswer& first, ReadAnswer& second);

// What the device's present round has read; `state`: what was known before. REQUIRES: the device
// has answered, and has a round.
Reading MakeReading(const Device& device,
                    const event::v1::Target& target,
                    const collector::v1::DeviceState& state,
                    const ReadAnswer& answer,
                    const Now& now);

}  // namespace platen::collector::core
