// Trays, outputs, markers, supplies and rows in the stories of tests/testdata/alerts.
#pragma once

#include "platen/event/v1/device.pb.h"

#include "absl/status/status.h"
#include "services/collector/core/test_alert_words.h"

namespace platen::collector::core {

// "tray 2 "Tray 2" level 0 of 500 status 9": the sub-unit as `shown` has it from now on; what is
// not named stays as it was.
absl::Status ShowSubUnitOf(const Words& words, event::v1::DeviceSnapshot& shown);

// "critical in input/2 code 8 …", from the word `from` on: what `row` says from now on.
absl::Status FillRow(const Words& words, std::size_t from, event::v1::AlertRow& row);

}  // namespace platen::collector::core
