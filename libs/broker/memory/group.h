// A consumer group: who owns which partition, and what is committed. Cooperative: a partition that
// moves is first asked back from its owner and given on when it is free. Pure.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "libs/broker/broker.h"

namespace platen::broker::memory {

using MemberId = std::uint64_t;

// What the group has to tell one member.
struct MemberNews {
  std::vector<Partition> assigned;
  std::vector<Partition> revoked;
  std::vector<Partition> lost;

  bool empty() const { return assigned.empty() && revoked.empty() && lost.empty(); }
};

// Thread-confined.
class Group {
 public:
  // `partitions`: everything the member's topics have.
  void Join(MemberId member, const std::vector<Partition>& partitions);
  // The member goes; its partitions are free at once.
  void Leave(MemberId member);
  // The session ends: as Leave(), and the member hears Lost. It joins again with Join().
  void Expel(MemberId member);
  void Release(MemberId member, const Partition& partition);

  // Told once.
  MemberNews TakeNews(MemberId member);

  bool Joined(MemberId member) const;
  bool Owns(MemberId member, const Partition& partition) const;

  // False where the member no longer owns the partition: the group has moved on.
  bool Commit(MemberId member, const PartitionOffset& next);
  std::optional<std::int64_t> Committed(const Partition& partition) const;

 private:
  struct Member {
    std::set<Partition> topics;  // What it may be given.
    std::set<Partition> owned;
    std::set<Partition> revoking;
    MemberNews news;
  };

  void Balance();
  void AskBack(Member& member, std::size_t surplus);
  void Give(const Partition& partition);
  bool IsFree(const Partition& partition) const;

  std::map<MemberId, Member> members_;
  std::map<Partition, std::int64_t> committed_;
};

}  // namespace platen::broker::memory
