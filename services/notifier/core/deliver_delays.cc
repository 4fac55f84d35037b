// What does not get through: it is put aside, so that what shares its partition flows on, and the
// alert's history says so.
#include <algorithm>
#include <utility>

#include "services/notifier/core/deliver_core.h"
#include "services/notifier/core/deliver_core_state.h"
#include "services/notifier/core/report.h"

namespace platen::notifier::core {
namespace {

// What it stands for, or itself.
template <typename Visitor>
void ForEachMessage(Delivery& delivery, Visitor visit) {
  if (delivery.members.empty()) visit(delivery);
  for (const auto& member : delivery.members) visit(*member);
}

}  // namespace

void DeliverCore::PutAside(const Moment& now,
                           Receiver& receiver,
                           Delivery& delivery,
                           DeliverEffects& effects) {
  SayDelayed(now, receiver, delivery, effects);
  ForEachMessage(delivery, [&](Delivery& message) {
    if (std::exchange(message.delayed, true)) return;
    // A site's record is its own.
    if (message.parked && message.of_site == Delivery::OfSite::kNo) Keep(message, effects);
  });
  if (!delivery.parked) Park(receiver, delivery, effects);
}

// Nothing is held open for a receiver that is away.
void DeliverCore::PutAllAside(const Moment& now, Receiver& receiver, DeliverEffects& effects) {
  for (const auto& [sequence, queued] : receiver.queue.by_age()) {
    PutAside(now, receiver, *queued, effects);
  }
}

void DeliverCore::SayDelayed(const Moment& now,
                             const Receiver& receiver,
                             Delivery& delivery,
                             DeliverEffects& effects) {
  const bool is_named = !receiver.unnamed_since.has_value();
  std::optional<base::MonotonicTime> next = receiver.queue.next_time();
  if (delivery.attempts > 0) next = std::max(next.value_or(delivery.next_try), delivery.next_try);
  std::optional<base::WallTime> next_try;
  if (is_named && next > now.monotonic) next_try = now.wall + (*next - now.monotonic);
  ForEachMessage(delivery, [&](const Delivery& message) {
    if (message.delayed) return;
    const DeliveryEnd delay{.notification = *message.notification,
                            .outcome = event::v1::NotificationReport::OUTCOME_DELAYED,
                            .attempts = delivery.attempts,
                            .channel = receiver.terms.channel,
                            .detail = is_named ? receiver.obstacle : std::string(kNotNamed),
                            .next_try = next_try};
    effects.reports.push_back(
        {.tokens = {Wait({.what = Waiting::What::kTombstone, .partition = message.partition})},
         .event = MakeReport(now.wall, delay, options_.epoch)});
  });
}

}  // namespace platen::notifier::core
