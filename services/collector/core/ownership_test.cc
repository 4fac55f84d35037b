#include "services/collector/core/ownership.h"

#include <vector>

#include <gtest/gtest.h>

namespace platen::collector::core {
namespace {

using Step = Ownership::Step;

collector::v1::OwnerClaim Claim(std::uint64_t term, const std::string& instance) {
  collector::v1::OwnerClaim claim;
  claim.set_term(term);
  claim.set_instance(instance);
  claim.set_epoch(1);
  return claim;
}

TEST(OwnershipTest, OwnsOnceItReadsItsOwnClaim) {
  Ownership a("a", 1);
  EXPECT_EQ(a.OnClaim(Claim(4, "old")), Step::kNothing);
  EXPECT_EQ(a.OnRestored(), Step::kClaim);
  EXPECT_EQ(a.term(), 5u);
  EXPECT_EQ(a.OnClaim(a.claim()), Step::kStart);
  EXPECT_EQ(a.phase(), Ownership::Phase::kOwned);
}

TEST(OwnershipTest, StopsWhenAHigherTermIsClaimed) {
  Ownership a("a", 1);
  a.OnRestored();
  a.OnClaim(a.claim());

  EXPECT_EQ(a.OnClaim(Claim(2, "b")), Step::kStop);
  EXPECT_EQ(a.phase(), Ownership::Phase::kFenced);
}

TEST(OwnershipTest, IgnoresALateClaimOfALowerTerm) {
  Ownership a("a", 1);
  a.OnClaim(Claim(7, "old"));
  a.OnRestored();
  a.OnClaim(a.claim());

  EXPECT_EQ(a.OnClaim(Claim(3, "zombie")), Step::kNothing);
  EXPECT_EQ(a.phase(), Ownership::Phase::kOwned);
}

// Two collectors that restored the same log claim the same term; the log's order decides, and all
// see it alike.
TEST(OwnershipTest, SettlesEqualTermsByTheLog) {
  Ownership a("a", 1);
  Ownership b("b", 1);
  a.OnRestored();
  b.OnRestored();
  std::vector<collector::v1::OwnerClaim> log = {b.claim(), a.claim()};

  int owners = 0;
  for (std::size_t i = 0; i < log.size(); ++i) {
    const collector::v1::OwnerClaim claim = log[i];
    for (Ownership* each : {&a, &b}) {
      if (each->OnClaim(claim) == Step::kClaim) log.push_back(each->claim());
    }
  }
  for (Ownership* each : {&a, &b}) owners += each->phase() == Ownership::Phase::kOwned ? 1 : 0;

  EXPECT_EQ(owners, 1);
  EXPECT_EQ(a.phase(), Ownership::Phase::kOwned);
  EXPECT_EQ(b.phase(), Ownership::Phase::kFenced);
}

TEST(OwnershipTest, AnEarlierLifeOfItsOwnIsAnother) {
  Ownership a("a", 2);
  collector::v1::OwnerClaim earlier = Claim(1, "a");
  a.OnRestored();
  EXPECT_EQ(a.OnClaim(earlier), Step::kNothing);
  EXPECT_EQ(a.OnClaim(a.claim()), Step::kClaim);
  EXPECT_EQ(a.term(), 2u);
}

}  // namespace
}  // namespace platen::collector::core
