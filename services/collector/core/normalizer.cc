#include "services/collector/core/normalizer.h"

#include <algorithm>

#include <google/protobuf/util/message_differencer.h>

#include "libs/base/status.h"
#include "libs/event/timestamps.h"
#include "services/collector/core/alert_book.h"
#include "services/collector/core/alert_platen.h"
#include "services/collector/core/alert_rows.h"
#include "services/collector/core/boots.h"
#include "services/collector/core/meter_history.h"
#include "services/collector/core/reading_quality.h"
#include "services/collector/core/silence.h"
#include "services/collector/core/supply_history.h"

namespace platen::collector::core {
namespace {

using collector::v1::DeviceState;
using event::ToProto;
using event::v1::Event;

Event NewEvent(const Subject& subject, base::WallTime now) {
  const event::v1::Target& target = *subject.target;
  Event event;
  event.set_tenant(target.tenant());
  event.set_site(target.site());
  event.set_device_id(target.device_id());
  event.set_term(subject.term);
  event.mutable_source()->set_route(target.route());
  *event.mutable_observation_time() = ToProto(now);
  return event;
}

std::string VendorOf(const event::v1::Identity& identity) {
  std::string vendor;
  for (const char c : identity.manufacturer()) {
    const auto byte = static_cast<unsigned char>(c);
    vendor.push_back(byte < 0x80 ? static_cast<char>(std::tolower(byte)) : c);
  }
  return vendor;
}

// Some makers write serial number and firmware behind the model ("Lexmark CX622ade 752993
// CXTZJ.075"): a fleet is grouped by the model alone.
void TrimModel(event::v1::Identity& identity) {
  const auto told_elsewhere = [&identity](std::string_view word) {
    return word == identity.serial_number() ||
           std::any_of(
               identity.firmware().begin(),
               identity.firmware().end(),
               [word](const event::v1::FirmwareVersion& each) { return word == each.version(); });
  };
  std::string& model = *identity.mutable_model();
  for (std::size_t space = model.rfind(' '); space != std::string::npos && space > 0;
       space = model.rfind(' ')) {
    if (!told_elsewhere(std::string_view(model).substr(space + 1))) return;
    model.resize(space);
  }
}

event::v1::DeviceLabel LabelOf(const event::v1::Target& target,
                               const event::v1::Identity& identity) {
  event::v1::DeviceLabel label;
  label.set_manufacturer(identity.manufacturer());
  label.set_model(identity.model());
  label.set_serial_number(identity.serial_number());
  label.set_display_name(target.display_name().empty() ? identity.sys_name()
                                                       : target.display_name());
  label.set_customer(target.customer().empty() ? target.tenant() : target.customer());
  label.set_site(target.site_name().empty() ? target.site() : target.site_name());
  label.set_location(target.location().empty() ? identity.sys_location() : target.location());
  label.set_address(target.address());
  label.set_asset_tag(identity.asset_tag());
  return label;
}

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

// What people call a change of status: not every page, and no clock.
bool SameStatus(const event::v1::StatusReport& a, const event::v1::StatusReport& b) {
  const auto at_work = [](event::v1::PrinterStatus status) {
    return status == event::v1::PRINTER_STATUS_IDLE ||
           status == event::v1::PRINTER_STATUS_PRINTING ||
           status == event::v1::PRINTER_STATUS_WARMUP;
  };
  return a.device_status() == b.device_status() && a.reachability() == b.reachability() &&
         at_work(a.printer_status()) == at_work(b.printer_status()) &&
         std::equal(a.error_states().begin(),
                    a.error_states().end(),
                    b.error_states().begin(),
                    b.error_states().end());
}

// Another interval is another count, so it has a key of its own.
std::string IntervalKey(ReadingKind kind, base::Duration interval) {
  return base::StrCat(Name(kind), "/", base::ToMillis(interval) / 1000);
}

// Builds the events of one reading, in the order in which they happened.
class Composer {
 public:
  Composer(const Subject& subject, base::WallTime now, DeviceState& state, Outcome& outcome)
      : subject_(subject), now_(now), state_(state), outcome_(outcome) {}

  void Alerts(std::vector<AlertChange> changes) {
    for (AlertChange& change : changes) {
      Event event = NewEvent(subject_, now_);
      event.set_vendor(VendorOf(state_.identity()));
      *event.mutable_occurrence() = std::move(change.occurrence);
      *event.mutable_occurrence_time() = ToProto(change.time);
      *event.mutable_alert() = std::move(change.alert);
      *event.mutable_alert()->mutable_device() = LabelOf(*subject_.target, state_.identity());
      AfterState(std::move(event));
    }
  }

  void Missed(event::v1::MissedAlerts missed) {
    Event event = Instance("missed-alerts");
    *event.mutable_missed_alerts() = std::move(missed);
    AfterState(std::move(event));
  }

  void Status(event::v1::StatusReport status) {
    if (state_.has_status() && SameStatus(status, state_.status())) {
      *state_.mutable_status() = std::move(status);
      return;
    }
    Event event = Instance("status");
    *event.mutable_status_change()->mutable_status() = status;
    if (state_.has_status()) {
      *event.mutable_status_change()->mutable_previous() = state_.status();
    }
    *state_.mutable_status() = std::move(status);
    AfterState(std::move(event));
  }

  void Identity(event::v1::Identity identity) {
    TrimModel(identity);
    if (state_.known() &&
        google::protobuf::util::MessageDifferencer::Equals(identity, state_.identity())) {
      return;
    }
    Event event = Instance("identity");
    *event.mutable_identity_report()->mutable_identity() = identity;
    if (state_.known()) *event.mutable_identity_report()->mutable_previous() = state_.identity();
    event.mutable_identity_report()->set_address(subject_.target->address());
    *state_.mutable_identity() = identity;
    event.set_vendor(VendorOf(identity));
    AfterState(std::move(event));
  }

  void Mismatches(const std::vector<Disagreement>& news, const event::v1::MeterReading& reading) {
    for (const Disagreement& each : news) {
      Event event = Instance("meter-mismatch");
      event::v1::MeterMismatch& body = *event.mutable_meter_mismatch();
      *body.mutable_preferred() = reading.meters(each.preferred);
      *body.mutable_other() = reading.meters(each.other);
      *body.mutable_read_time() = reading.read_time();
      AfterState(std::move(event));
    }
  }

  // Each row has numbers of its own, so that what one is to be told does not hang on the others.
  void Replacements(std::vector<Replaced> replaced) {
    for (Replaced& each : replaced) {
      const event::v1::Supply& supply = each.body.supply();
      Event event =
          Instance(base::StrCat("supply-replaced.", supply.device_index(), ".", supply.index()));
      *event.mutable_occurrence_time() = ToProto(each.time);
      *event.mutable_supply_replacement() = std::move(each.body);
      AfterState(std::move(event));
    }
  }

  // A reading of an interval; nothing if that interval has been read. `fill` sets the body.
  template <class Fill>
  void Scheduled(const Reading& reading, ReadingKind kind, Fill fill) {
    const base::Duration interval = reading.cadence.interval(kind);
    const Slot slot = SlotAt(Device(), kind, interval, reading.time);
    if (IsRead(state_, kind, interval, slot.number)) return;
    Event event = NewEvent(subject_, now_);
    event.set_vendor(VendorOf(state_.identity()));
    event::v1::ScheduledOccurrence& occurrence = *event.mutable_occurrence()->mutable_scheduled();
    occurrence.set_kind(std::string(Name(kind)));
    occurrence.set_interval_seconds(static_cast<std::uint32_t>(base::ToSeconds(interval)));
    occurrence.set_number(slot.number);
    *event.mutable_occurrence_time() = ToProto(slot.start);
    fill(event);
    (*state_.mutable_intervals())[IntervalKey(kind, interval)] = slot.number;
    outcome_.at_once.push_back(std::move(event));
    outcome_.state_changed = true;
  }

 private:
  Event Instance(std::string_view condition) {
    Event event = NewEvent(subject_, now_);
    event.set_vendor(VendorOf(state_.identity()));
    event::v1::InstanceOccurrence& occurrence = *event.mutable_occurrence()->mutable_instance();
    occurrence.set_condition(std::string(condition));
    occurrence.set_instance(++(*state_.mutable_instances())[std::string(condition)]);
    occurrence.set_transition(event::v1::ALERT_TRANSITION_CHANGED);
    *event.mutable_occurrence_time() = ToProto(now_);
    return event;
  }

  base::DeviceId Device() const {
    return base::DeviceId::FromBytes(subject_.target->device_id()).value_or(base::DeviceId());
  }

  void AfterState(Event event) {
    outcome_.after_state.push_back(std::move(event));
    outcome_.state_changed = true;
  }

  const Subject& subject_;
  base::WallTime now_;
  DeviceState& state_;
  Outcome& outcome_;
};

// Where an all-0 or all-100 reading is one of a device that is not at work, no level of it is true.
SupplyJudgement FillSupplies(const Reading& reading, DeviceState& state, Event& event) {
  event::v1::SupplyReading& body = *event.mutable_supply_reading();
  *body.mutable_supplies() = reading.snapshot.supplies();
  *body.mutable_read_time() = ToProto(reading.time);
  const auto circumstances = CircumstancesOf(reading.snapshot, state, reading.time);
  for (const event::v1::ReadingQuality quality : circumstances) body.add_quality(quality);
  if (circumstances.empty()) {
    body.add_quality(event::v1::READING_QUALITY_GOOD);
  } else if (AllLevelsAtOneEnd(reading.snapshot)) {
    body.add_quality(event::v1::READING_QUALITY_IMPLAUSIBLE);
  }
  return JudgeSupplies(
      {&reading.snapshot, &circumstances, event::FromProto(event.occurrence_time())},
      state.meters(),
      *state.mutable_supplies());
}

// Judged by what was read before, which the state keeps: once for each interval, as the event is
// said once.
MeterJudgement FillMeters(const Reading& reading, DeviceState& state, Event& event) {
  event::v1::MeterReading& body = *event.mutable_meter_reading();
  body.set_set(event::v1::METER_SET_BILLING);
  *body.mutable_meters() = reading.snapshot.meters();
  *body.mutable_read_time() = ToProto(reading.time);
  body.set_profile(reading.snapshot.profile());
  MeterSighting sighting{state.identity().serial_number(), reading.time};
  if (reading.profile != nullptr) sighting.bounds = &reading.profile->counters;
  const MeterJudgement judgement =
      JudgeMeters(sighting, *body.mutable_meters(), *state.mutable_meters());
  const auto circumstances = CircumstancesOf(reading.snapshot, state, reading.time);
  for (event::v1::Meter& meter : *body.mutable_meters()) {
    for (const event::v1::ReadingQuality quality : circumstances) meter.add_quality(quality);
    if (meter.quality().empty()) meter.add_quality(event::v1::READING_QUALITY_GOOD);
  }
  return judgement;
}

void FillFirmware(const Reading& reading, Event& event) {
  event::v1::FirmwareReading& body = *event.mutable_firmware_reading();
  *body.mutable_versions() = reading.snapshot.identity().firmware();
  *body.mutable_read_time() = ToProto(reading.time);
}

void KeepTotal(const event::v1::DeviceSnapshot& snapshot, DeviceState& state) {
  for (const event::v1::Meter& meter : snapshot.meters()) {
    const event::v1::MeterKind& kind = meter.kind();
    if (kind.function() == event::v1::METER_FUNCTION_TOTAL &&
        kind.colour() == event::v1::COLOUR_CLASS_ALL && kind.size() == event::v1::SIZE_CLASS_ALL &&
        kind.sides() == event::v1::SIDES_CLASS_ALL && kind.department() == 0) {
      state.set_total_impressions(meter.value());
      return;
    }
  }
}

}  // namespace

bool IsRead(const DeviceState& state,
            ReadingKind kind,
            base::Duration interval,
            std::uint64_t number) {
  const auto known = state.intervals().find(IntervalKey(kind, interval));
  return known != state.intervals().end() && known->second >= number;
}

Outcome OnReading(const Subject& subject, const Reading& reading, DeviceState& state) {
  Outcome outcome;
  Composer compose(subject, reading.time, state, outcome);
  const event::v1::DeviceSnapshot& snapshot = reading.snapshot;
  state.set_term(subject.term);
  const bool rebooted = TrackBoot(snapshot.status(), reading.time, state);
  state.set_misses(0);
  outcome.state_changed = rebooted;
  KeepTotal(snapshot, state);
  if (reading.kind == ReadingKind::kFull) {
    compose.Identity(snapshot.identity());
    *state.mutable_printer_device_indexes() = snapshot.printer_device_indexes();
    outcome.state_changed |= !state.known();
    state.set_known(true);
  }
  // One that ended early would make a device of half an identity.
  if (reading.kind == ReadingKind::kFirmware && snapshot.complete()) {
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
      const MeterJudgement judgement = FillMeters(reading, state, event);
      outcome.meters_left_out = judgement.left_out;
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

Outcome OnSilence(const Subject& subject,
                  base::WallTime now,
                  event::v1::SilenceReason reason,
                  DeviceState& state) {
  Outcome outcome;
  Composer compose(subject, now, state, outcome);
  state.set_term(subject.term);
  state.set_misses(state.misses() + 1);
  if (state.misses() < kMissesUntilSuspect) return outcome;
  const bool gone = state.misses() >= kMissesUntilUnreachable;
  event::v1::StatusReport status = state.status();
  status.set_silence_reason(reason == event::v1::SILENCE_REASON_UNSPECIFIED ? SilenceReasonOf(state)
                                                                            : reason);
  status.set_reachability(gone ? event::v1::REACHABILITY_UNREACHABLE
                               : event::v1::REACHABILITY_SUSPECT);
  if (gone) {
    const std::string why = base::StrCat("does not answer SNMP: ", Words(status.silence_reason()));
    compose.Alerts(RaisePlaten(state, "unreachable", why, now));
  }
  compose.Status(std::move(status));
  return outcome;
}

}  // namespace platen::collector::core
