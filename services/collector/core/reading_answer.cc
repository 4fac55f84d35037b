#include "services/collector/core/reading_answer.h"

#include <algorithm>

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
  const bool alerts_open =
      std::any_of(state.open_alerts().begin(), state.open_alerts().end(), [](const auto& open) {
        return open.alert().origin() != event::v1::ALERT_ORIGIN_PLATEN;
      });
  const bool uptime_fell =
      now.status().has_uptime_ticks() && now.status().uptime_ticks() < state.uptime_ticks();
  StatusFinding finding;
  finding.needs_detail = alerts_open || state.superseded_alerts_size() > 0 ||
                         now.status().error_states_size() > 0 ||
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

void AddFirstHalf(const ReadAnswer& first, ReadAnswer& second) {
  if (second.result != ReadAnswer::Result::kAnswered) {
    second.result = ReadAnswer::Result::kAnswered;
    second.complete = false;
    second.unfinished.push_back(oids::kAlertEntry);
    second.unfinished.push_back(oids::kCoverEntry);
  }
  second.values.insert(second.values.end(), first.values.begin(), first.values.end());
  SortReadings(second.values);
  second.complete = second.complete && first.complete;
  second.unfinished.insert(
      second.unfinished.end(), first.unfinished.begin(), first.unfinished.end());
}

Reading MakeReading(const Device& device,
                    const DeviceState& state,
                    const ReadAnswer& answer,
                    const Now& now) {
  const ReadingKind kind = device.round->kind;
  Reading reading;
  reading.kind = kind;
  reading.cadence = device.cadence;
  reading.time = now.wall;
  reading.profile = device.profile;
  reading.rows_complete = IsWhole(answer, oids::kAlertEntry);
  reading.covers_complete = IsWhole(answer, oids::kCoverEntry);
  SnapshotInput input;
  input.readings = answer.values;
  input.profile = device.profile;
  input.known = &state.identity();
  input.parts = PartsOf(kind);
  input.address = device.target.address();
  input.read_time = now.wall;
  input.complete = answer.complete;
  reading.snapshot = MakeSnapshot(input);
  return reading;
}

}  // namespace platen::collector::core
