// What this process has sent and reads again: it is asked before anything is sent a second time.
//
// A try outlives its partition. Where its message is read again meanwhile, it waits in its
// receiver's queue, and what must not go before it waits behind it, until the outcome is known:
// then it is reported, or sent.
#include <algorithm>
#include <utility>

#include "services/notifier/core/deliver_core.h"
#include "services/notifier/core/deliver_core_state.h"

namespace platen::notifier::core {

void DeliverCore::RememberUnderWay(std::int32_t partition) {
  for (const auto& [token, tried] : tries_) {
    const Delivery& delivery = *tried.delivery;
    if (delivery.partition != partition) continue;
    OrphanedTry& orphan = orphaned_tries_[token];
    orphan = {.receiver = tried.receiver->name, .attempts = delivery.attempts};
    if (delivery.members.empty()) orphan.ids.push_back(IdOf(*delivery.notification));
    for (const auto& member : delivery.members) {
      orphan.ids.push_back(IdOf(*member->notification));
    }
    orphaned_ids_.insert(orphan.ids.begin(), orphan.ids.end());
  }
  for (const auto& [token, waiting] : waiting_) {
    if (waiting.partition != partition || waiting.what != Waiting::What::kEnding) continue;
    const Delivery& delivery = *endings_.at(waiting.sequence).delivery;
    if (IsDelivered(delivery)) orphaned_reports_[token] = IdOf(*delivery.notification);
  }
}

void DeliverCore::OnOrphanResult(const Moment& now,
                                 Token token,
                                 const SendResult& result,
                                 DeliverEffects& effects) {
  const auto orphan = orphaned_tries_.extract(token);
  if (orphan.empty()) return;
  const OrphanedTry& tried = orphan.mapped();
  const bool delivered = result.outcome == SendOutcome::kDelivered;
  for (const base::NotificationId& id : tried.ids) {
    orphaned_ids_.erase(id);
    if (delivered) memory_.OnDelivered(id, tried.attempts);
  }
  const auto receiver = receivers_.find(tried.receiver);
  if (receiver == receivers_.end()) return;
  if (delivered) SpareDelivered(now, *receiver->second, effects);
  receiver->second->queue.Release();
  Pump(now, *receiver->second, effects);
}

bool DeliverCore::IsUnderWay(const Delivery& delivery) const {
  if (orphaned_ids_.empty()) return false;
  if (delivery.members.empty()) return orphaned_ids_.contains(IdOf(*delivery.notification));
  return std::any_of(delivery.members.begin(), delivery.members.end(), [this](const auto& member) {
    return IsUnderWay(*member);
  });
}

bool DeliverCore::IsDelivered(const Delivery& message) const {
  const DeliveredMemory::Told* const told = memory_.Find(IdOf(*message.notification));
  return told != nullptr && told->delivered;
}

Grouper::Group DeliverCore::WithoutDelivered(const Moment& now,
                                             Grouper::Group members,
                                             DeliverEffects& effects) {
  Grouper::Group rest;
  for (auto& member : members) {
    if (!IsDelivered(*member)) {
      rest.push_back(std::move(member));
      continue;
    }
    ++effects.repeats_spared;
    const std::uint32_t attempts = memory_.Find(IdOf(*member->notification))->attempts;
    ReportAgain(now, std::move(member), attempts, effects);
  }
  return rest;
}

void DeliverCore::SpareDelivered(const Moment& now, Receiver& receiver, DeliverEffects& effects) {
  std::vector<Delivery*> known;
  for (const auto& [sequence, queued] : receiver.queue.by_age()) {
    if (queued->sending != 0) continue;
    const bool has_known = IsDelivered(*queued) ||
                           std::any_of(queued->members.begin(),
                                       queued->members.end(),
                                       [this](const auto& member) { return IsDelivered(*member); });
    if (has_known) known.push_back(queued.get());
  }
  for (Delivery* const queued : known) {
    std::unique_ptr<Delivery> taken = Take(receiver, receiver.queue.Remove(*queued));
    const std::uint64_t sequence = taken->sequence;
    Grouper::Group members = std::move(taken->members);
    if (members.empty()) {
      members.push_back(std::move(taken));
    } else {
      held_.erase(IdOf(*taken->notification));
    }
    members = WithoutDelivered(now, std::move(members), effects);
    if (members.empty()) continue;
    // What comes behind it still does.
    std::unique_ptr<Delivery> rest = Unite(std::move(members));
    rest->sequence = sequence;
    Put(receiver, std::move(rest));
  }
}

}  // namespace platen::notifier::core
