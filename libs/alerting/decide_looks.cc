#include <algorithm>
#include <tuple>
#include <utility>

#include "libs/alerting/collector_watch.h"
#include "libs/alerting/decide_state.h"
#include "libs/alerting/outage_alert.h"
#include "libs/alerting/rate.h"
#include "libs/base/status.h"

namespace platen::alerting {

absl::Status DecideCore::SetDefaults(const std::vector<rules::v1::Record>& records) {
  for (const rules::v1::Record& record : records) {
    PLATEN_RETURN_IF_ERROR(rules::CheckRecord(record));
  }
  const auto is_said = [&](const std::string& name) { return said_rules_.contains(name); };
  for (const auto& [name, record] : std::exchange(defaults_, {})) {
    if (!is_said(name)) book_.Remove(name);
  }
  for (const rules::v1::Record& record : records) defaults_[record.name()] = record;
  for (const auto& [name, record] : defaults_) {
    if (!is_said(name)) PLATEN_RETURN_IF_ERROR(book_.Put(record));
  }
  return absl::OkStatus();
}

absl::Status DecideCore::OnRule(base::WallTime now,
                                std::string_view key,
                                std::optional<std::string_view> value,
                                DecideEffects& effects) {
  PLATEN_ASSIGN_OR_RETURN(const rules::RecordName name, rules::RecordName::Parse(key));
  rules::v1::Record record;
  if (value.has_value()) {
    if (!record.ParseFromArray(value->data(), static_cast<int>(value->size()))) {
      return base::InvalidArgument("'", key, "' can't be decoded");
    }
    if (record.name() != key) {
      return base::InvalidArgument("'", key, "' says that its name is '", record.name(), "'");
    }
    PLATEN_RETURN_IF_ERROR(book_.Put(record));
    said_rules_.insert(record.name());
  } else {
    book_.Remove(key);
    said_rules_.erase(std::string(key));
    if (const auto found = defaults_.find(std::string(key)); found != defaults_.end()) {
      PLATEN_RETURN_IF_ERROR(book_.Put(found->second));
    }
  }
  switch (name.kind) {
    case rules::RecordKind::kAcknowledgement:
      OnAcknowledgement(now, name, value.has_value() ? &record : nullptr, effects);
      break;
    case rules::RecordKind::kSilence:
    case rules::RecordKind::kCalendar:
      LookAtHeld(now, notifier::v1::DECISION_REASON_SILENCED, effects);
      break;
    case rules::RecordKind::kInhibition:
      LookAtHeld(now, notifier::v1::DECISION_REASON_INHIBITED, effects);
      break;
    default:
      break;
  }
  return absl::OkStatus();
}

void DecideCore::OnAcknowledgement(base::WallTime now,
                                   const rules::RecordName& name,
                                   const rules::v1::Record* record,
                                   DecideEffects& effects) {
  const std::size_t dot = name.id.find('.');
  if (dot == std::string::npos) return;
  const auto device = base::DeviceId::FromHex(std::string_view(name.id).substr(0, dot));
  if (!device.ok()) return;
  const std::string alert_id = name.id.substr(dot + 1);
  for (auto& [number, partition] : partitions_) {
    AlertRecord* const alert = partition->Find(*device, alert_id);
    if (!partition->restored || alert == nullptr || !alert->open) continue;
    const Scene scene = SceneOf(now, *partition->FindDevice(*device), alert_id);
    Carry(now,
          *partition,
          *device,
          alert_id,
          record == nullptr ? EndCare(scene, *alert) : TakeCare(scene, *record, *alert),
          effects);
  }
}

Scene DecideCore::SceneOf(base::WallTime now,
                          const Device& owner,
                          std::string_view alert_id) const {
  Scene scene{.now = now, .book = book_, .roll = &roll_};
  for (const auto& [other_id, other] : owner.alerts) {
    // What is said of a site, or of all of them, says nothing of the device that it stands at.
    if (other_id == alert_id || IsOutage(other_id) || AreCollectorsGone(other_id)) continue;
    scene.others.push_back(&other);
    if (IsAlike(alert_id, other_id)) scene.alike.push_back(&other);
  }
  return scene;
}

void DecideCore::LookAt(base::WallTime now,
                        PartitionState& partition,
                        const base::DeviceId& device,
                        const std::string& alert_id,
                        DecideEffects& effects) {
  AlertRecord* const record = partition.Find(device, alert_id);
  if (record == nullptr || !record->open) return;
  Outcome outcome = Look(SceneOf(now, *partition.FindDevice(device), alert_id), alert_id, *record);
  Carry(now, partition, device, alert_id, std::move(outcome), effects);
}

// Those of the device that are held for this reason.
void DecideCore::LookAgain(base::WallTime now,
                           PartitionState& partition,
                           const base::DeviceId& device,
                           notifier::v1::DecisionReason held,
                           DecideEffects& effects) {
  Device* const owner = partition.FindDevice(device);
  if (owner == nullptr) return;
  std::vector<std::string> due;
  for (auto& [alert_id, record] : owner->alerts) {
    bool is_held = false;
    for (Plan& plan : record.plans) {
      if (plan.held != held) continue;
      plan.due_millis = base::ToMillis(now);
      is_held = true;
    }
    if (is_held) due.push_back(alert_id);
  }
  for (const std::string& alert_id : due) LookAt(now, partition, device, alert_id, effects);
}

void DecideCore::LookAtHeld(base::WallTime now,
                            notifier::v1::DecisionReason held,
                            DecideEffects& effects) {
  for (auto& [number, partition] : partitions_) {
    if (!partition->restored) continue;
    // Whatever is held is due some time.
    std::vector<base::DeviceId> devices;
    for (const auto& [key, at] : partition->due_at) devices.push_back(key.first);
    std::sort(devices.begin(), devices.end());
    devices.erase(std::unique(devices.begin(), devices.end()), devices.end());
    for (const base::DeviceId& device : devices) {
      LookAgain(now, *partition, device, held, effects);
    }
  }
}

// What came of looking goes into state and outbox.
void DecideCore::Carry(base::WallTime now,
                       PartitionState& partition,
                       const base::DeviceId& device,
                       const std::string& alert_id,
                       Outcome outcome,
                       DecideEffects& effects) {
  AlertRecord& record = *partition.Find(device, alert_id);
  if (outcome.changed) {
    record.reason = outcome.reason;
    record.changed_millis = base::ToMillis(now);
    effects.reasons.push_back(outcome.reason);
    Waiting waiting{.partition = partition.number, .device = device, .alert_id = alert_id};
    std::tie(waiting.first, waiting.last) = Enter(partition, std::move(outcome.entries), record);
    WriteState(partition, std::move(waiting), effects);
  }
  Schedule(partition, device, alert_id, record);
}

void DecideCore::Schedule(PartitionState& partition,
                          const base::DeviceId& device,
                          const std::string& alert_id,
                          const AlertRecord& record) {
  const std::pair key(device, alert_id);
  if (const auto found = partition.due_at.find(key); found != partition.due_at.end()) {
    partition.due.erase({found->second, device, alert_id});
    partition.due_at.erase(found);
  }
  const auto due = record.due_millis();
  if (!due.has_value()) return;
  partition.due.insert({*due, device, alert_id});
  partition.due_at[key] = *due;
}

std::optional<base::WallTime> DecideCore::next_wake() const {
  std::optional<base::WallTime> wake;
  for (const auto& [number, partition] : partitions_) {
    if (!partition->restored || partition->due.empty()) continue;
    const base::WallTime due = base::WallFromMillis(std::get<0>(*partition->due.begin()));
    wake = std::min(wake.value_or(due), due);
  }
  return wake;
}

DecideEffects DecideCore::OnTimer(base::WallTime now) {
  DecideEffects effects;
  const std::int64_t before = base::ToMillis(now - options_.forget_after);
  for (auto& [number, partition] : partitions_) {
    if (!partition->restored) continue;
    while (!partition->due.empty() && std::get<0>(*partition->due.begin()) <= base::ToMillis(now)) {
      const auto [at, device, alert_id] = *partition->due.begin();
      LookAt(now, *partition, device, alert_id, effects);
    }
    while (!partition->ended.empty() && partition->ended.front().changed_millis <= before) {
      const PartitionState::Ended ended = std::move(partition->ended.front());
      partition->ended.pop_front();
      const AlertRecord* const record = partition->Find(ended.device, ended.alert_id);
      const bool unchanged = record != nullptr && !record->open && record->outbox.empty() &&
                             record->changed_millis == ended.changed_millis;
      if (unchanged) Forget(*partition, ended.device, ended.alert_id, effects);
    }
  }
  return effects;
}

}  // namespace platen::alerting
