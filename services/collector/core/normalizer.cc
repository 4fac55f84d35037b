#include "services/collector/core/normalizer.h"

#include <algorithm>

#include "libs/base/status.h"
#include "libs/event/timestamps.h"
#include "services/collector/core/alert_book.h"
#include "services/collector/core/alert_platen.h"
#include "services/collector/core/alert_rows.h"
#include "services/collector/core/boots.h"
#include "services/collector/core/device_identity.h"
#include "services/collector/core/event_composer.h"
#include "services/collector/core/meter_epochs.h"
#include "services/collector/core/meter_history.h"
#include "services/collector/core/reading_bodies.h"
#include "services/collector/core/reading_quality.h"
#include "services/collector/core/silence.h"

namespace platen::collector::core {
namespace {

using collector::v1::DeviceState;
using event::ToProto;
using event::v1::Event;

bool TableIsReset(const Reading& reading, const DeviceState& state) {
  std::int64_t highest = 0;
  for (const auto& open : state.open_alerts()) highest = std::max(highest, open.row().index());
  return reading.whole.rows && highest > 0 &&
         HasStartedAnew(reading.snapshot, state.alert_all_events(), highest);
}

AlertSighting SightingOf(const Reading& reading, bool rebooted, const DeviceState& state) {
  const event::v1::StatusReport& status = reading.snapshot.status();
  AlertSighting sighting;
  sighting.snapshot = &reading.snapshot;
  sighting.whole = reading.whole;
  sighting.bits_read = status.has_error_state_raw();
  sighting.levels_doubtful =
      IsAsleep(status) || !CircumstancesOf(reading.snapshot, state, reading.time).empty();
  if (reading.profile != nullptr) sighting.levels = reading.profile->alert_levels;
  sighting.is_poll = reading.kind == ReadingKind::kStatus;
  sighting.rebooted = rebooted;
  sighting.table_reset = TableIsReset(reading, state);
  sighting.now = reading.time;
  return sighting;
}

// Another device answers: what it says is not this one's.
void Refuse(const Subject& subject,
            const Reading& reading,
            EventComposer& compose,
            DeviceState& state) {
  const event::v1::Identity& found = reading.snapshot.identity();
  if (!state.has_other_device() || !IsSameDevice(state.other_device(), found)) {
    compose.OtherDevice(found);
    *state.mutable_other_device() = found;
  }
  if (AddressIsFixed(*subject.target)) {
    compose.Alerts(RaiseOtherDevice(
        state, ExpectedSerial(*subject.target, state.identity()), found, reading.time));
  }
  event::v1::StatusReport status = state.status();
  status.set_reachability(event::v1::REACHABILITY_OTHER_DEVICE);
  status.set_silence_reason(event::v1::SILENCE_REASON_OTHER_DEVICE);
  compose.Status(std::move(status));
}

// Whether what was read is to be taken for the device's; settles who answers.
bool IsOurs(const Subject& subject,
            const Reading& reading,
            EventComposer& compose,
            DeviceState& state,
            Outcome& outcome) {
  // What says all that the device says of itself.
  const bool full = reading.kind == ReadingKind::kFull ||
                    (reading.kind == ReadingKind::kFirmware && reading.snapshot.complete());
  const event::v1::Identity& found = reading.snapshot.identity();
  const Answerer answerer = WhoAnswers(*subject.target, state.identity(), found, full);
  if (answerer == Answerer::kOther) Refuse(subject, reading, compose, state);
  if (full && answerer == Answerer::kExpected && state.has_other_device()) {
    state.clear_other_device();
    outcome.state_changed = true;
    compose.Alerts(ClearPlaten(state, kOtherDevice, reading.time));
  }
  // Only a full reading can tell that the right one is back, so whatever may be a sign of it asks
  // for one: a serial number, or a scheduled reading of a device that has none in the Printer MIB.
  const bool sign = reading.kind != ReadingKind::kStatus || !found.serial_number().empty();
  outcome.wants_full =
      answerer == Answerer::kUnclear || (state.has_other_device() && !full && sign);
  outcome.refused = answerer != Answerer::kExpected || state.has_other_device();
  return !outcome.refused;
}

// An answer that says nothing of who the device is takes nothing back, nor does one that was read
// in part the serial number.
bool TellsWho(const event::v1::DeviceSnapshot& snapshot, const DeviceState& state) {
  const event::v1::Identity& found = snapshot.identity();
  if (!state.known() || !found.serial_number().empty()) return true;
  if (found.sys_descr().empty() && found.sys_object_id().empty()) return false;
  return snapshot.complete() || state.identity().serial_number().empty();
}

}  // namespace

Outcome OnReading(const Subject& subject, const Reading& reading, DeviceState& state) {
  Outcome outcome;
  EventComposer compose(subject, reading.time, state, outcome);
  const event::v1::DeviceSnapshot& snapshot = reading.snapshot;
  state.set_term(subject.term);
  if (!IsOurs(subject, reading, compose, state, outcome)) return outcome;
  if (auto done = CarryOutOrder(*subject.target, state); done.has_value()) {
    compose.Order(*std::move(done));
  }
  const bool rebooted = TrackBoot(snapshot.status(), reading.time, state);
  state.set_misses(0);
  state.clear_silent_since_time();
  outcome.state_changed |= rebooted;
  KeepTotal(snapshot, state);
  const bool tells_who = TellsWho(snapshot, state);
  if (reading.kind == ReadingKind::kFull) {
    if (tells_who) compose.Identity(snapshot.identity());
    *state.mutable_printer_device_indexes() = snapshot.printer_device_indexes();
    outcome.state_changed |= !state.known();
    state.set_known(true);
  }
  // One that ended early would make a device of half an identity.
  if (reading.kind == ReadingKind::kFirmware && snapshot.complete() && tells_who) {
    compose.Identity(snapshot.identity());
  }
  const bool of_alerts = reading.kind == ReadingKind::kFull || reading.kind == ReadingKind::kStatus;
  if (of_alerts || reading.kind == ReadingKind::kSupplies) {
    AlertObservation alerts = ObserveAlerts(state, SightingOf(reading, rebooted, state));
    if (of_alerts) compose.Alerts(ClearPlaten(state, "unreachable", reading.time));
    compose.Alerts(std::move(alerts.changes));
    if (reading.whole.rows) state.set_powering_down(SaysPowerDown(snapshot));
    if (alerts.missed.has_value()) compose.Missed(*alerts.missed);
    outcome.alerts_missed = alerts.missed.has_value() ? alerts.missed->count() : 0;
    outcome.alerts_left_out = alerts.left_out;
    outcome.state_changed |= alerts.memory_changed;
  }
  if (reading.kind == ReadingKind::kFull || reading.kind == ReadingKind::kStatus) {
    event::v1::StatusReport status = snapshot.status();
    status.set_reachability(IsAsleep(status) ? event::v1::REACHABILITY_ASLEEP
                                             : event::v1::REACHABILITY_REACHABLE);
    compose.Status(std::move(status));
  }
  const bool full = reading.kind == ReadingKind::kFull;
  if ((full || reading.kind == ReadingKind::kMeters) && !snapshot.meters().empty()) {
    compose.Scheduled(reading, ReadingKind::kMeters, [&](Event& event) {
      const MeterJudgement judgement = FillMeters(*subject.target, reading, state, event);
      outcome.meters_left_out = judgement.left_out;
      compose.Confirmations(judgement.confirmed);
      compose.Mismatches(judgement.disagreements, event.meter_reading());
    });
  }
  if ((full || reading.kind == ReadingKind::kSupplies) && !snapshot.supplies().empty()) {
    compose.Scheduled(reading, ReadingKind::kSupplies, [&](Event& event) {
      SupplyJudgement judgement = FillSupplies(reading, state, event);
      outcome.supplies_left_out = judgement.left_out;
      compose.Replacements(std::move(judgement.replaced));
    });
  }
  if ((full || reading.kind == ReadingKind::kFirmware) && !snapshot.identity().firmware().empty()) {
    compose.Scheduled(
        reading, ReadingKind::kFirmware, [&](Event& event) { FillFirmware(reading, event); });
  }
  return outcome;
}

Outcome OnSilence(const Subject& subject, const Silence& silence, DeviceState& state) {
  Outcome outcome;
  EventComposer compose(subject, silence.time, state, outcome);
  state.set_term(subject.term);
  state.set_misses(state.misses() + 1);
  if (!state.has_silent_since_time()) {
    *state.mutable_silent_since_time() = event::ToProto(silence.answered.value_or(silence.time));
  }
  if (state.misses() < kMissesUntilSuspect) return outcome;
  const bool gone = state.misses() >= kMissesUntilUnreachable;
  event::v1::StatusReport status = state.status();
  status.set_silence_reason(silence.reason == event::v1::SILENCE_REASON_UNSPECIFIED
                                ? SilenceReasonOf(state)
                                : silence.reason);
  status.set_reachability(gone ? event::v1::REACHABILITY_UNREACHABLE
                               : event::v1::REACHABILITY_SUSPECT);
  if (gone) {
    const std::string why = base::StrCat("does not answer SNMP: ", Words(status.silence_reason()));
    compose.Alerts(RaiseSilence(state, why, silence.time));
  }
  compose.Status(std::move(status));
  return outcome;
}

}  // namespace platen::collector::core
