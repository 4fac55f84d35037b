#include "libs/alerting/alert_record.h"

#include <algorithm>
#include <string_view>

#include "absl/container/flat_hash_map.h"
#include "libs/base/planted_bug.h"
#include "libs/base/status.h"
#include "libs/event/timestamps.h"

namespace platen::alerting {
namespace {

google::protobuf::Duration ToProto(base::Duration duration) {
  google::protobuf::Duration proto;
  const auto seconds = std::chrono::duration_cast<std::chrono::seconds>(duration);
  proto.set_seconds(seconds.count());
  proto.set_nanos(static_cast<std::int32_t>((duration - seconds).count()));
  return proto;
}

absl::StatusOr<base::EventId> OptionalEventId(const std::string& bytes) {
  if (bytes.empty()) return base::EventId();
  return base::EventId::FromBytes(bytes);
}

void SetOptional(const base::EventId& id, std::string& bytes) {
  if (!id.is_none()) bytes.assign(id.bytes());
}

google::protobuf::Timestamp Moment(std::int64_t millis) {
  return event::ToProto(base::WallFromMillis(millis));
}

std::int64_t MillisOf(const google::protobuf::Timestamp& time) {
  return base::ToMillis(event::FromProto(time));
}

void AddWhatIsToCome(const AlertRecord& record, notifier::v1::AlertState& state) {
  for (const Plan& plan : record.plans) {
    notifier::v1::TellingPlan& kept = *state.add_plans();
    kept.set_rule(plan.rule);
    kept.set_step(plan.step);
    *kept.mutable_due_time() = Moment(plan.due_millis);
    kept.set_held(plan.held);
    if (plan.told_millis != 0) *kept.mutable_told_time() = Moment(plan.told_millis);
  }
  for (const PastRaise& raise : record.raises) {
    notifier::v1::PastRaise& kept = *state.add_raises();
    *kept.mutable_time() = Moment(raise.millis);
    if (raise.pages.has_value()) kept.set_pages(*raise.pages);
  }
  if (record.care == nullptr) return;
  notifier::v1::TakenCare& care = *state.mutable_care();
  care.set_author(record.care->author);
  care.set_note(record.care->note);
  *care.mutable_expire_time() = Moment(record.care->expire_millis);
  *care.mutable_set_time() = Moment(record.care->set_millis);
}

void TakeWhatIsToCome(const notifier::v1::AlertState& state, AlertRecord& record) {
  for (const notifier::v1::TellingPlan& kept : state.plans()) {
    record.plans.push_back({.rule = kept.rule(),
                            .step = kept.step(),
                            .due_millis = MillisOf(kept.due_time()),
                            .held = kept.held(),
                            .told_millis = kept.has_told_time() ? MillisOf(kept.told_time()) : 0});
  }
  for (const notifier::v1::PastRaise& kept : state.raises()) {
    PastRaise& raise = record.raises.emplace_back();
    raise.millis = MillisOf(kept.time());
    if (kept.has_pages()) raise.pages = kept.pages();
  }
  if (!state.has_care()) return;
  record.care =
      std::make_shared<const Care>(Care{.author = state.care().author(),
                                        .note = state.care().note(),
                                        .expire_millis = MillisOf(state.care().expire_time()),
                                        .set_millis = MillisOf(state.care().set_time())});
}

}  // namespace

std::optional<std::int64_t> AlertRecord::due_millis() const {
  std::optional<std::int64_t> due;
  if (!open) return due;
  if (care != nullptr) due = care->expire_millis;
  for (const Plan& plan : plans) due = std::min(due.value_or(plan.due_millis), plan.due_millis);
  return due;
}

ToldGroup ToldGroupOf(const notifier::v1::GroupTerms& terms) {
  return {.key = terms.key(),
          .wait = event::FromProto(terms.wait()),
          .interval = event::FromProto(terms.interval()),
          .at_least = terms.site().at_least(),
          .percent = terms.site().percent(),
          .devices = terms.site().devices(),
          .subnet = terms.site().subnet(),
          .subnet_devices = terms.site().subnet_devices()};
}

notifier::v1::GroupTerms TermsOf(const ToldGroup& group) {
  notifier::v1::GroupTerms terms;
  terms.set_key(group.key);
  *terms.mutable_wait() = ToProto(group.wait);
  *terms.mutable_interval() = ToProto(group.interval);
  if (group.at_least == 0) return terms;
  notifier::v1::SiteTerms& site = *terms.mutable_site();
  site.set_at_least(group.at_least);
  site.set_percent(group.percent);
  site.set_devices(group.devices);
  site.set_subnet(group.subnet);
  site.set_subnet_devices(group.subnet_devices);
  return terms;
}

std::optional<notifier::v1::ToldReceiver> DetailsOf(const Told& told) {
  if (told.emails.empty() && told.group.key.empty()) return std::nullopt;
  notifier::v1::ToldReceiver details;
  details.set_receiver(told.name);
  for (const std::string& email : told.emails) details.add_emails(email);
  if (!told.group.key.empty()) *details.mutable_group() = TermsOf(told.group);
  return details;
}

notifier::v1::AlertState ToState(const base::DeviceId& device,
                                 const std::string& alert_id,
                                 std::uint64_t term,
                                 const AlertRecord& record) {
  notifier::v1::AlertState state;
  state.set_device_id(std::string(device.bytes()));
  state.set_alert_id(alert_id);
  state.set_instance(record.instance);
  state.set_round(record.round);
  state.set_phase(record.open ? notifier::v1::ALERT_PHASE_OPEN : notifier::v1::ALERT_PHASE_CLOSED);
  state.set_end(record.end);
  state.set_term(term);
  SetOptional(record.raise_event, *state.mutable_raise_event_id());
  SetOptional(record.end_event, *state.mutable_end_event_id());
  *state.mutable_observation_time() = event::ToProto(base::WallFromMillis(record.observed_millis));
  *state.mutable_change_time() = event::ToProto(base::WallFromMillis(record.changed_millis));
  state.set_reason(record.reason);
  for (const Told& told : record.told) {
    state.add_told(told.name);
    if (auto details = DetailsOf(told)) *state.add_told_details() = *std::move(details);
  }
  state.set_title(record.title);
  state.set_next_input(record.next_input);
  state.set_category(record.category);
  state.set_sayings(record.sayings);
  if (!record.event.empty()) state.mutable_event()->ParseFromString(record.event);
  AddWhatIsToCome(record, state);
  if (base::IsPlanted(base::PlantedBug::kForgetsOutbox)) return state;
  for (const PendingEntry& pending : record.outbox) *state.add_outbox() = pending.entry;
  return state;
}

absl::StatusOr<AlertRecord> FromState(const notifier::v1::AlertState& state) {
  AlertRecord record;
  record.instance = state.instance();
  record.round = state.round();
  record.open = state.phase() == notifier::v1::ALERT_PHASE_OPEN;
  record.end = state.end();
  record.reason = state.reason();
  PLATEN_ASSIGN_OR_RETURN(record.raise_event, OptionalEventId(state.raise_event_id()));
  PLATEN_ASSIGN_OR_RETURN(record.end_event, OptionalEventId(state.end_event_id()));
  record.observed_millis = base::ToMillis(event::FromProto(state.observation_time()));
  record.changed_millis = base::ToMillis(event::FromProto(state.change_time()));
  record.next_input = state.next_input();
  for (const std::string& name : state.told()) record.told.push_back({.name = name});
  absl::flat_hash_map<std::string_view, const notifier::v1::ToldReceiver*> details_of;
  for (const notifier::v1::ToldReceiver& details : state.told_details()) {
    details_of[details.receiver()] = &details;
  }
  for (Told& told : record.told) {
    const auto found = details_of.find(told.name);
    if (found == details_of.end()) continue;
    told.emails.assign(found->second->emails().begin(), found->second->emails().end());
    told.group = ToldGroupOf(found->second->group());
  }
  record.category = state.category();
  record.sayings = state.sayings();
  if (state.has_event()) record.event = state.event().SerializeAsString();
  TakeWhatIsToCome(state, record);
  record.title = state.title();
  for (const notifier::v1::OutboxEntry& entry : state.outbox())
    record.outbox.push_back({.entry = entry});
  return record;
}

std::string StateKey(const base::DeviceId& device, const std::string& alert_id) {
  return base::StrCat(device.ToHex(), "/", alert_id);
}

}  // namespace platen::alerting
