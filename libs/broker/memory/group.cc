#include "libs/broker/memory/group.h"

#include <algorithm>

namespace platen::broker::memory {

void Group::Join(MemberId member, const std::vector<Partition>& partitions) {
  members_[member].topics = {partitions.begin(), partitions.end()};
  Balance();
}

void Group::Leave(MemberId member) {
  members_.erase(member);
  Balance();
}

void Group::Expel(MemberId member) {
  const auto found = members_.find(member);
  if (found == members_.end()) return;
  Member& gone = found->second;
  for (const Partition& untold : gone.news.assigned) gone.owned.erase(untold);
  std::vector<Partition> lost = std::move(gone.news.lost);
  lost.insert(lost.end(), gone.owned.begin(), gone.owned.end());
  gone.news = {.lost = std::move(lost)};
  gone.owned.clear();
  gone.revoking.clear();
  gone.topics.clear();
  Balance();
}

void Group::Release(MemberId member, const Partition& partition) {
  const auto found = members_.find(member);
  if (found == members_.end() || found->second.revoking.erase(partition) == 0) return;
  found->second.owned.erase(partition);
  Balance();
}

MemberNews Group::TakeNews(MemberId member) {
  const auto found = members_.find(member);
  return found == members_.end() ? MemberNews{} : std::exchange(found->second.news, {});
}

bool Group::Joined(MemberId member) const {
  const auto found = members_.find(member);
  return found != members_.end() && !found->second.topics.empty();
}

bool Group::Owns(MemberId member, const Partition& partition) const {
  const auto found = members_.find(member);
  return found != members_.end() && found->second.owned.contains(partition);
}

bool Group::Commit(MemberId member, const PartitionOffset& next) {
  if (!Owns(member, next.partition)) return false;
  committed_[next.partition] = next.offset;
  return true;
}

std::optional<std::int64_t> Group::Committed(const Partition& partition) const {
  const auto found = committed_.find(partition);
  if (found == committed_.end()) return std::nullopt;
  return found->second;
}

// Everybody may own ceil(all / members); whoever owns more gives the rest back.
void Group::Balance() {
  std::set<Partition> all;
  std::size_t takers = 0;
  for (const auto& [id, member] : members_) {
    all.insert(member.topics.begin(), member.topics.end());
    if (!member.topics.empty()) ++takers;
  }
  if (takers == 0) return;
  const std::size_t share = (all.size() + takers - 1) / takers;
  for (auto& [id, member] : members_) {
    const std::size_t kept = member.owned.size() - member.revoking.size();
    if (kept > share) AskBack(member, kept - share);
  }
  for (const Partition& partition : all) {
    if (IsFree(partition)) Give(partition);
  }
}

void Group::AskBack(Member& member, std::size_t surplus) {
  const std::vector<Partition> owned(member.owned.rbegin(), member.owned.rend());
  for (const Partition& partition : owned) {
    if (surplus == 0) return;
    if (member.revoking.contains(partition)) continue;
    --surplus;
    if (std::erase(member.news.assigned, partition) > 0) {  // Never told: nothing to ask back.
      member.owned.erase(partition);
      continue;
    }
    member.revoking.insert(partition);
    member.news.revoked.push_back(partition);
  }
}

bool Group::IsFree(const Partition& partition) const {
  return std::ranges::none_of(
      members_, [&](const auto& entry) { return entry.second.owned.contains(partition); });
}

void Group::Give(const Partition& partition) {
  Member* least = nullptr;
  for (auto& [id, member] : members_) {
    if (!member.topics.contains(partition)) continue;
    if (least == nullptr || member.owned.size() < least->owned.size()) least = &member;
  }
  if (least == nullptr) return;
  least->owned.insert(partition);
  least->news.assigned.push_back(partition);
}

}  // namespace platen::broker::memory
