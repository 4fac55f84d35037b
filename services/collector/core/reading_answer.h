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

// Whether a status poll has found something that is worth a walk over the alert table.
bool NeedsDetail(const collector::v1::DeviceState& state, const ReadAnswer& answer);

// Adds what the first half of a reading has brought to its second half. A second half that nobody
// answered leaves the first, as a reading that is not complete.
void AddFirstHalf(const ReadAnswer& first, ReadAnswer& second);

// What the device's present round has read; `state`: what was known before. REQUIRES: the device
// has answered, and has a round.
Reading MakeReading(const Device& device,
                    const collector::v1::DeviceState& state,
                    const ReadAnswer& answer,
                    const Now& now);

}  // namespace platen::collector::core
