// Partitions come and go: what DeliverCore reads when it gets one, and drops when it gives it back.
#include <algorithm>
#include <utility>

#include "absl/base/internal/raw_logging.h"
#include "libs/alerting/alert_record.h"
#include "libs/base/ids.h"
#include "libs/base/status.h"
#include "libs/event/timestamps.h"
#include "services/notifier/core/deliver_core.h"
#include "services/notifier/core/deliver_core_state.h"

namespace platen::notifier::core {

void DeliverCore::Assign(std::int32_t partition) {
  Revoke(partition);
  partitions_[partition] = std::make_unique<PartitionState>();
  partitions_[partition]->number = partition;
}

absl::Status DeliverCore::OnRestored(std::int32_t partition,
                                     std::string_view key,
                                     std::optional<std::string_view> value) {
  PartitionState& state = *partitions_.at(partition);
  ABSL_RAW_CHECK(!state.restored, "restored already");
  if (!value.has_value()) {
    state.restoring.erase(std::string(key));
    return absl::OkStatus();
  }
  v1::ParkedDelivery parked;
  if (!parked.ParseFromArray(value->data(), static_cast<int>(value->size()))) {
    return base::InvalidArgument("a parked delivery can't be decoded");
  }
  const std::string& id = parked.notification().id();
  if (id.size() != base::NotificationId::kSize || key != base::HexEncode(id)) {
    // Its end would be said under another key than its own, or under none, which Kafka refuses.
    return base::InvalidArgument("the key of a parked delivery is not its notification's id");
  }
  state.restoring[std::string(key)] = std::move(parked);
  return absl::OkStatus();
}

DeliverEffects DeliverCore::OnRestoreEnd(const Moment& now, std::int32_t partition) {
  PartitionState& state = *partitions_.at(partition);
  state.restored = true;
  std::vector<v1::ParkedDelivery> restored;
  for (auto& [key, parked] : state.restoring) restored.push_back(std::move(parked));
  state.restoring.clear();
  std::sort(restored.begin(), restored.end(), [](const auto& left, const auto& right) {
    return left.notification_offset() < right.notification_offset();
  });
  DeliverEffects effects;
  RestoreSites(now, partition, restored, effects);
  // What belongs to no group, by receiver.
  std::map<std::string, Grouper::Group> alone;
  for (v1::ParkedDelivery& parked : restored) {
    auto delivery = std::make_unique<Delivery>();
    delivery->partition = partition;
    delivery->offset = parked.notification_offset();
    delivery->attempts = parked.attempts();
    delivery->begin_time = event::FromProto(parked.begin_time());
    delivery->parked = true;
    delivery->covered = parked.covered();
    delivery->delayed = parked.delayed();
    delivery->notification =
        std::make_shared<const v1::Notification>(std::move(*parked.mutable_notification()));
    const DeliveredMemory::Told* const told = memory_.Find(IdOf(*delivery->notification));
    if (told != nullptr && told->delivered) {
      ++effects.repeats_spared;
      ReportAgain(now, std::move(delivery), told->attempts, effects);
    } else if (delivery->notification->has_group()) {
      Admit(now, std::move(delivery), effects);
    } else {
      alone[delivery->notification->receiver()].push_back(std::move(delivery));
    }
  }
  for (auto& [name, members] : alone) {
    const Receiver& receiver = ReceiverOf(now, name);
    if (receiver.queue.size() + members.size() > receiver.terms.digest_above) {
      SendTogether(now, std::move(members), effects);
      continue;
    }
    for (auto& member : members) Enqueue(now, std::move(member), effects);
  }
  TakeInhibited(effects);
  return effects;
}

void DeliverCore::Drain(std::int32_t partition) {
  const auto found = partitions_.find(partition);
  if (found == partitions_.end()) return;
  found->second->draining = true;
  for (const auto& grouped : grouper_.TakeOf(partition)) LetGo(*grouped);
  for (const auto& held : outages_.TakeOf(partition)) LetGo(*held);
  for (auto& [name, receiver] : receivers_) {
    std::vector<Delivery*> waiting;
    for (const auto& [sequence, queued] : receiver->queue.by_age()) {
      if (queued->partition == partition && queued->sending == 0) waiting.push_back(queued.get());
    }
    for (Delivery* const queued : waiting) {
      LetGo(*queued);
      Take(*receiver, receiver->queue.Remove(*queued));
    }
    Reschedule(*receiver);
  }
}

bool DeliverCore::is_idle(std::int32_t partition) const {
  const auto found = partitions_.find(partition);
  return found == partitions_.end() || found->second->in_flight == 0;
}

void DeliverCore::Revoke(std::int32_t partition) {
  Drain(partition);
  if (partitions_.erase(partition) == 0) return;
  RememberUnderWay(partition);
  absl::erase_if(tries_, [&](const auto& entry) {
    Delivery& delivery = *entry.second.delivery;
    Receiver& receiver = *entry.second.receiver;
    if (delivery.partition != partition) return false;
    LetGo(delivery);
    Take(receiver, receiver.queue.Remove(delivery));
    Reschedule(receiver);
    return true;
  });
  absl::erase_if(endings_, [&](const auto& entry) {
    if (entry.second.delivery->partition != partition) return false;
    LetGo(*entry.second.delivery);
    return true;
  });
  absl::erase_if(waiting_, [&](const auto& entry) { return entry.second.partition == partition; });
}

}  // namespace platen::notifier::core
