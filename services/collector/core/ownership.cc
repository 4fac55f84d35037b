#include "services/collector/core/ownership.h"

#include <utility>

#include "libs/base/planted_bug.h"

namespace platen::collector::core {

Ownership::Ownership(std::string instance, std::uint64_t epoch)
    : instance_(std::move(instance)), epoch_(epoch) {}

Ownership::Step Ownership::OnRestored() {
  if (base::IsPlanted(base::PlantedBug::kOwnsWithoutClaim) && phase_ == Phase::kRestoring) {
    phase_ = Phase::kOwned;
    term_ = ++highest_;
    return Step::kStart;
  }
  return phase_ == Phase::kRestoring ? ClaimNext() : Step::kNothing;
}

Ownership::Step Ownership::OnClaim(const collector::v1::OwnerClaim& claim) {
  const bool valid = claim.term() > highest_;
  const bool awaited = phase_ == Phase::kClaiming && claim.term() == term_ && IsOurs(claim);
  if (valid) highest_ = claim.term();
  if (awaited) {
    // Someone else's claim of the same term stood before ours: try a higher one.
    if (!valid) return ClaimNext();
    phase_ = Phase::kOwned;
    return Step::kStart;
  }
  if (phase_ == Phase::kOwned && highest_ > term_ &&
      !base::IsPlanted(base::PlantedBug::kIgnoresFence)) {
    phase_ = Phase::kFenced;
    return Step::kStop;
  }
  return Step::kNothing;
}

collector::v1::OwnerClaim Ownership::claim() const {
  collector::v1::OwnerClaim claim;
  claim.set_term(term_);
  claim.set_instance(instance_);
  claim.set_epoch(epoch_);
  return claim;
}

bool Ownership::IsOurs(const collector::v1::OwnerClaim& claim) const {
  return claim.instance() == instance_ && claim.epoch() == epoch_;
}

Ownership::Step Ownership::ClaimNext() {
  phase_ = Phase::kClaiming;
  term_ = highest_ + 1;
  return Step::kClaim;
}

}  // namespace platen::collector::core
