#include "services/collector/core/settling.h"

#include <iterator>
#include <utility>

#include "libs/base/planted_bug.h"

namespace platen::collector::core {

using collector::v1::DeviceState;
using event::v1::Event;

bool Settling::Begin(DeviceSlot slot, Outcome outcome, Effects& effects) {
  Device& device = devices_[slot];
  Round& round = *device.round;
  device.phase = Phase::kSettling;
  round.first.reset();
  round.unacknowledged = 1;  // Held until everything of this reading has been asked for.
  if (base::IsPlanted(base::PlantedBug::kEventBeforeState)) {
    std::move(outcome.after_state.begin(),
              outcome.after_state.end(),
              std::back_inserter(outcome.at_once));
    outcome.state_changed |= !outcome.after_state.empty();
    outcome.after_state.clear();
  }
  if (!outcome.after_state.empty()) {
    round.after_state = std::move(outcome.after_state);
    std::move(
        outcome.at_once.begin(), outcome.at_once.end(), std::back_inserter(round.after_state));
    WriteState(slot, effects);
  } else {
    // Events that their slot tells apart go first: a state that says "read" must not outlive them.
    round.state_last = outcome.state_changed;
    for (Event& event : outcome.at_once) Say(slot, std::move(event), effects);
  }
  return Acknowledged(slot, effects).step == Step::kOver;
}

bool Settling::SayAgain(DeviceSlot slot, DeviceState restored, Effects& effects) {
  Device& device = devices_[slot];
  device.phase = Phase::kSettling;
  device.round->unacknowledged = 1;
  for (Event& event : *restored.mutable_outbox()) Say(slot, std::move(event), effects);
  return Acknowledged(slot, effects).step == Step::kOver;
}

// With the round's events that rest on the state: they travel in it until they are known to be in
// Kafka. Protobuf reads messages that stand one behind the other as one.
void Settling::WriteState(DeviceSlot slot, Effects& effects) {
  Device& device = devices_[slot];
  std::string bytes = device.round->state;
  DeviceState outbox;
  for (const Event& event : device.round->after_state) *outbox.add_outbox() = event;
  outbox.AppendToString(&bytes);
  const std::uint64_t token = NextToken();
  pending_[token] = {slot, std::nullopt};
  ++device.round->unacknowledged;
  effects.states.push_back(
      {device.partition, std::string(device.id.bytes()), std::move(bytes), token});
}

void Settling::Say(DeviceSlot slot, Event event, Effects& effects) {
  if (const absl::Status stamped = sequencer_.Stamp(event); !stamped.ok()) {
    ++refused_;
    return;
  }
  numbers_.OnGiven(event);
  const std::uint64_t token = NextToken();
  pending_[token] = {slot, event};
  ++devices_[slot].round->unacknowledged;
  ++events_;
  effects.events.push_back({std::move(event), token});
}

std::optional<Settling::Pending> Settling::Take(std::uint64_t token) {
  const auto found = pending_.find(token);
  if (found == pending_.end()) return std::nullopt;
  Pending pending = std::move(found->second);
  pending_.erase(found);
  return pending;
}

void Settling::Drop(DeviceSlot slot) {
  absl::erase_if(pending_, [this, slot](const auto& each) {
    if (each.second.device != slot) return false;
    if (each.second.event.has_value()) dropped_[each.first] = NumberOf(*each.second.event);
    return true;
  });
}

Settling::Progress Settling::OnStatePut(std::uint64_t token,
                                        const absl::Status& status,
                                        Effects& effects) {
  const std::optional<Pending> pending = Take(token);
  if (!pending.has_value()) return {};
  const DeviceSlot slot = pending->device;
  Round& round = *devices_[slot].round;
  if (absl::IsCancelled(status)) {
    --round.unacknowledged;
    WriteState(slot, effects);
    return {Step::kOnItsWay, slot};
  }
  if (!status.ok()) ++refused_;
  for (Event& event : std::exchange(round.after_state, {})) Say(slot, std::move(event), effects);
  return Acknowledged(slot, effects);
}

Settling::Progress Settling::OnPublished(std::uint64_t token,
                                         const absl::Status& status,
                                         Effects& effects) {
  if (const auto dropped = dropped_.extract(token); !dropped.empty()) {
    status.ok() ? numbers_.OnAcknowledged(dropped.mapped())
                : numbers_.OnGivenUp(dropped.mapped(), GivenUp::kHandedOver);
    return {};
  }
  std::optional<Pending> pending = Take(token);
  if (!pending.has_value()) return {};
  const DeviceSlot slot = pending->device;
  if (absl::IsCancelled(status)) {  // Said again as it was, under its own number.
    const std::uint64_t again = NextToken();
    effects.events.push_back({*pending->event, again});
    pending_[again] = *std::move(pending);
    return {Step::kOnItsWay, slot};
  }
  if (!status.ok()) ++refused_;
  status.ok() ? numbers_.OnAcknowledged(NumberOf(*pending->event))
              : numbers_.OnGivenUp(NumberOf(*pending->event), GivenUp::kRefused);
  return Acknowledged(slot, effects);
}

Settling::Progress Settling::Acknowledged(DeviceSlot slot, Effects& effects) {
  Round& round = *devices_[slot].round;
  if (--round.unacknowledged > 0) return {Step::kOnItsWay, slot};
  if (!std::exchange(round.state_last, false)) return {Step::kOver, slot};
  WriteState(slot, effects);
  return {Step::kOnItsWay, slot};
}

}  // namespace platen::collector::core
