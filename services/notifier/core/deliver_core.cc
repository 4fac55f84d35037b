#include "services/notifier/core/deliver_core.h"

#include <algorithm>
#include <utility>

#include "absl/base/internal/raw_logging.h"
#include "libs/alerting/outage_alert.h"
#include "libs/base/ids.h"
#include "libs/event/timestamps.h"
#include "services/notifier/core/deliver_core_state.h"
#include "services/notifier/core/shared_record.h"

namespace platen::notifier::core {

using event::v1::NotificationReport;

DeliverCore::DeliverCore(DeliverOptions options,
                         const TermsByReceiver& receivers,
                         base::Random& random)
    : options_(options), random_(random), memory_(options.remembered_max) {
  SetReceivers({}, receivers, {});
}

DeliverCore::~DeliverCore() = default;

DeliverEffects DeliverCore::OnRecord(const Moment& now, const InputRecord& record) {
  PartitionState& partition = *partitions_.at(record.partition);
  ABSL_RAW_CHECK(partition.restored, "input before parked deliveries were restored");
  partition.inputs.Begin(record.offset);
  DeliverEffects effects;
  v1::Notification parsed;
  std::vector<std::shared_ptr<const v1::Notification>> notifications;
  if (parsed.ParseFromArray(record.value.data(), static_cast<int>(record.value.size()))) {
    notifications = Unpack(std::move(parsed));
  }
  if (notifications.empty()) {
    DeadLetterEffect effect;
    effect.token = Wait({.what = Waiting::What::kDeadLetter,
                         .partition = record.partition,
                         .offset = record.offset});
    effect.letter.set_payload(std::string(record.value));
    effect.letter.set_reason("undecodable");
    effect.letter.set_detail("no platen.notifier.v1.Notification");
    effect.letter.set_partition(record.partition);
    effect.letter.set_offset(record.offset);
    effects.dead_letters.push_back(std::move(effect));
    return effects;
  }
  if (notifications.size() > 1) {
    auto& open = partition.shared[record.offset];
    open.reserve(notifications.size());
    for (const auto& notification : notifications) open.insert(IdOf(*notification));
  }
  for (auto& notification : notifications) {
    OnNotification(now, partition, record.offset, std::move(notification), effects);
  }
  return effects;
}

void DeliverCore::OnNotification(const Moment& now,
                                 PartitionState& partition,
                                 std::int64_t offset,
                                 std::shared_ptr<const v1::Notification> notification,
                                 DeliverEffects& effects) {
  const base::NotificationId id = IdOf(*notification);
  const DeliveredMemory::Told* const told = memory_.Find(id);
  const bool held = held_.contains(id);
  effects.repeats_spared += told != nullptr && told->delivered && !held;
  if (held || (told != nullptr && told->reported)) {
    // Said twice, after a crash upstream, or read twice. The first one is on its way or has
    // arrived; where it still holds its own, lower offset open, commits do not pass that.
    return End(partition, offset, id, effects);
  }
  auto delivery = std::make_unique<Delivery>();
  delivery->notification = std::move(notification);
  delivery->partition = partition.number;
  delivery->offset = offset;
  delivery->begin_time = now.wall;
  if (told != nullptr) {
    ReportAgain(now, std::move(delivery), told->attempts, effects);
  } else {
    Admit(now, std::move(delivery), effects);
  }
}

void DeliverCore::Admit(const Moment& now,
                        std::unique_ptr<Delivery> delivery,
                        DeliverEffects& effects) {
  if (alerting::IsOutage(delivery->notification->event().alert().alert_id())) {
    return AdmitOfOutage(now, std::move(delivery), effects);
  }
  if (grouper_.size() + outages_.size() >= options_.grouped_max) {
    return Enqueue(now, std::move(delivery), effects);
  }
  if (alerting::SiteOutages::Concerns(*delivery->notification)) {
    return AdmitToSite(now, std::move(delivery), effects);
  }
  Delivery& admitted = *delivery;
  const base::NotificationId id = IdOf(*admitted.notification);
  delivery = grouper_.Add(now.monotonic, now.wall, std::move(delivery));
  if (delivery != nullptr) return Enqueue(now, std::move(delivery), effects);
  held_.insert(id);
  const v1::GroupTerms& terms = admitted.notification->group();
  const base::Duration longest =
      std::max(event::FromProto(terms.wait()), event::FromProto(terms.interval()));
  if (longest > options_.held_for_group_max && !admitted.parked) Keep(admitted, effects);
}

void DeliverCore::Enqueue(const Moment& now,
                          std::unique_ptr<Delivery> delivery,
                          DeliverEffects& effects) {
  delivery->sequence = ++last_sequence_;
  Receiver& receiver = ReceiverOf(now, delivery->notification->receiver());
  if (receiver.queue.messages() >= options_.queued_max) {
    if (Delivery* const victim = receiver.queue.Victim()) {
      GiveUp(now, receiver, *victim, "too many messages wait for this receiver", effects);
    }
  }
  Delivery& queued = Put(receiver, std::move(delivery));
  const bool is_stuck = receiver.queue.is_away() || receiver.unnamed_since.has_value();
  if (is_stuck || (!queued.parked && receiver.held_open > options_.held_open_max)) {
    // With all that comes before it: a restart finds what is parked first, and must not find the
    // clear without its raise.
    for (Delivery* const before : receiver.queue.UpTo(queued)) {
      if (is_stuck) {
        PutAside(now, receiver, *before, effects);
      } else if (!before->parked) {
        Park(receiver, *before, effects);
      }
    }
  }
  if (IsStorm(receiver, 2)) Gather(now, receiver, effects);
  if (IsCrowded(receiver)) crowded_.insert(receiver.name);
  Pump(now, receiver, effects);
}

Delivery& DeliverCore::Put(Receiver& receiver, std::unique_ptr<Delivery> delivery) {
  held_.insert(IdOf(*delivery->notification));
  for (const auto& member : delivery->members) held_.insert(IdOf(*member->notification));
  Delivery& queued = *receiver.queue.Add(std::move(delivery));
  ++(queued.parked ? parked_ : receiver.held_open);
  return queued;
}

void DeliverCore::Pump(const Moment& now, Receiver& receiver, DeliverEffects& effects) {
  if (receiver.unnamed_since.has_value()) return AwaitName(now, receiver, effects);
  while (Delivery* const next = receiver.queue.Next(now.monotonic)) {
    if (IsUnderWay(*next)) {
      receiver.queue.Withhold(*next);
      continue;
    }
    if (receiver.rate.has_value()) {
      if (receiver.rate->Available(now.monotonic) == 0) break;
      receiver.rate->Take(now.monotonic, 1);
    }
    const Token token = ++last_token_;
    receiver.queue.Begin(*next, token);
    tries_.emplace(token, Try{.receiver = &receiver, .delivery = next});
    ++partitions_.at(next->partition)->in_flight;
    effects.sends.push_back(
        {.token = token, .notification = next->notification, .attempt = next->attempts});
  }
  Reschedule(receiver);
}

DeliverEffects DeliverCore::OnTimer(const Moment& now) {
  DeliverEffects effects;
  while (!wakes_.empty() && wakes_.begin()->first <= now.monotonic) {
    Pump(now, *wakes_.begin()->second, effects);
  }
  for (Grouper::Group& group : grouper_.TakeDue(now.monotonic)) {
    SendGroup(now, std::move(group), effects);
  }
  for (alerting::SiteOutages::Turn& turn : outages_.TakeDue(now.monotonic, now.wall)) {
    TakeSiteTurn(now, std::move(turn), effects);
  }
  TakeInhibited(effects);
  return effects;
}

std::optional<base::MonotonicTime> DeliverCore::next_wake() const {
  std::optional<base::MonotonicTime> wake = grouper_.next_wake();
  if (const auto site = outages_.next_wake(); site.has_value()) {
    wake = std::min(wake.value_or(*site), *site);
  }
  if (!wakes_.empty()) {
    wake = std::min(wake.value_or(wakes_.begin()->first), wakes_.begin()->first);
  }
  return wake;
}

DeliverEffects DeliverCore::OnResult(const Moment& now, Token token, const SendResult& result) {
  DeliverEffects effects;
  TakeResult(now, token, result, effects);
  return effects;
}

DeliverEffects DeliverCore::OnResults(const Moment& now,
                                      const std::vector<std::pair<Token, SendResult>>& results) {
  DeliverEffects effects;
  for (const auto& [token, result] : results) TakeResult(now, token, result, effects);
  return effects;
}

void DeliverCore::TakeResult(const Moment& now,
                             Token token,
                             const SendResult& result,
                             DeliverEffects& effects) {
  const auto found = tries_.find(token);
  if (found == tries_.end()) return OnOrphanResult(now, token, result, effects);
  const Try tried = found->second;
  tries_.erase(found);
  Receiver& receiver = *tried.receiver;
  PartitionState& partition = *partitions_.at(tried.delivery->partition);
  --partition.in_flight;
  if (result.outcome == SendOutcome::kRetry) {
    const bool queued = OnFailed(now, receiver, *tried.delivery, result, effects);
    if (queued && partition.draining) {
      LetGo(*tried.delivery);
      Take(receiver, receiver.queue.Remove(*tried.delivery));
    }
  } else {
    const auto outcome = result.outcome == SendOutcome::kDelivered
                             ? NotificationReport::OUTCOME_DELIVERED
                             : NotificationReport::OUTCOME_REFUSED;
    const bool was_away = receiver.queue.is_away();
    Finish(now,
           Take(receiver, receiver.queue.OnAnswered(*tried.delivery)),
           outcome,
           result.detail,
           effects);
    if (was_away || IsStorm(receiver, 8)) Gather(now, receiver, effects);
  }
  Pump(now, receiver, effects);
}

bool DeliverCore::OnFailed(const Moment& now,
                           Receiver& receiver,
                           Delivery& delivery,
                           const SendResult& result,
                           DeliverEffects& effects) {
  receiver.queue.OnFailed(now.monotonic, delivery, result.retry_after, random_);
  if (now.wall - delivery.begin_time >= options_.give_up_after) {
    GiveUp(now, receiver, delivery, result.detail, effects);
    return false;
  }
  effects.retries.push_back({.notification = delivery.notification,
                             .attempts = delivery.attempts,
                             .detail = result.detail});
  receiver.obstacle = result.detail;
  if (receiver.queue.is_away()) {
    PutAllAside(now, receiver, effects);
  } else if (delivery.attempts >= options_.park_after) {
    PutAside(now, receiver, delivery, effects);
  } else if (delivery.attempts == 1) {
    SayDelayed(now, receiver, delivery, effects);
  }
  return true;
}

void DeliverCore::Park(Receiver& receiver, Delivery& delivery, DeliverEffects& effects) {
  --receiver.held_open;
  ++parked_;
  Keep(delivery, effects);
}

void DeliverCore::Keep(Delivery& delivery, DeliverEffects& effects) {
  delivery.parked = true;
  for (const auto& member : delivery.members) {
    if (!member->parked) Keep(*member, effects);
  }
  if (!delivery.members.empty()) return;
  v1::ParkedDelivery parked;
  *parked.mutable_notification() = *delivery.notification;
  parked.set_attempts(delivery.attempts);
  parked.set_notification_offset(delivery.offset);
  *parked.mutable_begin_time() = event::ToProto(delivery.begin_time);
  parked.set_covered(delivery.covered);
  parked.set_delayed(delivery.delayed);
  effects.parks.push_back({.token = Wait({.what = Waiting::What::kParked,
                                          .partition = delivery.partition,
                                          .offset = delivery.offset,
                                          .id = IdOf(*delivery.notification)}),
                           .partition = delivery.partition,
                           .key = base::HexEncode(delivery.notification->id()),
                           .parked = std::move(parked)});
}

std::unique_ptr<Delivery> DeliverCore::Take(Receiver& receiver,
                                            std::unique_ptr<Delivery> delivery) {
  if (delivery->parked) {
    --parked_;
  } else {
    --receiver.held_open;
  }
  return delivery;
}

std::size_t DeliverCore::queued() const {
  std::size_t queued = 0;
  for (const auto& [name, receiver] : receivers_) queued += receiver->queue.messages();
  return queued;
}

Token DeliverCore::Wait(const Waiting& waiting) {
  ++partitions_.at(waiting.partition)->in_flight;
  waiting_.emplace(++last_token_, waiting);
  return last_token_;
}

}  // namespace platen::notifier::core
