#include "libs/service/heartbeat.h"

#include <gtest/gtest.h>

#include "libs/base/sim_clock.h"

namespace platen::service {
namespace {

TEST(HeartbeatTest, SaysNoWhenTheLoopStandsStill) {
  base::SimClock clock;
  Heartbeat heartbeat(clock, std::chrono::seconds(10));

  clock.Advance(std::chrono::seconds(10));
  EXPECT_TRUE(heartbeat.Check().ok());
  clock.Advance(std::chrono::seconds(2));
  EXPECT_EQ(heartbeat.Check().message(), "the loop has not gone round for 12 s");

  heartbeat.Beat();
  EXPECT_TRUE(heartbeat.Check().ok());
}

}  // namespace
}  // namespace platen::service
