#include "libs/alerting/rehearsal.h"

#include <algorithm>
#include <deque>
#include <memory>
#include <utility>

#include "libs/alerting/outage_alert.h"

namespace platen::alerting {
namespace {

constexpr std::int32_t kPartition = 0;
// How often what ended long ago is forgotten.
constexpr base::Duration kTidyInterval = std::chrono::hours(6);

// Here the two clocks are one.
base::MonotonicTime ToMonotonic(base::WallTime time) {
  return base::MonotonicTime(time.time_since_epoch());
}

}  // namespace

Rehearsal::Rehearsal(OnMessage on_message, OnDecision on_decision)
    : on_message_(std::move(on_message)), on_decision_(std::move(on_decision)), core_({}) {
  core_.roll().OnComplete();
  core_.Assign(kPartition);
  Take(core_.OnRestoreEnd(now_, kPartition));
}

absl::Status Rehearsal::SetRules(const std::vector<rules::v1::Record>& records) {
  return core_.SetDefaults(records);
}

void Rehearsal::Play(base::WallTime at, const event::v1::Event& event) {
  PlayUntil(at);
  if (const auto device = base::DeviceId::FromBytes(event.device_id()); device.ok()) {
    core_.roll().Put(*device, event.tenant(), event.site(), event.alert().device().address());
  }
  Take(core_.OnRecord(
      now_,
      {.partition = kPartition, .offset = next_offset_++, .value = event.SerializeAsString()}));
}

void Rehearsal::PlayUntil(base::WallTime until) {
  for (auto wake = NextWake(); wake.has_value() && *wake <= until; wake = NextWake()) {
    now_ = std::max(now_, *wake);
    Take(core_.OnTimer(now_));
    SendDue();
  }
  now_ = std::max(now_, until);
  if (now_ - last_tidied_ < kTidyInterval) return;
  last_tidied_ = now_;
  Take(core_.OnTimer(now_));
}

std::optional<base::WallTime> Rehearsal::NextWake() const {
  std::optional<base::WallTime> wake = core_.next_wake();
  for (const auto& group : {grouper_.next_wake(), outages_.next_wake()}) {
    if (!group.has_value()) continue;
    const base::WallTime due(group->time_since_epoch());
    wake = std::min(wake.value_or(due), due);
  }
  return wake;
}

// Kafka has everything at once.
void Rehearsal::Take(DecideEffects effects) {
  std::deque<DecideEffects> todo;
  todo.push_back(std::move(effects));
  while (!todo.empty()) {
    const DecideEffects next = std::move(todo.front());
    todo.pop_front();
    for (const notifier::v1::DecisionReason reason : next.reasons) ++reasons_[reason];
    for (const StateEffect& state : next.states) {
      todo.push_back(core_.OnAcknowledged(state.token));
    }
    for (const NotificationEffect& said : next.notifications) {
      auto delivery = std::make_unique<Delivery>();
      delivery->notification = said.keyed.notification;
      Group(std::move(delivery));
      todo.push_back(core_.OnAcknowledged(said.token));
    }
    for (const DecisionEffect& decision : next.decisions) {
      if (on_decision_ != nullptr) on_decision_(now_, decision.event);
      todo.push_back(core_.OnAcknowledged(decision.token));
    }
    for (const DeadLetterEffect& letter : next.dead_letters) {
      todo.push_back(core_.OnAcknowledged(letter.token));
    }
  }
}

void Rehearsal::Group(std::unique_ptr<Delivery> delivery) {
  const base::MonotonicTime now = ToMonotonic(now_);
  delivery = SiteOutages::Concerns(*delivery->notification)
                 ? outages_.Add(now, now_, std::move(delivery))
                 : grouper_.Add(now, now_, std::move(delivery));
  if (delivery != nullptr) on_message_(now_, *delivery->notification);
  TakeInhibited();
}

void Rehearsal::Send(const Grouper::Group& members) {
  if (members.empty()) return;
  on_message_(now_, members.size() == 1 ? *members.front()->notification : MakeDigest(members));
}

void Rehearsal::SendDue() {
  for (const Grouper::Group& members : grouper_.TakeDue(ToMonotonic(now_))) Send(members);
  for (const SiteOutages::Turn& turn : outages_.TakeDue(ToMonotonic(now_), now_)) {
    if (turn.what == SiteOutages::Turn::What::kKeep) {
      outages_.OnKept(turn.place);
    } else if (turn.notification.has_value()) {
      on_message_(now_, *turn.notification);
    }
    Send(turn.told);
  }
  TakeInhibited();
}

void Rehearsal::TakeInhibited() {
  for (const SiteOutages::Inhibited& inhibited : outages_.TakeInhibited()) {
    ++reasons_[notifier::v1::DECISION_REASON_SITE_SILENT];
    if (on_decision_ != nullptr) on_decision_(now_, ToInhibitionEvent(*inhibited.notification));
  }
}

}  // namespace platen::alerting
