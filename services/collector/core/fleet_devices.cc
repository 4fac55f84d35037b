// Which devices are polled, and what is kept of them between their readings.
#include <utility>

#include "absl/hash/hash.h"
#include "libs/event/timestamps.h"
#include "services/collector/core/fleet_poller.h"

namespace platen::collector::core {
namespace {

using collector::v1::DeviceState;

template <class Message>
bool Parse(std::string_view bytes, Message& message) {
  return message.ParseFromArray(bytes.data(), static_cast<int>(bytes.size()));
}

}  // namespace

void FleetPoller::Free(DeviceSlot slot, Effects& effects) {
  Abandon(slot, effects);
  schedule_.Remove(slot);
  if (options_.takes_notifications) {
    agents_.Remove(devices_[slot].access.agent, slot);
    agents_.SetNames(slot, "", "");
  }
  devices_.Free(slot);
}

// Gives up what is under way; an answer that still comes finds nobody.
void FleetPoller::Abandon(DeviceSlot slot, Effects& effects) {
  Device& device = devices_[slot];
  if (device.round != nullptr) LeaveFirst(*device.round);
  device.round.reset();
  device.phase = Phase::kIdle;
  ++device.reading_number;
  effects.forget.push_back(slot);
}

void FleetPoller::Add(std::int32_t partition,
                      const base::DeviceId& id,
                      event::v1::Target target,
                      std::string state,
                      std::uint64_t term,
                      const Now& now,
                      Effects& effects) {
  const std::optional<DeviceSlot> polled = devices_.Find(id);
  const bool fresh = !polled.has_value();
  const DeviceSlot slot = fresh ? devices_.Add(id) : *polled;
  Device& device = devices_[slot];
  device.partition = partition;
  device.term = term;
  device.removed = false;
  if (fresh) return Restore(slot, std::move(target), state, now, effects);
  Known known = Recall(device);
  // Who answers at another address, or is said to have another serial number, is to be read anew.
  if (known.target.address() != target.address() ||
      known.target.expected_serial() != target.expected_serial()) {
    device.known = false;
    device.answers = false;
    device.notified = false;
  }
  // An order has to find its way to the state.
  device.quiet.reset();
  device.mute.reset();
  known.target = std::move(target);
  Heed(slot, known.target);
  Keep(slot, known);
  schedule_.PlanAll(device, known.state, now);
  if (device.phase == Phase::kIdle) schedule_.Enqueue(slot);
}

// What the owner before had decided and perhaps not said is said again (the ids are the same); then
// the device waits for its slots.
void FleetPoller::Restore(DeviceSlot slot,
                          event::v1::Target target,
                          const std::string& state,
                          const Now& now,
                          Effects& effects) {
  Device& device = devices_[slot];
  Known known{.target = std::move(target), .state = {}};
  DeviceState& restored = known.state;
  if (!restored.ParseFromString(state)) {
    restored.Clear();
    ++figures_.unreadable_states;
  }
  DeviceState outbox;
  outbox.mutable_outbox()->Swap(restored.mutable_outbox());
  device.round = std::make_unique<Round>();
  device.round->restore = true;
  Heed(slot, known.target);
  Keep(slot, known);
  device.known = restored.known();
  device.profile = profiles_->Find(restored.profile());
  schedule_.PlanAll(device, restored, now);
  if (settling_.SayAgain(slot, std::move(outbox), effects)) FinishRound(slot, now, effects);
}

void FleetPoller::Remove(const base::DeviceId& id, Effects& effects) {
  const std::optional<DeviceSlot> slot = devices_.Find(id);
  if (!slot.has_value()) return;
  devices_[*slot].removed = true;
  schedule_.Remove(*slot);
  if (devices_[*slot].phase == Phase::kIdle) Free(*slot, effects);
}

void FleetPoller::Quiesce(std::int32_t partition, Effects& effects) {
  quiesced_[partition] = true;
  for (DeviceSlot slot = 0; slot < devices_.slots(); ++slot) {
    const Device& device = devices_[slot];
    if (!device.live || device.partition != partition || device.phase != Phase::kReading) continue;
    Abandon(slot, effects);
    if (device.removed) Free(slot, effects);
  }
}

bool FleetPoller::IsQuiet(std::int32_t partition) const {
  for (DeviceSlot slot = 0; slot < devices_.slots(); ++slot) {
    const Device& device = devices_[slot];
    if (device.live && device.partition == partition && device.phase != Phase::kIdle) return false;
  }
  return true;
}

std::vector<std::pair<base::DeviceId, event::v1::Target>> FleetPoller::TargetsOf(
    std::int32_t partition) {
  std::vector<std::pair<base::DeviceId, event::v1::Target>> targets;
  for (DeviceSlot slot = 0; slot < devices_.slots(); ++slot) {
    const Device& device = devices_[slot];
    if (!device.live || device.removed || device.partition != partition) continue;
    targets.emplace_back(device.id, Recall(device).target);
  }
  return targets;
}

void FleetPoller::Drop(std::int32_t partition, Effects& effects) {
  for (DeviceSlot slot = 0; slot < devices_.slots(); ++slot) {
    if (!devices_[slot].live || devices_[slot].partition != partition) continue;
    settling_.Drop(slot);
    Free(slot, effects);
  }
  quiesced_.erase(partition);
}

void FleetPoller::SetProfiles(const ProfileSet& profiles) {
  profiles_ = &profiles;
  for (DeviceSlot slot = 0; slot < devices_.slots(); ++slot) {
    Device& device = devices_[slot];
    if (!device.live) continue;
    // One that was missing from the set before, while files were exchanged, may be back.
    const std::string name =
        device.profile != nullptr ? device.profile->name : StateOf(device).profile();
    device.profile = profiles.Find(name);
  }
}

// As of the last poll, quiet ones included.
FleetPoller::Known FleetPoller::Recall(const Device& device) {
  Known known;
  const OpenRecord record = press_.Open(device.kept);
  // They are our own.
  (void)Parse(record.target, known.target);
  known.target.set_device_id(std::string(device.id.bytes()));
  (void)Parse(record.state, known.state);
  if (device.quiet.has_value()) {
    known.state.set_uptime_ticks(device.quiet->uptime_ticks);
    *known.state.mutable_uptime_read_time() = event::ToProto(device.quiet->time);
  }
  return known;
}

void FleetPoller::Keep(DeviceSlot slot, Known& known) {
  Device& device = devices_[slot];
  const DeviceState& state = known.state;
  known.target.clear_device_id();  // It is kept as the device's own, and can't be pressed.
  std::string bytes = state.SerializeAsString();
  const std::uint64_t kind =
      absl::HashOf(state.identity().manufacturer(), state.identity().model(), state.profile());
  device.kept = press_.Press({.target = known.target.SerializeAsString(), .state = bytes}, kind);
  if (device.round != nullptr) device.round->state = std::move(bytes);
  device.asleep = state.status().reachability() == event::v1::REACHABILITY_ASLEEP;
  device.status_plan = &StatusPlanOf(state);
  if (options_.takes_notifications) {
    const event::v1::Identity& identity = state.identity();
    const std::string& serial = identity.serial_number().empty() ? known.target.expected_serial()
                                                                 : identity.serial_number();
    agents_.SetNames(slot, serial, identity.sys_name());
  }
}

// What its target says of when and how it is read.
void FleetPoller::Heed(DeviceSlot slot, const event::v1::Target& target) {
  Device& device = devices_[slot];
  agents_.Remove(device.access.agent, slot);
  device.cadence = &*cadences_.insert(MakeCadence(target.schedule(), options_.cadence)).first;
  device.access = AccessOf(target);
  device.access.credential = *credentials_.emplace(device.access.credential).first;
  device.paused = target.paused();
  if (options_.takes_notifications) agents_.Add(device.access.agent, slot);
}

const ReadingPlan& FleetPoller::StatusPlanOf(const DeviceState& state) {
  const std::vector<std::uint32_t> printers(state.printer_device_indexes().begin(),
                                            state.printer_device_indexes().end());
  const std::uint32_t lacks = state.inventory().status_lacks();
  std::unique_ptr<const ReadingPlan>& plan = status_plans_[{printers, lacks}];
  if (plan == nullptr) plan = std::make_unique<const ReadingPlan>(StatusPlan(printers, lacks));
  return *plan;
}

}  // namespace platen::collector::core
