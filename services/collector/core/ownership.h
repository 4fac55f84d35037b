// Who may poll the devices of a partition (docs/ARCHITECTURE.md, "Scaling").
//
// Kafka's group says which collector is to own a partition; it does not stop one that has not heard
// that it no longer does. So an owner first reads the partition of device-state, appends a claim
// with a term above all it has read, and owns the partition when it reads that claim back. A claim
// is valid only if its term is above that of every claim before it in the log, which all readers
// see alike. Whoever reads a valid claim above its own term is fenced.
#pragma once

#include <cstdint>
#include <string>

#include "platen/collector/v1/state.pb.h"

namespace platen::collector::core {

// One partition, from assignment to release. Pure, thread-confined.
class Ownership {
 public:
  enum class Phase {
    kRestoring,  // Reads device-state from its beginning.
    kClaiming,   // Has appended a claim and waits to read it.
    kOwned,      // Polls.
    kFenced,     // Another has claimed a higher term: stop, say nothing more.
  };

  // What is to be done after an input.
  enum class Step {
    kNothing,
    kClaim,  // Append claim() to the partition.
    kStart,  // The partition is owned: begin to poll.
    kStop,   // The partition is lost to a higher term.
  };

  Ownership(std::string instance, std::uint64_t epoch);

  // The end of the partition as it was at assignment has been read.
  Step OnRestored();

  // A claim was read, whoever's.
  Step OnClaim(const collector::v1::OwnerClaim& claim);

  // The claim to append; its time is the caller's to fill.
  collector::v1::OwnerClaim claim() const;

  Phase phase() const { return phase_; }

  // Ours, once claimed; 0 before.
  std::uint64_t term() const { return term_; }

  // The highest that was validly claimed in what has been read, by whomever; 0 where none was.
  std::uint64_t highest() const { return highest_; }

 private:
  bool IsOurs(const collector::v1::OwnerClaim& claim) const;
  Step ClaimNext();

  std::string instance_;
  std::uint64_t epoch_;
  Phase phase_ = Phase::kRestoring;
  std::uint64_t highest_ = 0;
  std::uint64_t term_ = 0;
};

}  // namespace platen::collector::core
