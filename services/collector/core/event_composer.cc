#include "services/collector/core/event_composer.h"

#include <algorithm>

#include <google/protobuf/util/message_differencer.h>

#include "libs/base/status.h"
#include "libs/event/timestamps.h"
#include "services/collector/core/device_identity.h"

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

std::string_view WhyConfirmed(std::string_view rule) {
  if (rule == "wrap") return "passed a bound at which counters begin anew, and went on from there";
  if (rule == "another-oid") {
    return "the same device tells it by another object, and it went on from there";
  }
  return "a person has registered the serial number whose counters these are";
}

}  // namespace

bool IsRead(const DeviceState& state,
            ReadingKind kind,
            base::Duration interval,
            std::uint64_t number) {
  const auto known = state.intervals().find(IntervalKey(kind, interval));
  return known != state.intervals().end() && known->second >= number;
}

void EventComposer::Alerts(std::vector<AlertChange> changes) {
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

void EventComposer::Missed(event::v1::MissedAlerts missed) {
  Event event = Instance("missed-alerts");
  *event.mutable_missed_alerts() = std::move(missed);
  AfterState(std::move(event));
}

void EventComposer::Status(event::v1::StatusReport status) {
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

void EventComposer::Identity(event::v1::Identity identity) {
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

void EventComposer::Mismatches(const std::vector<Disagreement>& news,
                               const event::v1::MeterReading& reading) {
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
void EventComposer::Replacements(std::vector<Replaced> replaced) {
  for (Replaced& each : replaced) {
    const event::v1::Supply& supply = each.body.supply();
    const std::string finisher =
        supply.has_finisher() ? base::StrCat("finisher-", supply.finisher(), ".") : std::string();
    Event event = Instance(
        base::StrCat("supply-replaced.", finisher, supply.device_index(), ".", supply.index()));
    *event.mutable_occurrence_time() = ToProto(each.time);
    *event.mutable_supply_replacement() = std::move(each.body);
    AfterState(std::move(event));
  }
}

// One event for each rule.
void EventComposer::Confirmations(const std::vector<ConfirmedByRule>& confirmed) {
  for (std::size_t i = 0; i < confirmed.size(); ++i) {
    const std::string_view rule = confirmed[i].rule;
    const auto same = [rule](const ConfirmedByRule& each) { return each.rule == rule; };
    if (std::find_if(confirmed.begin(), confirmed.end(), same) - confirmed.begin() !=
        static_cast<std::ptrdiff_t>(i)) {
      continue;
    }
    Event event = Instance(base::StrCat("epochs-confirmed.", rule));
    event::v1::EpochConfirmation& body = *event.mutable_epoch_confirmation();
    body.set_rule(std::string(rule));
    body.set_reason(std::string(WhyConfirmed(rule)));
    for (const ConfirmedByRule& each : confirmed) {
      if (each.rule == rule) *body.add_epochs() = each.epoch;
    }
    AfterState(std::move(event));
  }
}

// Told apart by the order, not by when or by whom it was carried out.
void EventComposer::Order(event::v1::EpochConfirmation done) {
  Event event = Instance("epoch-order");
  event.mutable_occurrence()->mutable_instance()->set_instance(done.order());
  *event.mutable_occurrence_time() = subject_.target->epoch_order().time();
  *event.mutable_epoch_confirmation() = std::move(done);
  AfterState(std::move(event));
}

void EventComposer::OtherDevice(const event::v1::Identity& found) {
  Event event = Instance("other-device");
  event::v1::OtherDevice& body = *event.mutable_other_device();
  *body.mutable_found() = found;
  TrimModel(*body.mutable_found());
  body.set_address(subject_.target->address());
  body.set_expected_serial(ExpectedSerial(*subject_.target, state_.identity()));
  if (state_.known()) *body.mutable_known() = state_.identity();
  AfterState(std::move(event));
}

Event EventComposer::Instance(std::string_view condition) {
  Event event = NewEvent(subject_, now_);
  event.set_vendor(VendorOf(state_.identity()));
  event::v1::InstanceOccurrence& occurrence = *event.mutable_occurrence()->mutable_instance();
  occurrence.set_condition(std::string(condition));
  occurrence.set_instance(++(*state_.mutable_instances())[std::string(condition)]);
  occurrence.set_transition(event::v1::ALERT_TRANSITION_CHANGED);
  *event.mutable_occurrence_time() = ToProto(now_);
  return event;
}

base::DeviceId EventComposer::Device() const {
  return base::DeviceId::FromBytes(subject_.target->device_id()).value_or(base::DeviceId());
}

void EventComposer::AfterState(Event event) {
  outcome_.after_state.push_back(std::move(event));
  outcome_.state_changed = true;
}

// A reading of an interval; nothing where that interval has been read.
std::optional<Event> EventComposer::BeginScheduled(const Reading& reading, ReadingKind kind) {
  const base::Duration interval = reading.cadence.interval(kind);
  const Slot slot = SlotAt(Device(), kind, interval, reading.time);
  if (IsRead(state_, kind, interval, slot.number)) return std::nullopt;
  Event event = NewEvent(subject_, now_);
  event.set_vendor(VendorOf(state_.identity()));
  event::v1::ScheduledOccurrence& occurrence = *event.mutable_occurrence()->mutable_scheduled();
  occurrence.set_kind(std::string(Name(kind)));
  occurrence.set_interval_seconds(static_cast<std::uint32_t>(base::ToSeconds(interval)));
  occurrence.set_number(slot.number);
  *event.mutable_occurrence_time() = ToProto(slot.start);
  return event;
}

void EventComposer::EndScheduled(const Reading& reading, ReadingKind kind, Event event) {
  const std::uint64_t number = event.occurrence().scheduled().number();
  (*state_.mutable_intervals())[IntervalKey(kind, reading.cadence.interval(kind))] = number;
  outcome_.at_once.push_back(std::move(event));
  outcome_.state_changed = true;
}

}  // namespace platen::collector::core
