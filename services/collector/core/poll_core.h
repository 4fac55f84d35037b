// The whole core of role `poll`: partitions come and go, their state is restored, they are claimed,
// and their devices polled (docs/ARCHITECTURE.md, "Scaling").
//
// An input goes in with the moment it came, what is to be done comes out as Effects. Pure;
// thread-confined.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <utility>

#include "absl/container/btree_map.h"
#include "absl/container/flat_hash_map.h"
#include "libs/event/sequence.h"
#include "services/collector/core/effects.h"
#include "services/collector/core/fleet_poller.h"
#include "services/collector/core/ownership.h"
#include "services/collector/core/seams.h"

namespace platen::collector::core {

struct TargetFigures {
  // New, changed or removed, of partitions that are given to this collector.
  std::uint64_t read = 0;
  // Not polled for want of room: FleetPollerOptions::devices_max.
  std::uint64_t refused = 0;
  // Not polled.
  std::uint64_t undecodable = 0;
};

class PollCore {
 public:
  // `sequencer` must outlive this, `profiles` too, or until others are set.
  PollCore(const FleetPollerOptions& options,
           const ProfileSet& profiles,
           event::Sequencer& sequencer);

  void OnTarget(const Now& now, TargetSource::Step step, Effects& effects);
  void OnState(const Now& now, StateStore::Step step, Effects& effects);
  void OnPublished(const Now& now, const Published& published, Effects& effects);
  void OnAnswer(const Now& now, ReadAnswer answer, Effects& effects);

  // See FleetPoller::OnNotification().
  void OnNotification(const Now& now, const SenderClues& clues) {
    fleet_.OnNotification(now, clues);
  }

  // See FleetPoller::SetProfiles().
  void SetProfiles(const ProfileSet& profiles) { fleet_.SetProfiles(profiles); }

  // Publishes an event about the collector itself (a heartbeat). It is stamped here, in order with
  // all others.
  void Say(event::v1::Event event, Effects& effects);

  // How far the numbers given to events have come. What was given up is told by itself.
  const Numbers& numbers() const { return fleet_.numbers(); }

  // `hold`: Kafka takes nothing more at the moment, so nothing new is read.
  void OnTimer(const Now& now, bool hold, Effects& effects);

  std::optional<base::MonotonicTime> next() const { return fleet_.next(); }

  // Begins the drain: nothing is read any more, what has been read goes on its way.
  void Stop(Effects& effects);
  // True when nothing is on its way any more.
  bool IsQuiet() const;

  FleetFigures figures() const { return fleet_.figures(); }

  std::size_t partitions_owned() const;

  // One of them.
  struct OwnedPartition {
    std::int32_t number = 0;
    std::uint64_t term = 0;
    std::uint32_t devices = 0;
  };

  std::vector<OwnedPartition> OwnedPartitions() const;

  std::vector<SlowReading> slowest(const Now& now) { return fleet_.slowest(now); }

  // Of these, those that the group no longer gives.
  std::size_t partitions_lost() const;

  bool Owns(std::int32_t partition) const;

  std::uint64_t claims_lost() const { return claims_lost_; }

  TargetFigures target_figures() const { return target_figures_; }

 private:
  struct PartitionState {
    Ownership ownership;
    // Ordered: the same inputs give the same effects, in the same order.
    absl::btree_map<base::DeviceId, event::v1::Target> targets;
    // As restored; each moves into the fleet with its device's target. Targets and state come by
    // two ways, and either may be the later one: a target that comes after the partition is owned
    // still finds its state here.
    absl::flat_hash_map<base::DeviceId, std::string> states;
    std::optional<std::uint64_t> claim_token;
    // While it is fenced: when somebody claimed it last.
    std::optional<base::MonotonicTime> fenced_at;
    bool taken = false;
    // Owned, and no longer given by the group: until it is given again, or claimed by another.
    bool lost = false;

    // Empty where nothing is known of the device.
    std::string TakeState(const base::DeviceId& device);
  };

  // An event about ourselves that is on its way.
  struct Own {
    event::v1::Event event;
    std::optional<SpoolGap> gap;  // Of numbers given up, that it tells of.
  };

  void OnGiven(std::int32_t number, Effects& effects);
  void ClaimAnew(const Now& now, Effects& effects);
  void OnLost(std::int32_t number, Effects& effects);
  void OnChanged(const Now& now, TargetChanged changed, Effects& effects);
  bool HasRoomFor(const PartitionState& partition, const base::DeviceId& device) const;
  void OnRead(const Now& now, StateRead read, Effects& effects);
  void Follow(const Now& now, std::int32_t number, Ownership::Step step, Effects& effects);
  void Claim(const Now& now, std::int32_t number, Effects& effects);
  void Forget(std::int32_t number, Effects& effects);
  void ReleaseQuiet(Effects& effects);
  void SayOwn(Own own, Effects& effects);
  void TellGivenUp(const Now& now, Effects& effects);

  const bool outlives_session_;
  FleetPoller fleet_;
  event::Sequencer& sequencer_;
  std::map<std::int32_t, PartitionState> partitions_;

  // Events about ourselves that are on their way.
  absl::flat_hash_map<std::uint64_t, Own> own_;
  // When the next numbers that were given up are to be told.
  std::optional<base::MonotonicTime> tell_at_;
  bool stopping_ = false;
  std::uint64_t claims_lost_ = 0;
  TargetFigures target_figures_;
};

}  // namespace platen::collector::core
