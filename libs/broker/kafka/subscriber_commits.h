// Which positions are to be committed, which are on the way, and which failed. Pure.
#pragma once

#include <cstdint>
#include <map>
#include <vector>

#include "libs/base/time.h"
#include "libs/broker/broker.h"

namespace platen::broker::kafka {

// Positions asked for between two rounds travel together, one round at a time. Thread-confined.
class CommitQueue {
 public:
  // Ignored where it is not above what was asked for before.
  void Ask(const PartitionOffset& next);

  // What to send now; empty while a round is on the way, or shortly after a failed one.
  // `at_once` disregards both: for partitions that are about to go.
  std::vector<PartitionOffset> TakeRound(base::MonotonicTime now, bool at_once);

  // A round has ended; positions that failed are to be tried again.
  void EndRound(base::MonotonicTime now, const std::vector<PartitionOffset>& failed);

  // The partition is gone.
  void Forget(const Partition& partition);

  bool idle() const { return waiting_.empty() && rounds_ == 0; }

 private:
  std::map<Partition, std::int64_t> asked_;    // Highest position asked for.
  std::map<Partition, std::int64_t> waiting_;  // To be sent.
  int rounds_ = 0;
  base::MonotonicTime not_before_;
};

}  // namespace platen::broker::kafka
