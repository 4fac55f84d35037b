#include "services/collector/core/fleet_poller.h"

#include <algorithm>

#include "libs/event/timestamps.h"
#include "services/collector/core/printer_oids.h"
#include "services/collector/core/readings.h"
#include "services/collector/core/snapshot.h"

namespace platen::collector::core {
namespace {

using collector::v1::DeviceState;
using event::v1::Event;

std::size_t Index(ReadingKind kind) {
  return static_cast<std::size_t>(kind);
}

// What a reading of this kind can tell.
Parts PartsOf(ReadingKind kind) {
  switch (kind) {
    case ReadingKind::kStatus:
      return Part::kStatus | Part::kAlerts | Part::kMedia;
    case ReadingKind::kMeters:
      return Part::kMeters;
    case ReadingKind::kSupplies:
      return Part::kSupplies;
    case ReadingKind::kFull:
      return Parts::All();
  }
  return Parts::All();
}

bool IsAsleep(const DeviceState& state) {
  return state.status().reachability() == event::v1::REACHABILITY_ASLEEP;
}

// Whether a status poll has found something that is worth a walk over the alert table.
bool NeedsDetail(const DeviceState& state, const ReadAnswer& answer) {
  SnapshotInput input;
  input.readings = answer.values;
  input.parts = Part::kStatus;
  const event::v1::DeviceSnapshot now = MakeSnapshot(input);
  const bool alerts_open =
      std::any_of(state.open_alerts().begin(), state.open_alerts().end(), [](const auto& open) {
        return open.alert().origin() != event::v1::ALERT_ORIGIN_PLATEN;
      });
  return alerts_open || now.status().error_states_size() > 0 ||
         now.status().device_status() != state.status().device_status() ||
         now.alert_all_events() != state.alert_all_events() ||
         (now.status().has_uptime_ticks() && now.status().uptime_ticks() < state.uptime_ticks());
}

void Merge(const ReadAnswer& first, ReadAnswer& second) {
  second.values.insert(second.values.end(), first.values.begin(), first.values.end());
  SortReadings(second.values);
  second.complete = second.complete && first.complete;
  second.unfinished.insert(
      second.unfinished.end(), first.unfinished.begin(), first.unfinished.end());
}

// prtAlertTable was read, and to its end in every column.
bool RowsAreWhole(const ReadAnswer& answer) {
  return std::none_of(
      answer.unfinished.begin(), answer.unfinished.end(), [](const snmp::Oid& subtree) {
        return subtree.StartsWith(oids::kAlertEntry);
      });
}

}  // namespace

FleetPoller::FleetPoller(const FleetPollerOptions& options,
                         const ProfileSet& profiles,
                         event::Sequencer& sequencer)
    : options_(options), profiles_(profiles), sequencer_(sequencer) {}

// --- Which devices -----------------------------------------------------------------------------

DeviceSlot FleetPoller::Allocate(const base::DeviceId& id) {
  DeviceSlot slot = static_cast<DeviceSlot>(devices_.size());
  if (free_.empty()) {
    devices_.emplace_back();
  } else {
    slot = free_.back();
    free_.pop_back();
  }
  Device& device = devices_[slot];
  // The number goes on, so that a late answer to the slot's last tenant finds nobody.
  const std::uint32_t reading_number = device.reading_number + 1;
  device = Device();
  device.reading_number = reading_number;
  device.id = id;
  device.live = true;
  by_id_[id] = slot;
  return slot;
}

void FleetPoller::Free(DeviceSlot slot) {
  Device& device = devices_[slot];
  due_.Remove(slot);
  if (device.round != nullptr && device.round->first_ever) --first_readings_;
  by_id_.erase(device.id);
  const std::uint32_t reading_number = device.reading_number;
  device = Device();
  device.reading_number = reading_number;
  free_.push_back(slot);
}

void FleetPoller::Add(std::int32_t partition,
                      const base::DeviceId& id,
                      event::v1::Target target,
                      std::string state,
                      std::uint64_t term,
                      const Now& now,
                      Effects& effects) {
  const auto known = by_id_.find(id);
  const bool fresh = known == by_id_.end();
  const DeviceSlot slot = fresh ? Allocate(id) : known->second;
  Device& device = devices_[slot];
  device.partition = partition;
  device.term = term;
  device.cadence = MakeCadence(target.schedule(), options_.cadence);
  device.removed = false;
  // Who answers at another address is to be read anew.
  if (!fresh && device.target.address() != target.address()) device.known = false;
  device.target = std::move(target);
  if (fresh) return Restore(slot, state, now, effects);
  if (device.phase != Phase::kIdle) return;
  PlanAll(device, now);
  Schedule(slot);
}

// What the owner before had decided and perhaps not said is said again (the ids are the same); then
// the device waits for its slots.
void FleetPoller::Restore(DeviceSlot slot,
                          const std::string& state,
                          const Now& now,
                          Effects& effects) {
  Device& device = devices_[slot];
  DeviceState restored;
  if (!restored.ParseFromString(state)) {
    restored.Clear();
    ++figures_.unreadable_states;
  }
  std::vector<Event> outbox(std::make_move_iterator(restored.mutable_outbox()->begin()),
                            std::make_move_iterator(restored.mutable_outbox()->end()));
  restored.clear_outbox();
  device.state = restored.SerializeAsString();
  device.known = restored.known();
  device.profile = profiles_.Find(restored.profile());
  device.phase = Phase::kSettling;
  device.round = std::make_unique<Round>();
  device.round->restore = true;
  device.round->unacknowledged = 1;
  for (Event& event : outbox) Say(slot, std::move(event), effects);
  Acknowledged(slot, now, effects);
}

void FleetPoller::Remove(const base::DeviceId& id) {
  const auto known = by_id_.find(id);
  if (known == by_id_.end()) return;
  Device& device = devices_[known->second];
  device.removed = true;
  due_.Remove(known->second);
  if (device.phase == Phase::kIdle) Free(known->second);
}

void FleetPoller::Quiesce(std::int32_t partition) {
  quiesced_[partition] = true;
}

bool FleetPoller::IsQuiet(std::int32_t partition) const {
  return std::none_of(devices_.begin(), devices_.end(), [partition](const Device& device) {
    return device.live && device.partition == partition && device.phase != Phase::kIdle;
  });
}

void FleetPoller::Drop(std::int32_t partition) {
  for (DeviceSlot slot = 0; slot < devices_.size(); ++slot) {
    if (!devices_[slot].live || devices_[slot].partition != partition) continue;
    absl::erase_if(pending_, [slot](const auto& each) { return each.second.device == slot; });
    Free(slot);
  }
  quiesced_.erase(partition);
}

// --- When --------------------------------------------------------------------------------------

void FleetPoller::PlanNext(Device& device, ReadingKind kind, const Now& now) {
  DeviceState state;
  base::Duration interval = device.cadence.interval(kind);
  if (kind == ReadingKind::kStatus && state.ParseFromString(device.state) && IsAsleep(state)) {
    interval = device.cadence.asleep;
  }
  const Slot slot = SlotAt(device.id, kind, interval, now.wall);
  device.due[Index(kind)] = now.monotonic + (slot.start + interval - now.wall);
}

// After a start or a change of target: each kind at its next slot, or at once where the current one
// was missed. A device that was never read waits for its turn among the first readings.
void FleetPoller::PlanAll(Device& device, const Now& now) {
  if (!device.known) {
    device.due.fill(base::MonotonicTime());
    return;
  }
  DeviceState state;
  (void)state.ParseFromString(device.state);  // It is our own; an empty one means the same.
  for (const ReadingKind kind : kReadingKinds) {
    PlanNext(device, kind, now);
    if (kind == ReadingKind::kStatus) continue;
    const base::Duration interval = device.cadence.interval(kind);
    const Slot slot = SlotAt(device.id, kind, interval, now.wall);
    // A full reading without a firmware version leaves no mark: it waits for its slot.
    if (kind == ReadingKind::kFull) continue;
    if (!IsRead(state, kind, interval, slot.number)) device.due[Index(kind)] = now.monotonic;
  }
}

void FleetPoller::Schedule(DeviceSlot slot) {
  const Device& device = devices_[slot];
  if (device.target.paused()) {
    due_.Remove(slot);
  } else if (!device.known && device.due[Index(ReadingKind::kFull)] == base::MonotonicTime()) {
    waiting_first_.push_back(slot);
  } else {
    due_.Set(slot, *std::min_element(device.due.begin(), device.due.end()));
  }
}

void FleetPoller::OnTimer(const Now& now, bool hold, Effects& effects) {
  if (hold) return;
  while (!waiting_first_.empty() && first_readings_ < options_.first_readings_max) {
    const DeviceSlot slot = waiting_first_.front();
    waiting_first_.pop_front();
    const Device& device = devices_[slot];
    if (!device.live || device.known || device.target.paused()) continue;
    if (device.phase != Phase::kIdle) continue;
    if (quiesced_.contains(device.partition)) continue;
    Start(slot, ReadingKind::kFull, effects);
  }
  while (const std::optional<DeviceSlot> slot = due_.Pop(now.monotonic)) {
    const Device& device = devices_[*slot];
    if (quiesced_.contains(device.partition)) continue;
    const auto earliest = std::min_element(device.due.begin(), device.due.end());
    Start(*slot, kReadingKinds[static_cast<std::size_t>(earliest - device.due.begin())], effects);
  }
}

// --- Reading -----------------------------------------------------------------------------------

void FleetPoller::Start(DeviceSlot slot, ReadingKind kind, Effects& effects) {
  Device& device = devices_[slot];
  device.round = std::make_unique<Round>();
  device.round->kind = kind;
  if (!device.known) {
    device.round->first_ever = true;
    ++first_readings_;
  }
  DeviceState state;
  (void)state.ParseFromString(device.state);
  switch (kind) {
    case ReadingKind::kStatus:
      return Ask(slot,
                 StatusPlan({state.printer_device_indexes().data(),
                             static_cast<std::size_t>(state.printer_device_indexes_size())}),
                 effects);
    case ReadingKind::kMeters:
      return Ask(slot, MetersPlan(device.profile), effects);
    case ReadingKind::kSupplies:
      return Ask(slot, SuppliesPlan(), effects);
    case ReadingKind::kFull:
      return Ask(slot, StandardPlan(), effects);
  }
}

void FleetPoller::Ask(DeviceSlot slot, ReadingPlan plan, Effects& effects) {
  Device& device = devices_[slot];
  device.phase = Phase::kReading;
  effects.reads.push_back({{slot, ++device.reading_number}, &device.target, std::move(plan)});
}

void FleetPoller::OnAnswer(const Now& now, ReadAnswer answer, Effects& effects) {
  if (answer.id.device >= devices_.size()) return;
  Device& device = devices_[answer.id.device];
  if (device.phase != Phase::kReading || answer.id.number != device.reading_number) return;
  Round& round = *device.round;
  const DeviceSlot slot = answer.id.device;
  const bool answered = answer.result == ReadAnswer::Result::kAnswered;
  if (round.first.has_value()) {
    // Silence in the second half leaves the first half, as a reading that is not complete.
    if (!answered) {
      answer.complete = false;
      answer.unfinished.push_back(oids::kAlertEntry);
    }
    answer.result = ReadAnswer::Result::kAnswered;
    Merge(*round.first, answer);
    return Conclude(slot, now, answer, effects);
  }
  if (answered && round.kind == ReadingKind::kFull) {
    device.profile = ChooseProfile(answer.values, profiles_);
    if (device.profile != nullptr) {
      round.first = std::move(answer);
      return Ask(slot, VendorPlan(*device.profile, ReadPurpose::kEverything), effects);
    }
  }
  if (answered && round.kind == ReadingKind::kStatus) {
    DeviceState state;
    (void)state.ParseFromString(device.state);
    if (NeedsDetail(state, answer)) {
      round.first = std::move(answer);
      return Ask(slot, StatusDetailPlan(), effects);
    }
    answer.unfinished.push_back(oids::kAlertEntry);  // It was not read.
  }
  Conclude(slot, now, answer, effects);
}

Outcome FleetPoller::Normalize(Device& device,
                               const Now& now,
                               const ReadAnswer& answer,
                               DeviceState& state) {
  const Subject subject{&device.target, device.term};
  if (answer.result == ReadAnswer::Result::kSilent) {
    ++figures_.silent;
    return OnSilence(subject, now.wall, state);
  }
  ++figures_.answered;
  Round& round = *device.round;
  Reading reading;
  reading.kind = round.kind;
  reading.cadence = device.cadence;
  reading.time = now.wall;
  reading.rows_complete = RowsAreWhole(answer);
  SnapshotInput input;
  input.readings = answer.values;
  input.profile = device.profile;
  input.parts = PartsOf(round.kind);
  input.address = device.target.address();
  input.read_time = now.wall;
  input.complete = answer.complete;
  reading.snapshot = MakeSnapshot(input);
  if (round.kind == ReadingKind::kFull) {
    device.known = true;
    state.set_profile(device.profile == nullptr ? std::string() : device.profile->name);
    if (!answer.complete) ++figures_.partial;
  }
  return OnReading(subject, reading, state);
}

void FleetPoller::Conclude(DeviceSlot slot,
                           const Now& now,
                           const ReadAnswer& answer,
                           Effects& effects) {
  Device& device = devices_[slot];
  DeviceState state;
  (void)state.ParseFromString(device.state);
  Outcome outcome = Normalize(device, now, answer, state);
  Settle(slot, now, std::move(outcome), state, effects);
}

// --- Settling: state, then events ----------------------------------------------------------------

void FleetPoller::Settle(
    DeviceSlot slot, const Now& now, Outcome outcome, DeviceState& state, Effects& effects) {
  Device& device = devices_[slot];
  Round& round = *device.round;
  device.phase = Phase::kSettling;
  round.first.reset();
  round.unacknowledged = 1;  // Held until everything of this reading has been asked for.
  if (!outcome.after_state.empty()) {
    // Events that rest on the state travel in it until they are known to be in Kafka.
    round.after_state = std::move(outcome.after_state);
    std::move(
        outcome.at_once.begin(), outcome.at_once.end(), std::back_inserter(round.after_state));
    for (const Event& event : round.after_state) *state.add_outbox() = event;
    device.state = state.SerializeAsString();
    WriteState(slot, effects);
    state.clear_outbox();
    device.state = state.SerializeAsString();
  } else {
    // Events that their slot tells apart go first: a state that says "read" must not outlive them.
    device.state = state.SerializeAsString();
    round.state_last = outcome.state_changed;
    for (Event& event : outcome.at_once) Say(slot, std::move(event), effects);
  }
  Acknowledged(slot, now, effects);
}

void FleetPoller::WriteState(DeviceSlot slot, Effects& effects) {
  Device& device = devices_[slot];
  const std::uint64_t token = NextToken();
  pending_[token] = {slot, std::nullopt};
  ++device.round->unacknowledged;
  effects.states.push_back({device.partition, std::string(device.id.bytes()), device.state, token});
}

void FleetPoller::Say(DeviceSlot slot, Event event, Effects& effects) {
  if (const absl::Status stamped = sequencer_.Stamp(event); !stamped.ok()) {
    ++figures_.refused;
    return;
  }
  const std::uint64_t token = NextToken();
  pending_[token] = {slot, event};
  ++devices_[slot].round->unacknowledged;
  ++figures_.events;
  effects.events.push_back({std::move(event), token});
}

std::optional<FleetPoller::Pending> FleetPoller::Take(std::uint64_t token) {
  const auto found = pending_.find(token);
  if (found == pending_.end()) return std::nullopt;
  Pending pending = std::move(found->second);
  pending_.erase(found);
  return pending;
}

bool FleetPoller::OnStatePut(const Now& now,
                             std::uint64_t token,
                             const absl::Status& status,
                             Effects& effects) {
  const std::optional<Pending> pending = Take(token);
  if (!pending.has_value()) return false;
  Round& round = *devices_[pending->device].round;
  if (absl::IsCancelled(status)) {
    --round.unacknowledged;
    DeviceState state;
    (void)state.ParseFromString(devices_[pending->device].state);
    for (const Event& event : round.after_state) *state.add_outbox() = event;
    std::string bare = std::exchange(devices_[pending->device].state, state.SerializeAsString());
    WriteState(pending->device, effects);
    devices_[pending->device].state = std::move(bare);
    return true;
  }
  if (!status.ok()) ++figures_.refused;
  for (Event& event : std::exchange(round.after_state, {})) {
    Say(pending->device, std::move(event), effects);
  }
  Acknowledged(pending->device, now, effects);
  return true;
}

bool FleetPoller::OnPublished(const Now& now,
                              std::uint64_t token,
                              const absl::Status& status,
                              Effects& effects) {
  std::optional<Pending> pending = Take(token);
  if (!pending.has_value()) return false;
  if (absl::IsCancelled(status)) {  // Said again as it was, under its own number.
    const std::uint64_t again = NextToken();
    pending_[again] = *pending;
    effects.events.push_back({std::move(*pending->event), again});
    return true;
  }
  if (!status.ok()) ++figures_.refused;
  Acknowledged(pending->device, now, effects);
  return true;
}

void FleetPoller::Acknowledged(DeviceSlot slot, const Now& now, Effects& effects) {
  Round& round = *devices_[slot].round;
  if (--round.unacknowledged > 0) return;
  if (std::exchange(round.state_last, false)) {
    WriteState(slot, effects);
    return;
  }
  FinishRound(slot, now);
}

void FleetPoller::FinishRound(DeviceSlot slot, const Now& now) {
  Device& device = devices_[slot];
  const Round round = std::move(*device.round);
  device.round.reset();
  device.phase = Phase::kIdle;
  if (round.first_ever) --first_readings_;
  if (device.removed) return Free(slot);
  if (round.restore || (round.first_ever && device.known)) {
    PlanAll(device, now);
  } else if (!device.known) {
    // Nobody answered the first reading: it is tried again at the pace of status polls.
    device.due.fill(base::MonotonicTime::max());
    device.due[Index(ReadingKind::kFull)] = now.monotonic + device.cadence.status;
  } else {
    PlanNext(device, round.kind, now);
  }
  Schedule(slot);
}

FleetFigures FleetPoller::figures() const {
  FleetFigures figures = figures_;
  figures.devices = by_id_.size();
  figures.waiting_first = waiting_first_.size();
  for (const Device& device : devices_) {
    figures.reading += device.phase == Phase::kReading ? 1 : 0;
    figures.settling += device.phase == Phase::kSettling ? 1 : 0;
  }
  return figures;
}

}  // namespace platen::collector::core
