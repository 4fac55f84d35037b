#include "services/collector/edge/poll_loop.h"

#include <algorithm>
#include <utility>

namespace platen::collector::edge {

PollLoop::PollLoop(const PollLoopParts& parts, OnSecond on_second)
    : parts_(parts), on_second_(std::move(on_second)) {}

absl::Status PollLoop::Turn(base::Duration wait_max) {
  const core::Now now = Moment();
  core::Effects effects;
  const absl::Status status = TakeInputs(now, effects);
  parts_.core.OnTimer(now, !backlog_.empty(), effects);
  if (now.monotonic >= next_report_) {
    next_report_ = now.monotonic + std::chrono::seconds(1);
    on_second_(now, Figures(), effects);
  }
  Apply(now, effects);
  ReleaseSettled();
  base::Duration wait = wait_max;
  for (const auto& next : {parts_.core.next(), parts_.reader.next()}) {
    if (next.has_value()) wait = std::min(wait, *next - now.monotonic);
  }
  parts_.network.Wait(std::max(wait, base::Duration(0)));
  return status;
}

void PollLoop::Stop() {
  core::Effects effects;
  parts_.core.Stop(effects);
  Apply(Moment(), effects);
}

absl::Status PollLoop::TakeInputs(const core::Now& now, core::Effects& effects) {
  target_steps_.clear();
  absl::Status status = parts_.targets.Poll(target_steps_);
  for (core::TargetSource::Step& step : target_steps_) {
    parts_.core.OnTarget(now, std::move(step), effects);
  }
  // At once: what is still to come of an earlier reading of the partition is not the restore's.
  OpenAndClose(effects);
  state_steps_.clear();
  status.Update(parts_.state.Poll(state_steps_));
  for (core::StateStore::Step& step : state_steps_) {
    parts_.core.OnState(now, std::move(step), effects);
  }
  published_.clear();
  status.Update(parts_.events.Poll(published_));
  for (const core::Published& each : published_) parts_.core.OnPublished(now, each, effects);
  TakeNotifications(now);
  answers_.clear();
  parts_.reader.Poll(now.monotonic, answers_);
  for (core::ReadAnswer& answer : answers_) {
    parts_.core.OnAnswer(now, std::move(answer), effects);
  }
  return status;
}

void PollLoop::TakeNotifications(const core::Now& now) {
  if (parts_.notifications == nullptr) return;
  for (Notifications::Sender& sender : parts_.notifications->Take(now.monotonic)) {
    sender.clues.devices = parts_.reader.WithEngine(sender.engine_id);
    parts_.core.OnNotification(now, sender.clues);
  }
  parts_.notifications->Acknowledge();
}

void PollLoop::OpenAndClose(core::Effects& effects) {
  for (const auto& [partition, open] : std::exchange(effects.readers, {})) {
    open ? parts_.state.Open(partition) : parts_.state.Close(partition);
  }
}

void PollLoop::Apply(const core::Now& now, core::Effects& effects) {
  // What was lost to a higher term is not said any more, also where it had not been taken yet: the
  // core has forgotten it, and gives the rest out again.
  if (effects.purge) {
    parts_.state.Purge();
    parts_.events.Purge();
    core::Effects again;
    for (Write& write : std::exchange(backlog_, {})) {
      if (auto* state = std::get_if<core::StateWrite>(&write)) {
        parts_.core.OnState(now, core::StatePut{state->token, absl::CancelledError()}, again);
      } else {
        const core::EventWrite& event = std::get<core::EventWrite>(write);
        parts_.core.OnPublished(now, {event.token, absl::CancelledError()}, again);
      }
    }
    effects.purge = false;
    Apply(now, again);
  }
  OpenAndClose(effects);
  for (core::StateWrite& write : effects.states) backlog_.emplace_back(std::move(write));
  for (core::EventWrite& write : effects.events) backlog_.emplace_back(std::move(write));
  WriteBacklog();
  releases_.insert(releases_.end(), effects.release.begin(), effects.release.end());
  ReleaseSettled();
  for (const core::DeviceSlot slot : effects.forget) parts_.reader.Forget(slot);
  for (const core::ReadRequest& read : effects.reads) parts_.reader.Start(read);
}

// Kafka waits for it, and takes it where it waits too long.
void PollLoop::ReleaseSettled() {
  std::erase_if(releases_, [this](std::int32_t partition) {
    if (!parts_.state.IsSettled(partition)) return false;
    parts_.targets.Release(partition);
    return true;
  });
}

void PollLoop::WriteBacklog() {
  while (!backlog_.empty()) {
    if (const absl::Status status = Offer(backlog_.front()); !status.ok()) return;
    backlog_.pop_front();
  }
}

// OK when the write was taken, or refused for good, which its acknowledgement then says.
absl::Status PollLoop::Offer(const Write& write) {
  const core::Now now = Moment();
  core::Effects effects;
  if (const auto* state = std::get_if<core::StateWrite>(&write)) {
    std::optional<std::string_view> value;
    if (state->value.has_value()) value = *state->value;
    const absl::Status status = parts_.state.Put(state->partition, state->key, value, state->token);
    if (status.ok() || absl::IsResourceExhausted(status) || absl::IsUnavailable(status)) {
      return status;
    }
    parts_.core.OnState(now, core::StatePut{state->token, status}, effects);
  } else {
    const core::EventWrite& event = std::get<core::EventWrite>(write);
    const absl::Status status = parts_.events.Publish(event.event, event.token);
    if (status.ok() || absl::IsResourceExhausted(status) || absl::IsUnavailable(status)) {
      return status;
    }
    parts_.core.OnPublished(now, {event.token, status}, effects);
  }
  for (core::StateWrite& each : effects.states) backlog_.emplace_back(std::move(each));
  for (core::EventWrite& each : effects.events) backlog_.emplace_back(std::move(each));
  return absl::OkStatus();
}

PollLoopFigures PollLoop::Figures() const {
  PollLoopFigures figures;
  figures.fleet = parts_.core.figures();
  figures.reader = parts_.reader.figures();
  figures.matches = parts_.reader.match_counts();
  figures.datagrams = parts_.network.counts();
  if (parts_.notifications != nullptr) figures.notifications = parts_.notifications->figures();
  figures.partitions = parts_.core.partitions_owned();
  figures.partitions_lost = parts_.core.partitions_lost();
  figures.claims_lost = parts_.core.claims_lost();
  figures.targets = parts_.core.target_figures();
  figures.numbers_given_up = parts_.core.numbers().given_up();
  figures.backlog = backlog_.size();
  return figures;
}

}  // namespace platen::collector::edge
