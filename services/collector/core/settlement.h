// What becomes of a partition's states that went to the spool while Kafka was away. They were
// decided under a term; whether that term still stood is in the log of claims alone
// (core/ownership.h).
//
// So once Kafka answers, the partition is read to its end. Where another has claimed it meanwhile,
// the spooled states are of no use any more: the successor began with what it found. Otherwise they
// are written, and each counts as shared when it has been read back with no other claim before it:
// then every later owner has read it too. Until then no event of the partition leaves the spool.
//
// Pure, thread-confined.
#pragma once

#include <algorithm>
#include <cstdint>

namespace platen::collector::core {

// One partition, from the first spooled state until there is none.
class Settlement {
 public:
  enum class Phase : std::uint8_t {
    kReading,    // Its log is read from the beginning.
    kWriting,    // The states are written and read back.
    kOvertaken,  // Another's claim stands above ours.
  };

  explicit Settlement(std::uint64_t term) : term_(term) {}

  // A state was spooled that was decided under this term.
  void OnSpooled(std::uint64_t term) { term_ = std::max(term_, term); }

  // A claim was read, whoever's.
  void OnClaim(std::uint64_t term) {
    if (term > term_) phase_ = Phase::kOvertaken;
  }

  // The end of the partition, as it was when reading began, has been read.
  void OnRestored() {
    if (phase_ == Phase::kReading) phase_ = Phase::kWriting;
  }

  Phase phase() const { return phase_; }

 private:
  std::uint64_t term_;
  Phase phase_ = Phase::kReading;
};

}  // namespace platen::collector::core
