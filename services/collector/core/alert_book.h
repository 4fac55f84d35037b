// One device's open alerts: what a reading raises, changes and ends.
//
// Rows of prtAlertTable and error bits are views of conditions. A condition that is seen both ways
// is one alert: a row takes over the alert that a bit has raised, and a bit raises nothing where a
// row of the same condition is open. Rules are those of RFC 3805 2.2.13: a condition's row that is
// gone is cleared, an occurrence's is withdrawn (unless its bit is gone with it), a reboot
// supersedes. A reading that did not reach the end of the table clears nothing.
#pragma once

#include <cstddef>
#include <vector>

#include "platen/collector/v1/state.pb.h"
#include "platen/event/v1/device.pb.h"

#include "libs/base/time.h"
#include "services/collector/core/alert_life.h"

namespace platen::collector::core {

// What one reading says about alerts.
struct AlertSighting {
  // Rows, bits, inputs and covers are taken from here.
  const event::v1::DeviceSnapshot* snapshot = nullptr;
  // The walk over prtAlertTable reached its end, so that a missing row is gone.
  bool rows_complete = false;
  // hrPrinterDetectedErrorState was read, so that a missing bit is gone.
  bool bits_read = false;
  // The walk over prtCoverTable reached its end, so that no cover is open but those that say so.
  bool covers_read = false;
  // The device has booted since the reading before.
  bool rebooted = false;
  // prtAlertTable has started anew without a reboot (HasStartedAnew).
  bool table_reset = false;
  base::WallTime now;
};

// What a sighting comes to.
struct AlertObservation {
  std::vector<AlertChange> changes;
  // Rows and bits that would have raised an alert, and found kOpenAlertsMax open: left out until
  // others have ended.
  std::size_t left_out = 0;
};

// Compares `sighting` with what `state` has open, updates `state` (open_alerts, instances), and
// returns the changes in the order: ends, then changes, then raises. Pure. `state.boot` and
// `state.boot_time` must be up to date.
AlertObservation ObserveAlerts(collector::v1::DeviceState& state, const AlertSighting& sighting);

}  // namespace platen::collector::core
