// Polls the devices it is given: decides when each is read and what, and turns the answers into
// state and events.
//
// Each device goes round: idle → reading → settling (its state, then its events, become durable) →
// idle. So there is never more than one request in flight to a device, never more than one reading
// of a device on its way to Kafka, and with Kafka away the devices stop where they are: nothing
// piles up.
//
// Pure: no I/O, no clock. Thread-confined.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "platen/collector/v1/state.pb.h"

#include "absl/container/flat_hash_map.h"
#include "libs/base/ids.h"
#include "libs/event/sequence.h"
#include "libs/flow/rate_limit.h"
#include "services/collector/core/agent_index.h"
#include "services/collector/core/cadence.h"
#include "services/collector/core/device_table.h"
#include "services/collector/core/effects.h"
#include "services/collector/core/normalizer.h"
#include "services/collector/core/poll_schedule.h"
#include "services/collector/core/profile.h"
#include "services/collector/core/question.h"
#include "services/collector/core/record_press.h"
#include "services/collector/core/settling.h"
#include "services/collector/core/slowest.h"

namespace platen::collector::core {

struct FleetPollerOptions {
  Cadence cadence;
  // First readings under way at the same time: a new fleet of thousands must not come as a burst.
  std::size_t first_readings_max = 64;
  // Devices at the most.
  std::size_t devices_max = 200'000;
  // A partition whose group has lost us is polled on until another claims it: what is said
  // meanwhile has a place to wait in.
  bool outlives_session = false;
  // Whether OnNotification() is ever called.
  bool takes_notifications = false;
  // Polls a second that notifications may cause, over all devices: the planned ones come first.
  std::uint32_t notified_polls_per_second = 500;
};

// Numbers for metrics and `platenctl top`.
struct FleetFigures {
  std::size_t devices = 0;
  std::size_t reading = 0;
  std::size_t settling = 0;
  std::size_t waiting_first = 0;
  std::uint64_t answered = 0;
  std::uint64_t silent = 0;
  std::uint64_t partial = 0;
  std::uint64_t events = 0;
  std::uint64_t refused = 0;
  std::uint64_t unreadable_states = 0;
  std::uint64_t alerts_missed = 0;
  std::uint64_t alerts_left_out = 0;
  std::uint64_t meters_left_out = 0;
  std::uint64_t other_device = 0;
  std::uint64_t supplies_left_out = 0;
  // Of notifications: polls that they caused; those that found one planned for them already; those
  // that found no permit left, and wait for the planned poll; and those from nobody's address.
  std::uint64_t notified = 0;
  std::uint64_t notified_again = 0;
  std::uint64_t notified_limited = 0;
  std::uint64_t notified_by_strangers = 0;
};

class FleetPoller {
 public:
  // `sequencer` must outlive this, `profiles` too, or until others are set.
  FleetPoller(const FleetPollerOptions& options,
              const ProfileSet& profiles,
              event::Sequencer& sequencer);

  // A device to poll from now on, or a change of its target. `state`: the serialised DeviceState
  // that the owner before left, empty where there is none; ignored for a device that is already
  // polled.
  void Add(std::int32_t partition,
           const base::DeviceId& id,
           event::v1::Target target,
           std::string state,
           std::uint64_t term,
           const Now& now,
           Effects& effects);

  // From now on devices are read by these; a device keeps the profile of its own by the name, and
  // finds another one, or its first, at its next full reading. Must outlive this, or until others
  // are set.
  void SetProfiles(const ProfileSet& profiles);

  // Whether there is no room for another device beside `waiting` ones.
  bool IsFull(std::size_t waiting) const {
    return devices_.size() + waiting >= options_.devices_max;
  }

  bool Polls(const base::DeviceId& id) const { return devices_.Find(id).has_value(); }

  // Polls it no longer. What is on its way goes on.
  void Remove(const base::DeviceId& id, Effects& effects);

  // Starts nothing new in the partition, and drops the readings that are under way: a device that
  // is slow to answer must not hold up a hand-over. What has been read goes on its way.
  void Quiesce(std::int32_t partition, Effects& effects);
  // True when nothing of the partition is on its way.
  bool IsQuiet(std::int32_t partition) const;
  // The partition's devices, as they were registered.
  std::vector<std::pair<base::DeviceId, event::v1::Target>> TargetsOf(std::int32_t partition);
  // Forgets the partition's devices and everything of theirs that is on its way.
  void Drop(std::int32_t partition, Effects& effects);

  // Starts what is due. With `hold`, nothing: Kafka takes no more at the moment.
  void OnTimer(const Now& now, bool hold, Effects& effects);

  // When OnTimer() is to be called again; nothing while no device waits.
  std::optional<base::MonotonicTime> next() const { return schedule_.next(); }

  void OnAnswer(const Now& now, ReadAnswer answer, Effects& effects);

  // Somebody says that something has happened. All that he may be (AgentIndex::Meant()) are polled
  // at once, once a second at the most, and nothing else follows: what was said may be forged, late
  // or lost.
  void OnNotification(const Now& now, const SenderClues& clues);
  // False where the token is not of this poller.
  bool OnStatePut(const Now& now,
                  std::uint64_t token,
                  const absl::Status& status,
                  Effects& effects);
  bool OnPublished(const Now& now,
                   std::uint64_t token,
                   const absl::Status& status,
                   Effects& effects);

  // Tokens of writes are drawn here, so that whoever else writes can draw from the same numbers.
  std::uint64_t NextToken() { return settling_.NextToken(); }

  Numbers& numbers() { return settling_.numbers(); }

  const Numbers& numbers() const { return settling_.numbers(); }

  FleetFigures figures() const;

  std::vector<SlowReading> slowest(const Now& now) { return slowest_.Of(now.monotonic); }

  // How many devices are polled of each partition that has any.
  std::map<std::int32_t, std::uint32_t> CountByPartition() const;

 private:
  // What is kept of a device, opened.
  struct Known {
    event::v1::Target target;
    collector::v1::DeviceState state;
  };

  void Free(DeviceSlot slot, Effects& effects);
  void Abandon(DeviceSlot slot, Effects& effects);
  void Restore(DeviceSlot slot,
               event::v1::Target target,
               const std::string& state,
               const Now& now,
               Effects& effects);
  void Start(const PollSchedule::Turn& turn, const Now& now, Effects& effects);
  void Ask(DeviceSlot slot,
           Question question,
           Effects& effects,
           std::optional<base::MonotonicTime> due = std::nullopt);
  void OnKnocked(DeviceSlot slot, const Now& now, const ReadAnswer& answer, Effects& effects);
  bool AskInContext(DeviceSlot slot, ReadAnswer& answer, Effects& effects);
  void Conclude(DeviceSlot slot, const Now& now, const ReadAnswer& answer, Effects& effects);
  std::optional<Outcome> Normalize(Device& device,
                                   const Now& now,
                                   const ReadAnswer& answer,
                                   Known& known);
  void Settle(DeviceSlot slot, const Now& now, Outcome outcome, Known& known, Effects& effects);
  bool OnProgress(const Now& now, const Settling::Progress& progress, Effects& effects);
  Known Recall(const Device& device);

  collector::v1::DeviceState StateOf(const Device& device) { return Recall(device).state; }

  // Takes the device's id out of `known`.
  void Keep(DeviceSlot slot, Known& known);
  void LookSoon(DeviceSlot slot, const Now& now);
  void PlanNotified(DeviceSlot slot, const Now& now);
  void Heed(DeviceSlot slot, const event::v1::Target& target);
  const ReadingPlan& StatusPlanOf(const collector::v1::DeviceState& state);
  static bool SaysNothingNew(Device& device, const Now& now, const ReadAnswer& answer);
  void FinishRound(DeviceSlot slot, const Now& now, Effects& effects);
  void LeaveFirst(const Round& round);

  FleetPollerOptions options_;
  const ProfileSet* profiles_;
  DeviceTable devices_;
  RecordPress press_;
  // What many devices have in common; they borrow it.
  std::set<Cadence> cadences_;
  std::set<std::string, std::less<>> credentials_;
  AgentIndex agents_;  // Empty where no notifications are taken.
  flow::RateLimit notified_;
  PollSchedule schedule_;
  Settling settling_;
  // By the printers' hrDeviceIndex, and what the device lacks: devices share them.
  absl::flat_hash_map<std::pair<std::vector<std::uint32_t>, std::uint32_t>,
                      std::unique_ptr<const ReadingPlan>>
      status_plans_;
  absl::flat_hash_map<std::int32_t, bool> quiesced_;
  Slowest slowest_;
  FleetFigures figures_;
};

}  // namespace platen::collector::core
