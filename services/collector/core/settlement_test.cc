#include "services/collector/core/settlement.h"

#include <gtest/gtest.h>

namespace platen::collector::core {
namespace {

TEST(SettlementTest, WhoseTermStillStandsMayWrite) {
  Settlement settlement(5);
  settlement.OnClaim(3);
  settlement.OnClaim(5);
  EXPECT_EQ(settlement.phase(), Settlement::Phase::kReading);

  settlement.OnRestored();

  EXPECT_EQ(settlement.phase(), Settlement::Phase::kWriting);
}

TEST(SettlementTest, AHigherClaimOvertakesBeforeAndAfterTheEndWasRead) {
  Settlement before(5);
  before.OnClaim(6);
  before.OnRestored();
  EXPECT_EQ(before.phase(), Settlement::Phase::kOvertaken);

  Settlement after(5);
  after.OnRestored();
  after.OnClaim(6);
  EXPECT_EQ(after.phase(), Settlement::Phase::kOvertaken);
}

TEST(SettlementTest, ALaterTermOfOurOwnIsNoOthersClaim) {
  Settlement settlement(5);
  settlement.OnSpooled(6);
  settlement.OnClaim(6);
  settlement.OnRestored();

  EXPECT_EQ(settlement.phase(), Settlement::Phase::kWriting);
}

}  // namespace
}  // namespace platen::collector::core
