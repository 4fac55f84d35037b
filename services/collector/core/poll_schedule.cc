#include "services/collector/core/poll_schedule.h"

#include <algorithm>

#include "services/collector/core/normalizer.h"

namespace platen::collector::core {
namespace {

using collector::v1::DeviceState;

// A knock is one small request, and waits for those who are switched off.
constexpr std::size_t kKnocksForAFirst = 16;

std::size_t Index(ReadingKind kind) {
  return static_cast<std::size_t>(kind);
}

bool WaitsForFirst(const Device& device) {
  return !device.known && device.due[Index(ReadingKind::kFull)] == base::MonotonicTime();
}

}  // namespace

void PollSchedule::PlanNext(Device& device, ReadingKind kind, const Now& now) const {
  const bool rare = kind == ReadingKind::kStatus && device.asleep;
  const base::Duration interval = rare ? device.cadence->asleep : device.cadence->interval(kind);
  const Slot slot = SlotAt(device.id, kind, interval, now.wall);
  device.due[Index(kind)] = now.monotonic + (slot.start + interval - now.wall);
}

void PollSchedule::PlanAll(Device& device, const DeviceState& state, const Now& now) const {
  if (!device.known) {
    PlanFirst(device);
    return;
  }
  for (const ReadingKind kind : kReadingKinds) {
    PlanNext(device, kind, now);
    // A full reading without a firmware version leaves no mark: it waits for its slot.
    if (kind != ReadingKind::kMeters && kind != ReadingKind::kSupplies) continue;
    const base::Duration interval = device.cadence->interval(kind);
    const Slot slot = SlotAt(device.id, kind, interval, now.wall);
    if (!IsRead(state, kind, interval, slot.number)) {
      device.due[Index(kind)] = device.due[Index(ReadingKind::kStatus)];
    }
  }
}

void PollSchedule::PlanFirstAgain(Device& device, const Now& now) const {
  PlanNext(device, ReadingKind::kStatus, now);
  const base::MonotonicTime next = device.due[Index(ReadingKind::kStatus)];
  device.due.fill(base::MonotonicTime::max());
  device.due[Index(ReadingKind::kFull)] = next;
}

void PollSchedule::PlanFirst(Device& device) {
  device.due.fill(base::MonotonicTime());
}

void PollSchedule::PlanFull(Device& device, const Now& now) {
  device.due[Index(ReadingKind::kFull)] = now.monotonic;
}

void PollSchedule::PlanStatus(Device& device, base::MonotonicTime at) {
  base::MonotonicTime& due = device.due[Index(ReadingKind::kStatus)];
  due = std::min(due, at);
}

void PollSchedule::Enqueue(DeviceSlot slot) {
  const Device& device = devices_[slot];
  if (device.paused) {
    due_.Remove(slot);
  } else if (WaitsForFirst(device)) {
    due_.Remove(slot);  // Where it waited for another try.
    (device.answers ? waiting_first_ : waiting_knock_).push_back(slot);
  } else {
    due_.Set(slot, *std::min_element(device.due.begin(), device.due.end()));
  }
}

std::optional<PollSchedule::Turn> PollSchedule::Take(
    const Now& now, const std::function<bool(const Device&)>& may_start) {
  const auto first = [&](std::deque<DeviceSlot>& waiting, bool answers) -> std::optional<Turn> {
    while (!waiting.empty()) {
      const DeviceSlot slot = waiting.front();
      waiting.pop_front();
      const Device& device = devices_[slot];
      // Of one that has left meanwhile, or was put in twice.
      if (!device.live || device.paused || device.phase != Phase::kIdle) continue;
      if (!WaitsForFirst(device) || device.answers != answers || !may_start(device)) continue;
      return Turn{slot, ReadingKind::kFull, std::nullopt};
    }
    return std::nullopt;
  };
  if (first_readings_ < first_readings_max_) {
    if (const auto turn = first(waiting_first_, true)) return turn;
  }
  if (knocks_ < kKnocksForAFirst * first_readings_max_) {
    if (const auto turn = first(waiting_knock_, false)) return turn;
  }
  while (const std::optional<DeviceSlot> slot = due_.Pop(now.monotonic)) {
    for (const std::optional<DeviceSlot> soon : due_.soon()) {
      if (soon.has_value()) devices_.Prefetch(*soon);
    }
    const Device& device = devices_[*slot];
    if (!may_start(device)) continue;
    const auto earliest = std::min_element(device.due.begin(), device.due.end());
    return Turn{
        *slot, kReadingKinds[static_cast<std::size_t>(earliest - device.due.begin())], *earliest};
  }
  return std::nullopt;
}

}  // namespace platen::collector::core
