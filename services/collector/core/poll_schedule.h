// Which device is read next, and what of it. A device that is known waits for the slots of its
// cadence. One that was never read is first asked whether it is there at all, and then waits for
// its turn among the first readings: a new fleet of thousands must not come as a burst, and those
// of it that are switched off must not hold up the others.
//
// Pure, thread-confined; works on the devices of one table.
#pragma once

#include <cstddef>
#include <deque>
#include <functional>
#include <optional>

#include "platen/collector/v1/state.pb.h"

#include "libs/base/time.h"
#include "services/collector/core/device_table.h"
#include "services/collector/core/due_queue.h"
#include "services/collector/core/effects.h"

namespace platen::collector::core {

class PollSchedule {
 public:
  // `devices` must outlive this. At most `first_readings_max` first readings at the same time, and
  // sixteen times as many knocks.
  PollSchedule(DeviceTable& devices, std::size_t first_readings_max)
      : devices_(devices), first_readings_max_(first_readings_max) {}

  // After a start or a change of target: each kind at its next slot, or with the next status poll
  // where `state` says that the current one was missed, so that a fleet that catches up is spread
  // as it always is. A device that was never read: in full, when its turn comes.
  void PlanAll(Device& device, const collector::v1::DeviceState& state, const Now& now) const;

  // After a reading of that kind: at its next slot.
  void PlanNext(Device& device, ReadingKind kind, const Now& now) const;

  // A full reading now, whatever else is planned.
  static void PlanFull(Device& device, const Now& now);

  // A status poll at `at`, if none is planned before.
  static void PlanStatus(Device& device, base::MonotonicTime at);

  // After a first reading that nobody answered: again, at the slots of status polls.
  void PlanFirstAgain(Device& device, const Now& now) const;

  // Lets the device wait for what is planned. One that is paused waits for nothing.
  void Enqueue(DeviceSlot slot);

  void Remove(DeviceSlot slot) { due_.Remove(slot); }

  // It has answered a knock: its first reading may begin when its turn comes.
  static void PlanFirst(Device& device);

  struct Turn {
    DeviceSlot device = 0;
    ReadingKind kind = ReadingKind::kStatus;
    // When it was planned; absent for a first reading.
    std::optional<base::MonotonicTime> due;
  };

  // The next reading that is due, taken out; devices for which `may_start` says no lose their turn.
  std::optional<Turn> Take(const Now& now, const std::function<bool(const Device&)>& may_start);

  // A first reading has begun, or is over; the same of a knock.
  void FirstBegun() { ++first_readings_; }

  void FirstOver() { --first_readings_; }

  void KnockBegun() { ++knocks_; }

  void KnockOver() { --knocks_; }

  // When Take() is to be asked again; nothing while no device waits.
  std::optional<base::MonotonicTime> next() const { return due_.next(); }

  std::size_t waiting_first() const { return waiting_knock_.size() + waiting_first_.size(); }

 private:
  DeviceTable& devices_;
  std::size_t first_readings_max_;
  DueQueue due_;
  std::deque<DeviceSlot> waiting_knock_;
  std::deque<DeviceSlot> waiting_first_;  // Have answered a knock.
  std::size_t knocks_ = 0;
  std::size_t first_readings_ = 0;
};

}  // namespace platen::collector::core
