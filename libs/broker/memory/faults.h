// What a MemoryBroker does wrong, on purpose. All of it is drawn from one seed, so that a run can
// be repeated exactly (as long as one thread drives all clients).
#pragma once

#include <functional>

#include "libs/base/time.h"
#include "libs/broker/broker.h"

namespace platen::broker::memory {

// Probabilities are per occasion, in [0, 1]. The default is a broker without faults.
struct Faults {
  // Polls of a publisher in which nothing moves: a slow broker, a leader election.
  double delayed_delivery = 0;
  // Polls of a publisher in which its connection is rebuilt: what was appended and not yet reported
  // is appended again, and everything behind it, as after a lost acknowledgement.
  double repeated_append = 0;
  // Published records that are refused with kInvalidArgument, beside those `refuses` names.
  double refused_record = 0;
  std::function<bool(const OutgoingRecord&)> refuses;
  // Publish() calls that find the queue full.
  double full_queue = 0;
  // Polls of a subscriber that fail with kUnavailable.
  double unavailable = 0;
  // Polls of a subscriber from which on one of its partitions gives nothing for a while (up to
  // `stall_max`), as after an election, when partitions come back one by one.
  double stalled_fetch = 0;
  base::Duration stall_max = std::chrono::seconds(2);
  // Rounds of commits that fail with kUnavailable (and are tried again, as the contract says).
  double failed_commit = 0;
  // Polls of a group's member in which its session ends: Lost, then it joins anew.
  double lost_session = 0;
  // Polls of a subscriber in which retention eats the older half of one of its partitions.
  double eaten_range = 0;
};

}  // namespace platen::broker::memory
