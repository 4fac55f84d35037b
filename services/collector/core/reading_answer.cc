#include "services/collector/core/reading_answer.h"

#include <algorithm>

#include "services/collector/core/alert_views.h"
#include "services/collector/core/printer_oids.h"
#include "services/collector/core/readings.h"
#include "services/collector/core/snapshot.h"

namespace platen::collector::core {
namespace {

using collector::v1::DeviceState;

// What a reading of this kind can tell.
Parts PartsOf(ReadingKind kind) {
  switch (kind) {
    case ReadingKind::kStatus:
      return Part::kStatus | Part::kAlerts | Part::kMedia;
    case ReadingKind::kMeters:
      return Part::kMeters;
    case ReadingKind::kSupplies:
      return Part::kSupplies;
    case ReadingKind::kFirmware:
      return Part::kIdentity;
    case ReadingKind::kFull:
      return Parts::All();
  }
  return Parts::All();
}

}  // namespace

bool IsWhole(const ReadAnswer& answer, const snmp::Oid& entry) {
  return std::none_of(answer.unfinished.begin(),
                      answer.unfinished.end(),
                      [&entry](const snmp::Oid& subtree) { return subtree.StartsWith(entry); });
}

StatusFinding LookAt(const DeviceState& state, const ReadAnswer& answer) {
  SnapshotInput input;
  input.readings = answer.values;
  input.parts = Part::kStatus;
  const event::v1::DeviceSnapshot now = MakeSnapshot(input);
  const bool uptime_fell =
      now.status().has_uptime_ticks() && now.status().uptime_ticks() < state.uptime_ticks();
  StatusFinding finding;
  // One that is down has a reason, whose row may come later than the status.
  const bool down = now.status().device_status() == event::v1::DEVICE_STATUS_DOWN;
  finding.needs_detail = down || NeedsWatching(state) || now.status().error_states_size() > 0 ||
                         now.status().device_status() != state.status().device_status() ||
                         now.alert_all_events() != state.alert_all_events() || uptime_fell;
  // Who was silent may have booted without sysUpTime's showing it at once.
  finding.same_device = !uptime_fell && state.misses() == 0 &&
                        now.has_config_changes() == state.has_config_changes() &&
                        now.config_changes() == state.config_changes();
  finding.alerts_unchanged = finding.same_device && now.has_alert_all_events() &&
                             state.inventory().has_alert_all_events() &&
                             now.alert_all_events() == state.inventory().alert_all_events();
  return finding;
}

void AddUnread(ReadAnswer& answer) {
  for (const snmp::Oid& entry : {oids::kAlertEntry,
                                 oids::kCoverEntry,
                                 oids::kInputEntry,
                                 oids::kOutputEntry,
                                 oids::kMarkerEntry,
                                 oids::kSuppliesEntry,
                                 oids::kConsoleEntry}) {
    answer.unfinished.push_back(entry);
  }
}

void AddFirstHalf(const ReadAnswer& first, ReadAnswer& second) {
  if (second.result != ReadAnswer::Result::kAnswered) {
    second.result = ReadAnswer::Result::kAnswered;
    second.complete = false;
    AddUnread(second);
  }
  second.values.insert(second.values.end(), first.values.begin(), first.values.end());
  SortReadings(second.values);
  second.complete = second.complete && first.complete;
  second.unfinished.insert(
      second.unfinished.end(), first.unfinished.begin(), first.unfinished.end());
}

namespace {

// A status poll asks for tables where it looks closer, the others where they are their purpose. A
// panel of the vendor's own is in full readings only: that a poll shows none says nothing.
Tables WholeTables(const Device& device,
                   const ReadAnswer& answer,
                   const event::v1::DeviceSnapshot& snapshot) {
  const Round& round = *device.round;
  const bool full = round.kind == ReadingKind::kFull;
  const bool looked = full || (round.kind == ReadingKind::kStatus && round.first.has_value());
  const bool own_panel = device.profile != nullptr && !device.profile->console.empty();
  Tables whole;
  whole.rows = looked && IsWhole(answer, oids::kAlertEntry);
  whole.covers = looked && IsWhole(answer, oids::kCoverEntry);
  whole.inputs = looked && IsWhole(answer, oids::kInputEntry);
  whole.outputs = looked && IsWhole(answer, oids::kOutputEntry);
  whole.markers = looked && IsWhole(answer, oids::kMarkerEntry);
  whole.panel = looked && IsWhole(answer, oids::kConsoleEntry) &&
                (full || !own_panel || !snapshot.status().console_lines().empty());
  whole.supplies =
      (full || round.kind == ReadingKind::kSupplies) && IsWhole(answer, oids::kSuppliesEntry);
  return whole;
}

}  // namespace

Reading MakeReading(const Device& device,
                    const event::v1::Target& target,
                    const DeviceState& state,
                    const ReadAnswer& answer,
                    const Now& now) {
  const ReadingKind kind = device.round->kind;
  Reading reading;
  reading.kind = kind;
  reading.cadence = *device.cadence;
  reading.time = now.wall;
  reading.profile = device.profile;
  SnapshotInput input;
  input.readings = answer.values;
  input.profile = device.profile;
  input.known = &state.identity();
  input.parts = PartsOf(kind);
  input.address = target.address();
  input.read_time = now.wall;
  input.complete = answer.complete;
  reading.snapshot = MakeSnapshot(input);
  reading.whole = WholeTables(device, answer, reading.snapshot);
  return reading;
}

}  // namespace platen::collector::core
