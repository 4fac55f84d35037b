// Which holes in one source's numbers are to be told of: those that have stood for so long that
// nothing under way can fill them.
//
// Partitions of a lane come at paces of their own, so a hole is nothing by itself: its number may
// lie in a partition that is behind. It is told once it has stood unchanged for kPatience; a hole
// whose lower end moves is being filled, and its age begins anew. Lost is what the source has
// claimed: Kafka had acknowledged it. What it has not claimed it may still be about to send; once
// its life has ended, nobody knows whether Kafka ever had it, and that is what is told. What the
// source itself has told of (shed, or given up to another) is no hole.
#pragma once

#include <cstdint>
#include <deque>
#include <map>
#include <utility>
#include <vector>

#include "services/gateway/core/interval_set.h"

namespace platen::gateway::core {

// One stream of a source's numbers.
struct SourceNumbers {
  IntervalSet seen;
  IntervalSet excused;  // Its source has told that they will not come; some do.

  // The numbers of `range` that are neither.
  std::vector<NumberRange> HolesIn(NumberRange range) const;

  // How many of 1 … max(highest seen, up_to) are neither.
  std::uint64_t Missing(std::uint64_t up_to) const;
};

// What is known of one source's life, for one of its streams of numbers.
struct SourceLife {
  std::uint64_t claimed = 0;  // Up to here it has said to have Kafka's acknowledgement.
  std::int64_t heard_ms = 0;  // When its last sign of life came; 0: not since this process began.
  bool ended = false;         // A later life of it was heard of.
};

struct DueHole {
  NumberRange range;
  bool is_lost = false;  // False: not known.

  friend bool operator==(const DueHole&, const DueHole&) = default;
};

// Pure. A value type.
class SequenceAudit {
 public:
  static constexpr std::int64_t kPatienceMs = 60'000;
  // Heartbeats come every 30 s: who has been silent for this long has ended.
  static constexpr std::int64_t kSilenceMs = 300'000;

  // Holes below what is claimed and below the highest number seen that are due and were not told.
  // They stay due until AddTold(). A claim counts from when it was first seen here.
  std::vector<DueHole> FindDue(const SourceNumbers& numbers,
                               const SourceLife& life,
                               std::int64_t now_ms);

  // It is told, or was before this process began.
  void AddTold(NumberRange range) { told_.Add(range.first, range.last); }

 private:
  std::uint64_t ClaimedLongAgo(std::uint64_t claimed, std::int64_t now_ms);

  IntervalSet told_;
  // What was claimed when, oldest first; of those older than the patience only the newest.
  std::deque<std::pair<std::int64_t, std::uint64_t>> claims_;
  // By a hole's first number: when it was noticed.
  std::map<std::uint64_t, std::int64_t> since_ms_;
};

}  // namespace platen::gateway::core
