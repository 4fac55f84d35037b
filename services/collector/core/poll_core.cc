#include "services/collector/core/poll_core.h"

#include <algorithm>

#include "libs/base/planted_bug.h"
#include "libs/event/timestamps.h"

namespace platen::collector::core {
namespace {

// A partition that is lost ends many events, one after the other: they become one gap.
constexpr base::Duration kTellAfter = std::chrono::seconds(1);
// How long a fenced partition that the group has left to us stays with whoever fenced us: several
// sessions of Kafka's group.
constexpr base::Duration kFencedMax = std::chrono::seconds(30);

}  // namespace

PollCore::PollCore(const FleetPollerOptions& options,
                   const ProfileSet& profiles,
                   event::Sequencer& sequencer)
    : outlives_session_(options.outlives_session),
      fleet_(options, profiles, sequencer),
      sequencer_(sequencer) {}

// --- Partitions and targets ----------------------------------------------------------------------

void PollCore::OnTarget(const Now& now, TargetSource::Step step, Effects& effects) {
  if (const auto* given = std::get_if<PartitionGiven>(&step)) {
    OnGiven(given->partition, effects);
  } else if (const auto* taken = std::get_if<PartitionTaken>(&step)) {
    const auto found = partitions_.find(taken->partition);
    if (found == partitions_.end()) {
      effects.release.push_back(taken->partition);
      return;
    }
    found->second.taken = true;
    fleet_.Quiesce(taken->partition, effects);
    ReleaseQuiet(effects);
  } else if (const auto* lost = std::get_if<PartitionLost>(&step)) {
    OnLost(lost->partition, effects);
  } else if (std::holds_alternative<TargetUndecodable>(step)) {
    ++target_figures_.undecodable;
  } else {
    OnChanged(now, std::get<TargetChanged>(std::move(step)), effects);
  }
}

// The group's session ends with Kafka's outage as with ours. Only a claim tells which it was.
void PollCore::OnLost(std::int32_t number, Effects& effects) {
  if (outlives_session_ && Owns(number)) {
    partitions_.at(number).lost = true;
    return;
  }
  effects.purge = true;
  Forget(number, effects);
}

// What is known already has its place.
bool PollCore::HasRoomFor(const PartitionState& partition, const base::DeviceId& device) const {
  if (fleet_.Polls(device) || partition.targets.contains(device)) return true;
  std::size_t waiting = 0;
  for (const auto& [number, each] : partitions_) waiting += each.targets.size();
  return !fleet_.IsFull(waiting);
}

std::string PollCore::PartitionState::TakeState(const base::DeviceId& device) {
  auto kept = states.extract(device);
  return kept.empty() ? std::string() : std::move(kept.mapped());
}

void PollCore::OnGiven(std::int32_t number, Effects& effects) {
  fleet_.Drop(number, effects);  // Of an ownership that ended without a word.
  partitions_.insert_or_assign(
      number, PartitionState{.ownership = Ownership(sequencer_.instance(), sequencer_.epoch())});
  effects.readers.emplace_back(number, true);
}

void PollCore::OnChanged(const Now& now, TargetChanged changed, Effects& effects) {
  const auto found = partitions_.find(changed.partition);
  if (found == partitions_.end()) return;
  ++target_figures_.read;
  PartitionState& partition = found->second;
  const bool owned = partition.ownership.phase() == Ownership::Phase::kOwned;
  if (!changed.target.has_value()) {
    partition.targets.erase(changed.device);
    if (!owned) return;
    partition.states.erase(changed.device);
    fleet_.Remove(changed.device, effects);
    // Nobody needs to know any more how it was.
    effects.states.push_back(
        {changed.partition, std::string(changed.device.bytes()), std::nullopt, fleet_.NextToken()});
    return;
  }
  if (!HasRoomFor(partition, changed.device)) {
    ++target_figures_.refused;
    return;
  }
  if (owned) {
    fleet_.Add(changed.partition,
               changed.device,
               *std::move(changed.target),
               partition.TakeState(changed.device),
               partition.ownership.term(),
               now,
               effects);
  } else {
    partition.targets[changed.device] = *std::move(changed.target);
  }
}

// --- State and claims ----------------------------------------------------------------------------

void PollCore::OnState(const Now& now, StateStore::Step step, Effects& effects) {
  if (auto* read = std::get_if<StateRead>(&step)) {
    OnRead(now, std::move(*read), effects);
  } else if (const auto* restored = std::get_if<StateRestored>(&step)) {
    const auto found = partitions_.find(restored->partition);
    if (found == partitions_.end()) return;
    Follow(now, restored->partition, found->second.ownership.OnRestored(), effects);
  } else {
    const StatePut& put = std::get<StatePut>(step);
    if (fleet_.OnStatePut(now, put.token, put.status, effects)) return;
    for (auto& [number, partition] : partitions_) {
      if (partition.claim_token != put.token) continue;
      partition.claim_token.reset();
      if (!put.status.ok()) Claim(now, number, effects);
    }
  }
  ReleaseQuiet(effects);
}

void PollCore::OnRead(const Now& now, StateRead read, Effects& effects) {
  const auto found = partitions_.find(read.partition);
  if (found == partitions_.end()) return;
  PartitionState& partition = found->second;
  if (read.key == kOwnerKey) {
    collector::v1::OwnerClaim claim;
    if (!read.value.has_value() || !claim.ParseFromString(*read.value)) return;
    Follow(now, read.partition, partition.ownership.OnClaim(claim), effects);
    // A lost one is forgotten with that.
    if (const auto left = partitions_.find(read.partition);
        left != partitions_.end() && left->second.ownership.phase() == Ownership::Phase::kFenced) {
      left->second.fenced_at = now.monotonic;
    }
    return;
  }
  // An owner knows better than the log, which brings back what it has written itself.
  if (partition.ownership.phase() == Ownership::Phase::kOwned) return;
  const absl::StatusOr<base::DeviceId> device = base::DeviceId::FromBytes(read.key);
  if (!device.ok()) return;
  if (!read.value.has_value()) {
    partition.states.erase(*device);
    return;
  }
  // A late write of an owner that had already been replaced: it stands behind the claim of the
  // next.
  collector::v1::DeviceState state;
  if (state.ParseFromString(*read.value) && state.term() < partition.ownership.highest() &&
      !base::IsPlanted(base::PlantedBug::kBelievesLateState)) {
    return;
  }
  partition.states[*device] = *std::move(read.value);
}

void PollCore::Follow(const Now& now, std::int32_t number, Ownership::Step step, Effects& effects) {
  PartitionState& partition = partitions_.at(number);
  switch (step) {
    case Ownership::Step::kNothing:
      return;
    case Ownership::Step::kClaim:
      return Claim(now, number, effects);
    case Ownership::Step::kStop:
      ++claims_lost_;
      effects.purge = true;
      // The group may leave it to us all the same (ClaimAnew).
      for (auto& [device, target] : fleet_.TargetsOf(number)) {
        partition.targets.emplace(device, std::move(target));
      }
      fleet_.Drop(number, effects);
      if (partition.lost) Forget(number, effects);
      return;
    case Ownership::Step::kStart:
      break;
  }
  for (auto& [device, target] : std::exchange(partition.targets, {})) {
    fleet_.Add(number,
               device,
               std::move(target),
               partition.TakeState(device),
               partition.ownership.term(),
               now,
               effects);
  }
}

void PollCore::Claim(const Now& now, std::int32_t number, Effects& effects) {
  PartitionState& partition = partitions_.at(number);
  collector::v1::OwnerClaim claim = partition.ownership.claim();
  *claim.mutable_time() = event::ToProto(now.wall);
  partition.claim_token = fleet_.NextToken();
  effects.states.push_back(
      {number, std::string(kOwnerKey), claim.SerializeAsString(), *partition.claim_token});
}

// Whoever fenced us may be gone before the group has given it the partition, and then it is ours
// still: nobody else is told to poll it. One that the group has taken away learns of that within a
// session, and whoever owns it would be fenced by us for a moment only.
void PollCore::ClaimAnew(const Now& now, Effects& effects) {
  for (auto& [number, partition] : partitions_) {
    if (!partition.fenced_at.has_value() || partition.taken ||
        now.monotonic - *partition.fenced_at < kFencedMax) {
      continue;
    }
    partition.fenced_at.reset();
    partition.ownership = Ownership(sequencer_.instance(), sequencer_.epoch());
    partition.states.clear();
    partition.claim_token.reset();
    effects.readers.emplace_back(number, false);
    effects.readers.emplace_back(number, true);
  }
}

void PollCore::Forget(std::int32_t number, Effects& effects) {
  fleet_.Drop(number, effects);
  if (partitions_.erase(number) > 0) effects.readers.emplace_back(number, false);
}

void PollCore::ReleaseQuiet(Effects& effects) {
  std::vector<std::int32_t> quiet;
  for (const auto& [number, partition] : partitions_) {
    if (partition.taken && fleet_.IsQuiet(number)) quiet.push_back(number);
  }
  for (const std::int32_t number : quiet) {
    Forget(number, effects);
    effects.release.push_back(number);
  }
}

// --- The rest goes to the fleet ------------------------------------------------------------------

void PollCore::Say(event::v1::Event event, Effects& effects) {
  SayOwn({std::move(event), std::nullopt}, effects);
}

void PollCore::SayOwn(Own own, Effects& effects) {
  if (!sequencer_.Stamp(own.event).ok()) return;
  fleet_.numbers().OnGiven(own.event);
  const std::uint64_t token = fleet_.NextToken();
  effects.events.push_back({own.event, token});
  own_[token] = std::move(own);
}

void PollCore::TellGivenUp(const Now& now, Effects& effects) {
  if (!fleet_.numbers().HasUntold()) return tell_at_.reset();
  if (!tell_at_.has_value()) tell_at_ = now.monotonic + kTellAfter;
  if (now.monotonic < *tell_at_) return;
  tell_at_.reset();
  for (const SpoolGap& gap : fleet_.numbers().TakeGaps(kGapReportsMax)) {
    event::v1::Event event = ToEvent(gap, sequencer_.instance());
    *event.mutable_observation_time() = event::ToProto(now.wall);
    SayOwn({std::move(event), gap}, effects);
  }
}

void PollCore::OnPublished(const Now& now, const Published& published, Effects& effects) {
  if (const auto own = own_.find(published.token); own != own_.end()) {
    Own said = std::move(own->second);
    own_.erase(own);
    if (absl::IsCancelled(published.status)) {
      // Its number must not become a hole: the same event again.
      const std::uint64_t again = fleet_.NextToken();
      effects.events.push_back({said.event, again});
      own_[again] = std::move(said);
    } else if (published.status.ok()) {
      fleet_.numbers().OnAcknowledged(NumberOf(said.event));
      if (said.gap.has_value()) fleet_.numbers().OnTold(*said.gap);
    } else {
      fleet_.numbers().OnGivenUp(NumberOf(said.event), GivenUp::kRefused);
    }
    return;
  }
  fleet_.OnPublished(now, published.token, published.status, effects);
  ReleaseQuiet(effects);
}

void PollCore::OnAnswer(const Now& now, ReadAnswer answer, Effects& effects) {
  fleet_.OnAnswer(now, std::move(answer), effects);
  ReleaseQuiet(effects);
}

void PollCore::OnTimer(const Now& now, bool hold, Effects& effects) {
  if (!stopping_) ClaimAnew(now, effects);
  fleet_.OnTimer(now, hold || stopping_, effects);
  if (!hold) TellGivenUp(now, effects);
}

void PollCore::Stop(Effects& effects) {
  stopping_ = true;
  for (const auto& [number, partition] : partitions_) fleet_.Quiesce(number, effects);
}

bool PollCore::IsQuiet() const {
  return own_.empty() && !numbers().HasUntold() &&
         std::all_of(partitions_.begin(), partitions_.end(), [this](const auto& each) {
           return fleet_.IsQuiet(each.first);
         });
}

std::size_t PollCore::partitions_owned() const {
  return static_cast<std::size_t>(
      std::count_if(partitions_.begin(), partitions_.end(), [](const auto& each) {
        return each.second.ownership.phase() == Ownership::Phase::kOwned;
      }));
}

std::vector<PollCore::OwnedPartition> PollCore::OwnedPartitions() const {
  const std::map<std::int32_t, std::uint32_t> devices = fleet_.CountByPartition();
  std::vector<OwnedPartition> owned;
  for (const auto& [number, state] : partitions_) {
    if (state.ownership.phase() != Ownership::Phase::kOwned) continue;
    const auto found = devices.find(number);
    owned.push_back({.number = number,
                     .term = state.ownership.term(),
                     .devices = found == devices.end() ? 0 : found->second});
  }
  return owned;
}

bool PollCore::Owns(std::int32_t partition) const {
  const auto found = partitions_.find(partition);
  return found != partitions_.end() && !found->second.taken &&
         found->second.ownership.phase() == Ownership::Phase::kOwned;
}

std::size_t PollCore::partitions_lost() const {
  return static_cast<std::size_t>(std::count_if(
      partitions_.begin(), partitions_.end(), [](const auto& each) { return each.second.lost; }));
}

}  // namespace platen::collector::core
