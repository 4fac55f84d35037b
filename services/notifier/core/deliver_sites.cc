// Sites that do not answer: what SiteOutages comes to, in Kafka and in queues.
//
// A subnet's is as a site's. A site's beginning has a record in platen.deliveries.v1 under its id
// from before it is told until its end has been; so has its end. Both are of the group's partition,
// as are the messages that they stand for, and Kafka keeps what is written there in its order: no
// crash leaves a device's message behind whose site is forgotten.
#include <algorithm>
#include <set>
#include <string>
#include <utility>

#include "libs/alerting/outage_alert.h"
#include "libs/alerting/site_message.h"
#include "libs/base/ids.h"
#include "libs/event/timestamps.h"
#include "services/notifier/core/deliver_core.h"
#include "services/notifier/core/deliver_core_state.h"

namespace platen::notifier::core {

using alerting::SiteOutages;

void DeliverCore::AdmitToSite(const Moment& now,
                              std::unique_ptr<Delivery> delivery,
                              DeliverEffects& effects) {
  const bool is_beginning = delivery->notification->kind() == v1::NOTIFICATION_KIND_RAISED;
  if (delivery->covered && !is_beginning && !outages_.Holds(*delivery->notification)) {
    // Its beginning was done with before a crash.
    return Cover(*delivery, effects);
  }
  Delivery& admitted = *delivery;
  const base::NotificationId id = IdOf(*admitted.notification);
  const bool was_covered = admitted.covered;
  delivery = outages_.Add(now.monotonic, now.wall, std::move(delivery));
  if (delivery != nullptr) return Enqueue(now, std::move(delivery), effects);
  held_.insert(id);
  if (!admitted.parked || admitted.covered != was_covered) Keep(admitted, effects);
  TakeInhibited(effects);
}

void DeliverCore::AdmitOfOutage(const Moment& now,
                                std::unique_ptr<Delivery> delivery,
                                DeliverEffects& effects) {
  const v1::Notification* const beginning = outages_.BeginningOf(*delivery->notification);
  // Over, and that is told.
  if (beginning == nullptr) return Cover(*delivery, effects);
  delivery->notification = std::make_shared<const v1::Notification>(
      alerting::InWordsOf(*beginning, *delivery->notification));
  Enqueue(now, std::move(delivery), effects);
}

void DeliverCore::TakeSiteTurn(const Moment& now, SiteOutages::Turn turn, DeliverEffects& effects) {
  switch (turn.what) {
    case SiteOutages::Turn::What::kRelease:
      break;
    case SiteOutages::Turn::What::kKeep:
      KeepSite({.what = Waiting::What::kSite, .partition = turn.partition, .place = turn.place},
               *turn.notification,
               false,
               now.wall,
               effects);
      for (Delivery* const held : outages_.HeldBy(turn.place)) {
        if (held->covered) Keep(*held, effects);
      }
      return;
    case SiteOutages::Turn::What::kClose:
      KeepSite({.what = Waiting::What::kTombstone, .partition = turn.partition},
               *turn.notification,
               false,
               now.wall,
               effects);
      [[fallthrough]];
    case SiteOutages::Turn::What::kTell:
      SayOutage(*turn.notification,
                {.what = Waiting::What::kTombstone, .partition = turn.partition},
                effects);
      EnqueueSite(now, turn.partition, *std::move(turn.notification), now.wall, effects);
      break;
  }
  for (const auto& member : turn.covered) Cover(*member, effects);
  for (std::size_t i = 0; i < turn.told.size(); i += Grouper::kMembersMax) {
    const auto begin = turn.told.begin() + static_cast<std::ptrdiff_t>(i);
    const auto end =
        begin + static_cast<std::ptrdiff_t>(std::min(Grouper::kMembersMax, turn.told.size() - i));
    SendGroup(now, {std::make_move_iterator(begin), std::make_move_iterator(end)}, effects);
  }
}

void DeliverCore::EnqueueSite(const Moment& now,
                              std::int32_t partition,
                              v1::Notification notification,
                              base::WallTime begin_time,
                              DeliverEffects& effects) {
  auto delivery = std::make_unique<Delivery>();
  delivery->of_site = notification.kind() == v1::NOTIFICATION_KIND_RAISED
                          ? Delivery::OfSite::kBeginning
                          : Delivery::OfSite::kEnd;
  delivery->partition = partition;
  delivery->offset = -1;
  delivery->begin_time = begin_time;
  delivery->parked = true;
  delivery->notification = std::make_shared<const v1::Notification>(std::move(notification));
  const DeliveredMemory::Told* const told = memory_.Find(IdOf(*delivery->notification));
  if (told != nullptr && told->delivered) {
    ++effects.repeats_spared;
    return ReportAgain(now, std::move(delivery), told->attempts, effects);
  }
  Enqueue(now, std::move(delivery), effects);
}

void DeliverCore::KeepSite(Waiting waiting,
                           const v1::Notification& notification,
                           bool told,
                           base::WallTime begin_time,
                           DeliverEffects& effects) {
  v1::ParkedDelivery parked;
  *parked.mutable_notification() = notification;
  parked.set_notification_offset(-1);
  *parked.mutable_begin_time() = event::ToProto(begin_time);
  parked.mutable_outage()->set_group_key(notification.group().key());
  parked.mutable_outage()->set_told(told);
  parked.mutable_outage()->set_over(notification.kind() == v1::NOTIFICATION_KIND_CLEARED);
  const std::int32_t partition = waiting.partition;
  effects.parks.push_back({.token = Wait(waiting),
                           .partition = partition,
                           .key = base::HexEncode(notification.id()),
                           .parked = std::move(parked)});
}

void DeliverCore::RestoreSites(const Moment& now,
                               std::int32_t partition,
                               std::vector<v1::ParkedDelivery>& restored,
                               DeliverEffects& effects) {
  std::vector<v1::ParkedDelivery> begun;
  std::vector<v1::ParkedDelivery> over;
  std::set<std::string> over_incidents;
  std::erase_if(restored, [&](v1::ParkedDelivery& parked) {
    if (!parked.has_outage()) return false;
    if (parked.outage().over()) over_incidents.insert(parked.notification().incident_id());
    (parked.outage().over() ? over : begun).push_back(std::move(parked));
    return true;
  });
  for (v1::ParkedDelivery& parked : begun) {
    v1::Notification& beginning = *parked.mutable_notification();
    if (!over_incidents.contains(beginning.incident_id())) {
      outages_.Restore(now.monotonic, partition, std::move(beginning), parked.outage().told());
    } else if (!parked.outage().told()) {
      EnqueueSite(
          now, partition, std::move(beginning), event::FromProto(parked.begin_time()), effects);
    }
  }
  for (v1::ParkedDelivery& parked : over) {
    EnqueueSite(now,
                partition,
                std::move(*parked.mutable_notification()),
                event::FromProto(parked.begin_time()),
                effects);
  }
}

void DeliverCore::ConcludeSite(PartitionState& partition,
                               const Delivery& delivery,
                               DeliverEffects& effects) {
  if (delivery.of_site == Delivery::OfSite::kBeginning) {
    return KeepSite({.what = Waiting::What::kTombstone, .partition = partition.number},
                    *delivery.notification,
                    true,
                    delivery.begin_time,
                    effects);
  }
  Bury(partition.number, alerting::BeginningOf(*delivery.notification).bytes(), effects);
  Bury(partition.number, delivery.notification->id(), effects);
}

// As an alert; once as it is told and once as that has ended, so that no crash leaves it unsaid.
void DeliverCore::SayOutage(const v1::Notification& told,
                            const Waiting& waiting,
                            DeliverEffects& effects) {
  effects.reports.push_back({.tokens = {Wait(waiting)}, .event = alerting::ToOutageEvent(told)});
}

// Done with, and nobody was told.
void DeliverCore::Cover(const Delivery& delivery, DeliverEffects& effects) {
  LetGo(delivery);
  Conclude(*partitions_.at(delivery.partition), delivery, effects);
}

void DeliverCore::Bury(std::int32_t partition, std::string_view id, DeliverEffects& effects) {
  effects.parks.push_back(
      {.token = Wait({.what = Waiting::What::kTombstone, .partition = partition}),
       .partition = partition,
       .key = base::HexEncode(id)});
}

void DeliverCore::TakeInhibited(DeliverEffects& effects) {
  for (const SiteOutages::Inhibited& inhibited : outages_.TakeInhibited()) {
    ++effects.inhibited;
    effects.reports.push_back(
        {.tokens = {Wait({.what = Waiting::What::kTombstone, .partition = inhibited.partition})},
         .event = alerting::ToInhibitionEvent(*inhibited.notification)});
  }
}

}  // namespace platen::notifier::core
