#include "libs/alerting/decide_core.h"

#include <algorithm>
#include <iterator>
#include <tuple>
#include <utility>

#include "absl/base/internal/raw_logging.h"
#include "libs/alerting/amend.h"
#include "libs/alerting/decide_state.h"
#include "libs/alerting/outage_alert.h"
#include "libs/base/status.h"

namespace platen::alerting {

using event::v1::Event;

namespace {

// Why a dead letter is one, for people.
constexpr std::string_view kNoEvent = "no platen.event.v1.Event";
constexpr std::string_view kMalformedAlert =
    "an alert has a device, an id, a name and a transition, and where it ended, how";
constexpr std::string_view kTooManyAlerts =
    "the device has as many alerts as are kept of one, all of them open";

}  // namespace

DecideCore::DecideCore(DecideOptions options) : options_(options) {}

DecideCore::~DecideCore() = default;

void DecideCore::Assign(std::int32_t partition) {
  Revoke(partition);
  partitions_[partition] = std::make_unique<PartitionState>();
  partitions_[partition]->number = partition;
}

void DecideCore::Revoke(std::int32_t partition) {
  if (partitions_.erase(partition) == 0) return;
  absl::erase_if(waiting_, [&](const auto& entry) { return entry.second.partition == partition; });
}

absl::Status DecideCore::OnRestored(std::int32_t partition,
                                    std::string_view key,
                                    std::optional<std::string_view> value) {
  PartitionState& state = *partitions_.at(partition);
  ABSL_RAW_CHECK(!state.restored, "restored already");
  if (key == CollectorWatch::kStateKey) return RestoreCollectors(state, value);
  const std::size_t slash = key.find('/');
  if (slash == std::string_view::npos) return base::InvalidArgument("a state's key has no \"/\"");
  PLATEN_ASSIGN_OR_RETURN(const base::DeviceId device,
                          base::DeviceId::FromHex(key.substr(0, slash)));
  const std::string alert_id(key.substr(slash + 1));
  if (!value.has_value()) {
    if (Device* const found = state.FindDevice(device); found != nullptr) {
      found->alerts.erase(alert_id);
    }
    return absl::OkStatus();
  }
  notifier::v1::AlertState parsed;
  if (!parsed.ParseFromArray(value->data(), static_cast<int>(value->size()))) {
    return base::InvalidArgument("a state of device ", device.ToHex(), " can't be decoded");
  }
  PLATEN_ASSIGN_OR_RETURN(AlertRecord record, FromState(parsed));
  Device& owner = state.devices[device];
  owner.term = std::max(owner.term, parsed.term());
  AlertRecord& kept = owner.alerts[alert_id];
  // An owner that lost the partition may have written late: what includes more input is the newer.
  if (record.next_input >= kept.next_input) kept = std::move(record);
  return absl::OkStatus();
}

DecideEffects DecideCore::OnRestoreEnd(base::WallTime now, std::int32_t partition) {
  PartitionState& state = *partitions_.at(partition);
  state.restored = true;
  DecideEffects effects;
  // Ordered: the same inputs give the same effects, in the same order.
  std::vector<std::pair<base::DeviceId, Device*>> devices;
  for (auto& [device, owner] : state.devices) devices.emplace_back(device, &owner);
  std::sort(devices.begin(), devices.end());
  for (const auto& [device, owner] : devices) {
    for (auto& [alert_id, record] : owner->alerts) {
      if (!record.open) state.ended.push_back({record.changed_millis, device, alert_id});
      for (PendingEntry& pending : record.outbox) {
        pending.serial = ++last_serial_;
        ++state.outbox_entries;
        Say(state,
            {.partition = partition, .device = device, .alert_id = alert_id},
            pending,
            effects);
      }
      // What held it back may have ended while nobody looked.
      for (Plan& plan : record.plans) {
        if (plan.held == notifier::v1::DECISION_REASON_SILENCED ||
            plan.held == notifier::v1::DECISION_REASON_INHIBITED) {
          plan.due_millis = std::min(plan.due_millis, base::ToMillis(now));
        }
      }
      Schedule(state, device, alert_id, record);
    }
  }
  for (const rules::v1::Record* record : book_.Records()) {
    if (!record->has_acknowledgement()) continue;
    if (const auto name = rules::RecordName::Parse(record->name()); name.ok()) {
      OnAcknowledgement(now, *name, record, effects);
    }
  }
  for (const auto& [device, owner] : devices) {
    for (auto& [alert_id, record] : owner->alerts) {
      Event event;
      if (record.care == nullptr || !event.ParseFromString(record.event)) continue;
      if (FindAcknowledgement(event, device) != nullptr) continue;
      // It was taken back while nobody looked.
      Outcome outcome = EndCare(SceneOf(now, *owner, alert_id), record);
      Carry(now, state, device, alert_id, std::move(outcome), effects);
    }
  }
  if (const auto& gone = state.collectors.gone(); gone.has_value()) {
    SayCollectors(state, gone->has_end_time(), effects);
  }
  std::sort(state.ended.begin(), state.ended.end(), [](const auto& left, const auto& right) {
    return left.changed_millis < right.changed_millis;
  });
  return effects;
}

DecideEffects DecideCore::OnRecord(base::WallTime now, const InputRecord& record) {
  PartitionState& state = *partitions_.at(record.partition);
  ABSL_RAW_CHECK(state.restored, "input before the state was restored");
  state.inputs.Begin(record.offset);
  DecideEffects effects;
  Event event;
  if (event.ParseFromArray(record.value.data(), static_cast<int>(record.value.size()))) {
    Judge(now, state, record, event, effects);
  } else {
    effects.reasons.push_back(notifier::v1::DECISION_REASON_MALFORMED);
    Quarantine(state, record, "undecodable", kNoEvent, effects);
  }
  return effects;
}

void DecideCore::Judge(base::WallTime now,
                       PartitionState& partition,
                       const InputRecord& record,
                       const Event& event,
                       DecideEffects& effects) {
  if (event.has_heartbeat()) OnHeartbeat(now, partition, event, effects);
  const auto device = base::DeviceId::FromBytes(event.device_id());
  Device* const owner = device.ok() ? partition.FindDevice(*device) : nullptr;
  AlertRecord* const known =
      owner == nullptr || !event.has_alert() ? nullptr : owner->Find(event.alert().alert_id());
  if (known != nullptr && record.offset < known->next_input) {
    effects.reasons.push_back(notifier::v1::DECISION_REASON_ALREADY_INCLUDED);
    return End(partition, record.offset, effects);
  }
  if (owner != nullptr && event.has_notification_report()) {
    effects.reasons.push_back(notifier::v1::DECISION_REASON_NOT_AN_ALERT);
    return OnReport(now, partition, record.offset, event, effects);
  }
  const Verdict verdict =
      Decide({.event = event,
              .known = known,
              .device_term = owner == nullptr ? 0 : owner->term,
              .is_taken = event.has_alert() && !book_.RulesFor(event, now).empty()});
  effects.reasons.push_back(verdict.reason);
  Waiting state{
      .what = Waiting::What::kState, .partition = partition.number, .input = record.offset};
  if (device.ok()) state.device = *device;
  if (event.has_alert()) state.alert_id = event.alert().alert_id();
  switch (verdict.action) {
    case Action::kQuarantine:
      return Quarantine(partition, record, "malformed-alert", kMalformedAlert, effects);
    case Action::kIgnore:
      if (owner == nullptr || event.term() <= owner->term) {
        return End(partition, record.offset, effects);
      }
      // A new owner says what the one before said: nothing to tell, but the old one is to be
      // ignored from now on, also after a crash.
      owner->term = event.term();
      if (owner->alerts.empty()) return End(partition, record.offset, effects);
      // Of an alert that is not kept, another one's state has the term.
      if (known == nullptr) state.alert_id = owner->alerts.begin()->first;
      owner->alerts.at(state.alert_id).next_input = record.offset + 1;
      return WriteState(partition, std::move(state), effects);
    default:
      if (!Apply(now, partition, event, verdict, std::move(state), effects)) {
        effects.reasons.back() = notifier::v1::DECISION_REASON_TOO_MANY_ALERTS;
        Quarantine(partition, record, "too-many-alerts", kTooManyAlerts, effects);
      }
  }
}

bool DecideCore::Apply(base::WallTime now,
                       PartitionState& partition,
                       const Event& event,
                       const Verdict& verdict,
                       Waiting state,
                       DecideEffects& effects) {
  if (partition.Find(state.device, state.alert_id) == nullptr &&
      !MakeRoom(partition, state.device, effects)) {
    return false;
  }
  Device& owner = partition.devices[state.device];
  owner.term = std::max(owner.term, event.term());
  AlertRecord& record = owner.alerts[state.alert_id];
  std::vector<notifier::v1::OutboxEntry> entries;
  if (auto end = Amend(now, event, verdict, record); end.has_value()) {
    entries.push_back(*std::move(end));
  }
  if (verdict.action == Action::kBegin || verdict.action == Action::kReopen) {
    const Scene scene = SceneOf(now, owner, state.alert_id);
    if (IsOutage(state.alert_id)) {
      record.sayings = 1;  // Its beginning.
    } else {
      MakePlans(scene, event, record);
    }
    if (const rules::v1::Record* const care = FindAcknowledgement(event, state.device)) {
      Outcome taken = TakeCare(scene, *care, record);
      std::move(taken.entries.begin(), taken.entries.end(), std::back_inserter(entries));
    }
    Outcome outcome = Look(scene, state.alert_id, record);
    std::move(outcome.entries.begin(), outcome.entries.end(), std::back_inserter(entries));
    if (verdict.action == Action::kBegin &&
        outcome.reason != notifier::v1::DECISION_REASON_UNSPECIFIED) {
      record.reason = outcome.reason;
      effects.reasons.back() = outcome.reason;
    }
  }
  Include(partition, std::move(entries), record, state);
  if (!record.open) {
    partition.ended.push_back({record.changed_millis, state.device, state.alert_id});
  }
  Schedule(partition, state.device, state.alert_id, record);
  const base::DeviceId device = state.device;
  const bool is_over = !record.open;
  WriteState(partition, std::move(state), effects);
  if (is_over) LookAgain(now, partition, device, notifier::v1::DECISION_REASON_INHIBITED, effects);
  return true;
}

// Whoever was told of an outage, as reports say, is told what follows.
void DecideCore::OnReport(base::WallTime now,
                          PartitionState& partition,
                          std::int64_t input,
                          const Event& event,
                          DecideEffects& effects) {
  const event::v1::NotificationReport& report = event.notification_report();
  const base::DeviceId device = *base::DeviceId::FromBytes(event.device_id());
  AlertRecord* const record = partition.Find(device, report.alert_id());
  const bool is_told_of_outage =
      IsOutage(report.alert_id()) && !report.rule().empty() &&
      report.outcome() == event::v1::NotificationReport::OUTCOME_DELIVERED;
  if (!is_told_of_outage || record == nullptr || !record->open || input < record->next_input) {
    return End(partition, input, effects);
  }
  const Scene scene = SceneOf(now, *partition.FindDevice(device), report.alert_id());
  Outcome outcome = OnTold(scene, ToldOf(event), *record);
  if (!outcome.changed) return End(partition, input, effects);
  Waiting state{.partition = partition.number,
                .device = device,
                .alert_id = report.alert_id(),
                .input = input};
  Include(partition, std::move(outcome.entries), *record, state);
  WriteState(partition, std::move(state), effects);
}

// The record has what came of the input.
void DecideCore::Include(PartitionState& partition,
                         std::vector<notifier::v1::OutboxEntry> entries,
                         AlertRecord& record,
                         Waiting& state) {
  std::tie(state.first, state.last) = Enter(partition, std::move(entries), record);
  if (state.last > state.first) partition.unsaid[state.input] = state.last - state.first;
  record.next_input = state.input + 1;
}

// What somebody said who read of it at the gateway, which may have been faster than we are.
const rules::v1::Record* DecideCore::FindAcknowledgement(const Event& event,
                                                         const base::DeviceId& device) const {
  const rules::RecordName name{event.tenant(),
                               event.site(),
                               rules::RecordKind::kAcknowledgement,
                               base::StrCat(device.ToHex(), ".", event.alert().alert_id())};
  return book_.Find(name.ToString());
}

void DecideCore::Quarantine(PartitionState& partition,
                            const InputRecord& record,
                            std::string_view reason,
                            std::string_view detail,
                            DecideEffects& effects) {
  DeadLetterEffect effect;
  effect.token = Wait(
      partition,
      {.what = Waiting::What::kDeadLetter, .partition = partition.number, .input = record.offset});
  effect.letter.set_payload(std::string(record.value));
  effect.letter.set_reason(std::string(reason));
  effect.letter.set_detail(std::string(detail));
  effect.letter.set_partition(record.partition);
  effect.letter.set_offset(record.offset);
  effects.dead_letters.push_back(std::move(effect));
}

bool DecideCore::MakeRoom(PartitionState& partition,
                          const base::DeviceId& device,
                          DecideEffects& effects) {
  Device* const owner = partition.FindDevice(device);
  if (owner == nullptr || owner->alerts.size() < options_.alerts_per_device_max) return true;
  const std::string* oldest = nullptr;
  std::int64_t oldest_millis = 0;
  for (const auto& [alert_id, record] : owner->alerts) {
    if (record.open || !record.outbox.empty()) continue;
    if (oldest == nullptr || record.changed_millis < oldest_millis) {
      oldest = &alert_id;
      oldest_millis = record.changed_millis;
    }
  }
  if (oldest == nullptr) return false;
  Forget(partition, device, std::string(*oldest), effects);
  return true;
}

bool DecideCore::is_idle(std::int32_t partition) const {
  const auto found = partitions_.find(partition);
  return found == partitions_.end() ||
         (found->second->in_flight == 0 && found->second->inputs.open() == 0);
}

std::size_t DecideCore::open_inputs() const {
  std::size_t open = 0;
  for (const auto& [number, partition] : partitions_) open += partition->inputs.open();
  return open;
}

std::size_t DecideCore::outbox_entries() const {
  std::size_t entries = 0;
  for (const auto& [number, partition] : partitions_) entries += partition->outbox_entries;
  return entries;
}

}  // namespace platen::alerting
