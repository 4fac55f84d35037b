// How deliveries end: reports and dead letters, until Kafka has them, and only then the offset.
#include <algorithm>
#include <utility>
#include <vector>

#include "libs/base/ids.h"
#include "libs/base/status.h"
#include "services/notifier/core/deliver_core.h"
#include "services/notifier/core/deliver_core_state.h"
#include "services/notifier/core/report.h"

namespace platen::notifier::core {

using event::v1::NotificationReport;

namespace {

// As far back as is worth looking.
constexpr std::size_t kReportsLookedAt = 16;

// The report that says of another message of the same record what is to be said of this one; null
// where there is none.
ReportEffect* FindShared(const Delivery& delivery,
                         const DeliveryEnd& end,
                         std::vector<ReportEffect>& reports) {
  if (!delivery.members.empty() || delivery.offset < 0) return nullptr;
  const std::size_t looked_at = std::min(reports.size(), kReportsLookedAt);
  const auto found = std::find_if(reports.rbegin(),
                                  reports.rbegin() + static_cast<std::ptrdiff_t>(looked_at),
                                  [&](const ReportEffect& report) {
                                    return report.partition == delivery.partition &&
                                           report.offset == delivery.offset &&
                                           CanShare(report.event, end);
                                  });
  return found == reports.rbegin() + static_cast<std::ptrdiff_t>(looked_at) ? nullptr : &*found;
}

}  // namespace

void DeliverCore::GiveUp(const Moment& now,
                         Receiver& receiver,
                         Delivery& delivery,
                         const std::string& detail,
                         DeliverEffects& effects) {
  Finish(now,
         Take(receiver, receiver.queue.Remove(delivery)),
         NotificationReport::OUTCOME_EXPIRED,
         detail,
         effects);
}

void DeliverCore::Finish(const Moment& now,
                         std::unique_ptr<Delivery> delivery,
                         NotificationReport::Outcome outcome,
                         const std::string& detail,
                         DeliverEffects& effects) {
  if (outcome == NotificationReport::OUTCOME_DELIVERED) {
    if (delivery->members.empty()) {
      memory_.OnDelivered(IdOf(*delivery->notification), delivery->attempts);
    }
    for (const auto& member : delivery->members) {
      memory_.OnDelivered(IdOf(*member->notification), delivery->attempts);
    }
  }
  effects.ended.push_back(
      {.notification = delivery->notification, .outcome = outcome, .attempts = delivery->attempts});
  Report(now, std::move(delivery), outcome, detail, effects);
}

void DeliverCore::ReportAgain(const Moment& now,
                              std::unique_ptr<Delivery> delivery,
                              std::uint32_t attempts,
                              DeliverEffects& effects) {
  delivery->sequence = ++last_sequence_;
  delivery->attempts = attempts;
  held_.insert(IdOf(*delivery->notification));
  Report(now, std::move(delivery), NotificationReport::OUTCOME_DELIVERED, "", effects);
}

void DeliverCore::Report(const Moment& now,
                         std::unique_ptr<Delivery> delivery,
                         NotificationReport::Outcome outcome,
                         const std::string& detail,
                         DeliverEffects& effects) {
  const v1::Notification& notification = *delivery->notification;
  const auto receiver = receivers_.find(notification.receiver());
  Ending ending;
  const Waiting waiting{.what = Waiting::What::kEnding,
                        .partition = delivery->partition,
                        .offset = delivery->offset,
                        .sequence = delivery->sequence};
  const auto report = [&](const v1::Notification& about, const std::string& how) {
    const DeliveryEnd end{
        .notification = about,
        .outcome = outcome,
        .attempts = delivery->attempts,
        .channel = receiver == receivers_.end() ? "" : receiver->second->terms.channel,
        .detail = how};
    ++ending.unacknowledged;
    if (ReportEffect* const shared = FindShared(*delivery, end, effects.reports)) {
      AddFellow(about, shared->event);
      return shared->tokens.push_back(Wait(waiting));
    }
    effects.reports.push_back({.tokens = {Wait(waiting)},
                               .event = MakeReport(now.wall, end, options_.epoch),
                               .partition = delivery->partition,
                               .offset = delivery->offset});
  };
  const auto say_outage = [&](const Delivery& told) {
    if (told.of_site == Delivery::OfSite::kNo) return;
    SayOutage(*told.notification, waiting, effects);
    ++ending.unacknowledged;
  };
  say_outage(*delivery);
  for (const auto& member : delivery->members) say_outage(*member);
  if (delivery->members.empty()) report(notification, detail);
  for (const auto& member : delivery->members) {
    report(*member->notification,
           base::StrCat("in the digest ", base::HexEncode(notification.id()), " ", detail));
  }
  if (outcome != NotificationReport::OUTCOME_DELIVERED) {
    DeadLetterEffect effect{.token = Wait(waiting), .key = notification.event().device_id()};
    effect.letter.set_payload(notification.SerializeAsString());
    effect.letter.set_reason(outcome == NotificationReport::OUTCOME_REFUSED ? "refused-by-receiver"
                                                                            : "receiver-away");
    effect.letter.set_detail(effects.reports.back().event.notification_report().detail());
    effect.letter.set_partition(delivery->partition);
    effect.letter.set_offset(delivery->offset);
    effects.dead_letters.push_back(std::move(effect));
    ++ending.unacknowledged;
  }
  ending.delivery = std::move(delivery);
  endings_.emplace(waiting.sequence, std::move(ending));
}

DeliverEffects DeliverCore::OnAcknowledged(Token token) {
  DeliverEffects effects;
  if (const auto orphan = orphaned_reports_.extract(token); !orphan.empty()) {
    memory_.OnReported(orphan.mapped());
    return effects;
  }
  const auto found = waiting_.find(token);
  if (found == waiting_.end()) return effects;
  const Waiting waiting = found->second;
  waiting_.erase(found);
  PartitionState& partition = *partitions_.at(waiting.partition);
  --partition.in_flight;
  switch (waiting.what) {
    case Waiting::What::kTombstone:
      break;
    case Waiting::What::kSite:
      outages_.OnKept(waiting.place);
      break;
    case Waiting::What::kParked:
    case Waiting::What::kDeadLetter:
      End(partition, waiting.offset, waiting.id, effects);
      break;
    case Waiting::What::kEnding:
      OnEnded(partition, waiting.sequence, effects);
      break;
  }
  return effects;
}

void DeliverCore::OnEnded(PartitionState& partition,
                          std::uint64_t sequence,
                          DeliverEffects& effects) {
  const auto ending = endings_.find(sequence);
  if (--ending->second.unacknowledged > 0) return;
  const std::unique_ptr<Delivery> delivery = std::move(ending->second.delivery);
  endings_.erase(ending);
  LetGo(*delivery);
  for (const auto& member : delivery->members) Conclude(partition, *member, effects);
  if (delivery->members.empty()) Conclude(partition, *delivery, effects);
}

void DeliverCore::Conclude(PartitionState& partition,
                           const Delivery& delivery,
                           DeliverEffects& effects) {
  const base::NotificationId id = IdOf(*delivery.notification);
  memory_.OnReported(id);
  if (delivery.of_site != Delivery::OfSite::kNo) return ConcludeSite(partition, delivery, effects);
  if (delivery.parked) Bury(partition.number, id.bytes(), effects);
  End(partition, delivery.offset, id, effects);
}

void DeliverCore::LetGo(const Delivery& delivery) {
  held_.erase(IdOf(*delivery.notification));
  for (const auto& member : delivery.members) held_.erase(IdOf(*member->notification));
}

void DeliverCore::End(PartitionState& partition,
                      std::int64_t offset,
                      const base::NotificationId& id,
                      DeliverEffects& effects) {
  if (const auto shared = partition.shared.find(offset); shared != partition.shared.end()) {
    shared->second.erase(id);
    if (!shared->second.empty()) return;
    partition.shared.erase(shared);
  }
  partition.inputs.End(offset);
  if (const auto next = partition.inputs.TakeCommit(); next.has_value()) {
    effects.commits.push_back({.partition = partition.number, .next = *next});
  }
}

}  // namespace platen::notifier::core
