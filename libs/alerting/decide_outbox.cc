#include <algorithm>
#include <utility>

#include "libs/alerting/decide_state.h"
#include "libs/alerting/outbox_entry.h"

namespace platen::alerting {

// The serials of the entries: [first, last).
std::pair<std::uint64_t, std::uint64_t> DecideCore::Enter(
    PartitionState& partition,
    std::vector<notifier::v1::OutboxEntry> entries,
    AlertRecord& record) {
  const std::uint64_t first = last_serial_ + 1;
  for (notifier::v1::OutboxEntry& entry : entries) {
    record.outbox.push_back({.serial = ++last_serial_, .entry = std::move(entry)});
    ++partition.outbox_entries;
  }
  return {first, last_serial_ + 1};
}

void DecideCore::WriteState(PartitionState& partition, Waiting waiting, DecideEffects& effects) {
  const Device& owner = partition.devices.at(waiting.device);
  StateEffect effect{
      .partition = partition.number,
      .key = StateKey(waiting.device, waiting.alert_id),
      .value =
          ToState(waiting.device, waiting.alert_id, owner.term, owner.alerts.at(waiting.alert_id))
              .SerializeAsString()};
  effect.token = Wait(partition, std::move(waiting));
  effects.states.push_back(std::move(effect));
}

void DecideCore::Forget(PartitionState& partition,
                        const base::DeviceId& device,
                        const std::string& alert_id,
                        DecideEffects& effects) {
  StateEffect effect{.partition = partition.number, .key = StateKey(device, alert_id)};
  effect.token =
      Wait(partition, {.what = Waiting::What::kNothingFollows, .partition = partition.number});
  effects.states.push_back(std::move(effect));
  Device& owner = partition.devices.at(device);
  owner.alerts.erase(alert_id);
  if (owner.alerts.empty()) partition.devices.erase(device);
}

void DecideCore::Say(PartitionState& partition,
                     const Waiting& origin,
                     PendingEntry& pending,
                     DecideEffects& effects) {
  const auto wait = [&] {
    Waiting waiting = origin;
    waiting.what = Waiting::What::kSaying;
    waiting.first = pending.serial;
    ++pending.unacknowledged;
    return Wait(partition, std::move(waiting));
  };
  for (KeyedNotification& keyed : Group(pending.entry)) {
    effects.notifications.push_back({.token = wait(), .keyed = std::move(keyed)});
  }
  if (pending.entry.has_decision()) {
    effects.decisions.push_back({.token = wait(), .event = ToDecisionEvent(pending.entry)});
  }
}

DecideEffects DecideCore::OnAcknowledged(Token token) {
  DecideEffects effects;
  const auto found = waiting_.find(token);
  if (found == waiting_.end()) return effects;
  const Waiting waiting = std::move(found->second);
  waiting_.erase(found);
  PartitionState& partition = *partitions_.at(waiting.partition);
  --partition.in_flight;
  switch (waiting.what) {
    case Waiting::What::kNothingFollows:
      break;
    case Waiting::What::kDeadLetter:
      End(partition, waiting.input, effects);
      break;
    case Waiting::What::kState:
      OnStateKept(partition, waiting, effects);
      break;
    case Waiting::What::kSaying:
      OnSaid(partition, waiting, effects);
      break;
    case Waiting::What::kCollectorsGone:
      SayCollectors(partition, false, effects);
      break;
    case Waiting::What::kCollectorsBack:
      SayCollectors(partition, true, effects);
      break;
    case Waiting::What::kCollectorsEndSaid:
      OnCollectorsEndSaid(partition, effects);
      break;
  }
  return effects;
}

void DecideCore::OnStateKept(PartitionState& partition,
                             const Waiting& waiting,
                             DecideEffects& effects) {
  for (std::uint64_t serial = waiting.first; serial < waiting.last; ++serial) {
    Say(partition,
        waiting,
        FindEntry(partition, waiting.device, waiting.alert_id, serial),
        effects);
  }
  if (waiting.first == waiting.last && waiting.input >= 0) End(partition, waiting.input, effects);
}

PendingEntry& DecideCore::FindEntry(PartitionState& partition,
                                    const base::DeviceId& device,
                                    const std::string& alert_id,
                                    std::uint64_t serial) {
  AlertRecord& record = *partition.Find(device, alert_id);
  return *std::find_if(record.outbox.begin(), record.outbox.end(), [&](const PendingEntry& entry) {
    return entry.serial == serial;
  });
}

void DecideCore::OnSaid(PartitionState& partition, const Waiting& waiting, DecideEffects& effects) {
  PendingEntry& pending = FindEntry(partition, waiting.device, waiting.alert_id, waiting.first);
  if (--pending.unacknowledged > 0) return;
  AlertRecord& record = *partition.Find(waiting.device, waiting.alert_id);
  std::erase_if(record.outbox,
                [&](const PendingEntry& entry) { return entry.serial == waiting.first; });
  --partition.outbox_entries;
  if (record.outbox.empty()) {
    WriteState(partition,
               {.what = Waiting::What::kNothingFollows,
                .partition = partition.number,
                .device = waiting.device,
                .alert_id = waiting.alert_id},
               effects);
  }
  if (waiting.input < 0) return;
  const auto left = partition.unsaid.find(waiting.input);
  if (left == partition.unsaid.end() || --left->second > 0) return;
  partition.unsaid.erase(left);
  End(partition, waiting.input, effects);
}

Token DecideCore::Wait(PartitionState& partition, Waiting waiting) {
  ++partition.in_flight;
  waiting_.emplace(++last_token_, std::move(waiting));
  return last_token_;
}

void DecideCore::End(PartitionState& partition, std::int64_t input, DecideEffects& effects) {
  partition.inputs.End(input);
  if (const auto next = partition.inputs.TakeCommit(); next.has_value()) {
    effects.commits.push_back({.partition = partition.number, .next = *next});
  }
}

}  // namespace platen::alerting
