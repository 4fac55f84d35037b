// One device's open alerts: what a reading raises, changes and ends.
//
// Rows of prtAlertTable, error bits, covers, sub-units, levels and panel are views of conditions
// (alert_views.h). A condition that is seen several ways is one alert: a row takes over the alert
// that another view has raised, and no view raises anything where a better one of the same
// condition is open. Rules are those of RFC 3805 2.2.13: a condition's row that is gone is cleared,
// an occurrence's is withdrawn (unless its bit is gone with it), a reboot or a full table
// supersedes. A reading that did not reach the end of the table clears nothing.
#pragma once

#include <cstddef>
#include <optional>
#include <span>
#include <vector>

#include "platen/collector/v1/state.pb.h"
#include "platen/event/v1/device.pb.h"

#include "libs/base/time.h"
#include "services/collector/core/alert_levels.h"
#include "services/collector/core/alert_life.h"
#include "services/collector/core/alert_views.h"
#include "services/collector/core/tables.h"

namespace platen::collector::core {

// What one reading says about alerts.
struct AlertSighting {
  // Everything but `told` is taken from here.
  const event::v1::DeviceSnapshot* snapshot = nullptr;
  // What was read to its end, so that a row that is missing is gone.
  Tables whole;
  // hrPrinterDetectedErrorState was read, so that a missing bit is gone.
  bool bits_read = false;
  // Something is known against levels of 0 and 100 % (reading_quality.h): the device is asleep, has
  // just booted, or stands open.
  bool levels_doubtful = false;
  // The maker's own levels of alarms, where its profile has them.
  std::span<const AlertLevelRule> levels;
  // What came by itself: traps, and the device's own reports.
  std::span<const Sighting> told;
  // It is one of the status polls by whose number alerts may come back after a reboot: a full
  // reading may come at the same moment.
  bool is_poll = true;
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
  // What `state` keeps of the table, or of alerts that may come back, has changed: it has to
  // outlive this process, or what was seen would count as missed, and what is new as what was
  // before.
  bool memory_changed = false;
  // Alerts that came and went unseen.
  std::optional<event::v1::MissedAlerts> missed;
};

// Compares `sighting` with what `state` has open, updates `state` (open_alerts, instances, and what
// is kept of the table and of weak views), and returns the changes in the order: ends, then
// changes, then raises. Pure. `state.boot` and `state.boot_time` must be up to date.
AlertObservation ObserveAlerts(collector::v1::DeviceState& state, const AlertSighting& sighting);

}  // namespace platen::collector::core
