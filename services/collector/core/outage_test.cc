#include "services/collector/core/outage.h"

#include <gtest/gtest.h>

namespace platen::collector::core {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

class OutageTest : public testing::Test {
 protected:
  // Time passes in small steps, as a loop's turns. Whether an outage began on the way.
  bool Pass(base::Duration time, bool waits) {
    bool began = false;
    for (const base::MonotonicTime end = now_ + time; now_ < end;) {
      now_ += milliseconds(100);
      began = outage_.OnTime(now_, waits) || began;
    }
    return began;
  }

  base::MonotonicTime now_{seconds(1000)};
  Outage outage_{{.away_after = seconds(5), .back_after = seconds(3)}};
};

TEST_F(OutageTest, SilenceWhileSomethingWaitsIsAnOutage) {
  EXPECT_FALSE(Pass(seconds(4), true));
  EXPECT_EQ(outage_.phase(), Outage::Phase::kThere);

  EXPECT_TRUE(Pass(seconds(2), true));

  EXPECT_EQ(outage_.phase(), Outage::Phase::kAway);
  EXPECT_EQ(outage_.outages(), 1u);
}

TEST_F(OutageTest, NobodyWhoWaitsForNothingIsKeptWaiting) {
  EXPECT_FALSE(Pass(seconds(60), false));
  EXPECT_FALSE(Pass(seconds(4), true));
  EXPECT_FALSE(Pass(seconds(1), false));
  EXPECT_FALSE(Pass(seconds(4), true)) << "that is another thing that waits";
}

TEST_F(OutageTest, ABusyKafkaIsNotAway) {
  for (int i = 0; i < 20; ++i) {
    EXPECT_FALSE(Pass(seconds(4), true));
    outage_.OnSign(now_);
  }
  EXPECT_EQ(outage_.phase(), Outage::Phase::kThere);
}

TEST_F(OutageTest, WhoAnswersAgainIsTrustedOnlyAfterAWhile) {
  Pass(seconds(6), true);

  outage_.OnSign(now_);

  EXPECT_EQ(outage_.phase(), Outage::Phase::kReturning);
  Pass(seconds(2), true);
  outage_.OnSign(now_);
  EXPECT_EQ(outage_.phase(), Outage::Phase::kReturning);
  Pass(seconds(2), true);
  EXPECT_EQ(outage_.phase(), Outage::Phase::kThere);
}

TEST_F(OutageTest, WhoFallsSilentAgainMeanwhileIsAwayAgain) {
  Outage outage({.away_after = seconds(5), .back_after = seconds(30)});
  outage.OnTime(now_, true);
  ASSERT_TRUE(outage.OnTime(now_ += seconds(5), true));
  outage.OnSign(now_);

  EXPECT_FALSE(outage.OnTime(now_ += seconds(4), true));
  EXPECT_TRUE(outage.OnTime(now_ += seconds(1), true));

  EXPECT_EQ(outage.phase(), Outage::Phase::kAway);
  EXPECT_EQ(outage.outages(), 2u);
}

TEST_F(OutageTest, WithNothingToSayKafkaIsTriedAgain) {
  Pass(seconds(6), true);
  ASSERT_EQ(outage_.phase(), Outage::Phase::kAway);

  Pass(seconds(4), false);

  EXPECT_NE(outage_.phase(), Outage::Phase::kAway);
}

}  // namespace
}  // namespace platen::collector::core
