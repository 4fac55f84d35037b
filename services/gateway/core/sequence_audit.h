// Which holes in one source's numbers are to be told of: those that have stood for so long that
// nothing under way can fill them.
//
// Partitions of a lane come at paces of their own, so a hole is nothing by itself: its number may
// lie in a partition that is behind. It is told once it has stood unchanged for kPatience; a hole
// whose lower end moves is being filled, and its age begins anew. And a source that was killed had
// given out numbers that it never could send. So a hole counts as lost where its source has lived
// on, which goes on sending until Kafka has acknowledged; where the source's life has ended
// meanwhile, nobody knows whether what is missing was ever acknowledged, and that is what is told.
#pragma once

#include <cstdint>
#include <map>
#include <vector>

#include "services/gateway/core/interval_set.h"

namespace platen::gateway::core {

// What is known of one source's life, for one of its streams of numbers.
struct SourceLife {
  std::uint64_t claimed = 0;  // The highest number that it said to have given out.
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

  // Holes below what is claimed and below the highest number of `seen` that are due and were not
  // told. They stay due until AddTold().
  std::vector<DueHole> FindDue(const IntervalSet& seen,
                               const SourceLife& life,
                               std::int64_t now_ms);

  // It is told, or was before this process began.
  void AddTold(NumberRange range) { told_.Add(range.first, range.last); }

 private:
  IntervalSet told_;
  // By a hole's first number: when it was noticed.
  std::map<std::uint64_t, std::int64_t> since_ms_;
};

}  // namespace platen::gateway::core
