// The half of RelayCore that is about partitions: how they come, and how they go.
#include "libs/base/planted_bug.h"
#include "services/relay/core/relay_core.h"

namespace platen::relay::core {

using Phase = PartitionWork::Phase;

Effects RelayCore::OnAssigned(base::MonotonicTime now,
                              std::span<const broker::Partition> partitions) {
  Effects effects;
  if (draining_) return effects;
  for (const broker::Partition& partition : partitions) {
    PartitionWorkPtr& work = works_[partition];
    if (work != nullptr) GiveUp(*work);
    work = std::make_shared<PartitionWork>();
    work->partition = partition;
    if (paused_) effects.pause.push_back(partition);
  }
  HandBackUnsent();
  Proceed(now, effects);
  return effects;
}

Effects RelayCore::OnRevoked(base::MonotonicTime now,
                             std::span<const broker::Partition> partitions) {
  Effects effects;
  for (const broker::Partition& partition : partitions) {
    const auto found = works_.find(partition);
    if (found == works_.end()) {
      effects.release.push_back(partition);
      continue;
    }
    found->second->phase = Phase::kDraining;
    found->second->release_by = now + options_.drain_timeout;
  }
  HandBackUnsent();
  Proceed(now, effects);
  return effects;
}

Effects RelayCore::Drain(base::MonotonicTime now) {
  draining_ = true;
  Effects effects;
  for (auto& [partition, work] : works_) {
    work->phase = Phase::kDraining;
    work->release_by = now + options_.drain_timeout;
  }
  HandBackUnsent();
  Proceed(now, effects);
  return effects;
}

Effects RelayCore::OnLost(base::MonotonicTime now, std::span<const broker::Partition> partitions) {
  Effects effects;
  for (const broker::Partition& partition : partitions) {
    const auto found = works_.find(partition);
    if (found == works_.end()) continue;
    GiveUp(*found->second);
    works_.erase(found);
  }
  HandBackUnsent();
  Proceed(now, effects);
  return effects;
}

Effects RelayCore::OnGap(base::MonotonicTime now, const broker::PartitionOffset& next) {
  Effects effects;
  const auto found = works_.find(next.partition);
  if (found != works_.end() && found->second->phase == Phase::kOwned) {
    // As if its last record had been another route's.
    found->second->tracker.Begin(next.offset - 1);
    found->second->tracker.End(next.offset - 1);
  }
  Proceed(now, effects);
  return effects;
}

void RelayCore::GiveUp(PartitionWork& work) {
  work.phase = Phase::kGone;
  totals_.handed_back += work.open;
  in_flight_ -= work.open;
  work.open = 0;
}

// What is not on the way, of partitions that are going or gone, is left to their next owner.
void RelayCore::HandBackUnsent() {
  window_.EditUnsent([this](Batch& batch) { HandBack(batch); });
  if (HandBack(*filling_) == 0) return;
  // What is left still waits since then; its measure begins anew, which is at most one age late.
  if (filling_->empty()) {
    batcher_.Clear();
  } else {
    Seal();
  }
}

std::size_t RelayCore::HandBack(Batch& batch) {
  const std::size_t before = batch.bytes();
  const std::size_t removed = batch.Remove([this](const Batch::Item& item) {
    if (item.work->phase == Phase::kOwned) return false;
    if (item.work->phase == Phase::kDraining) {
      if (base::IsPlanted(base::PlantedBug::kTakesHandedBackForDone)) {
        item.work->tracker.End(item.offset);
      }
      --item.work->open;
      --in_flight_;
      ++totals_.handed_back;
    }
    return true;
  });
  buffered_bytes_ -= before - batch.bytes();
  return removed;
}

void RelayCore::CommitAndRelease(base::MonotonicTime now, Effects& effects) {
  for (auto it = works_.begin(); it != works_.end();) {
    PartitionWork& work = *it->second;
    if (const std::optional<std::int64_t> next = work.tracker.TakeCommit()) {
      effects.commit.push_back({work.partition, *next});
    }
    const bool going = work.phase == Phase::kDraining;
    if (!going || (work.open > 0 && now < work.release_by)) {
      ++it;
      continue;
    }
    GiveUp(work);
    effects.release.push_back(work.partition);
    it = works_.erase(it);
  }
}

}  // namespace platen::relay::core
