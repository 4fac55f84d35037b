#include "libs/broker/kafka/subscriber_commits.h"

namespace platen::broker::kafka {
namespace {

constexpr base::Duration kPauseAfterFailure = std::chrono::milliseconds(200);

}  // namespace

void CommitQueue::Ask(const PartitionOffset& next) {
  const auto [asked, first] = asked_.try_emplace(next.partition, next.offset);
  if (!first && asked->second >= next.offset) return;
  asked->second = next.offset;
  waiting_[next.partition] = next.offset;
}

std::vector<PartitionOffset> CommitQueue::TakeRound(base::MonotonicTime now, bool at_once) {
  std::vector<PartitionOffset> round;
  if (waiting_.empty() || (!at_once && (rounds_ > 0 || now < not_before_))) return round;
  for (const auto& [partition, offset] : waiting_) round.push_back({partition, offset});
  waiting_.clear();
  ++rounds_;
  return round;
}

void CommitQueue::EndRound(base::MonotonicTime now, const std::vector<PartitionOffset>& failed) {
  if (rounds_ > 0) --rounds_;
  for (const PartitionOffset& position : failed) {
    if (!asked_.contains(position.partition)) continue;
    waiting_.try_emplace(position.partition, position.offset);
    not_before_ = now + kPauseAfterFailure;
  }
}

void CommitQueue::Forget(const Partition& partition) {
  asked_.erase(partition);
  waiting_.erase(partition);
}

}  // namespace platen::broker::kafka
