#include "libs/base/sim_clock.h"

#include <gtest/gtest.h>

namespace platen::base {
namespace {

TEST(SimClockTest, MovesBothClocksTogether) {
  SimClock clock(WallFromMillis(1000));
  const MonotonicTime start = clock.Now();

  clock.Advance(std::chrono::milliseconds(250));

  EXPECT_EQ(ToMillis(clock.WallNow()), 1250);
  EXPECT_EQ(clock.Now() - start, std::chrono::milliseconds(250));
}

TEST(SimClockTest, StepsTheWallClockAlone) {
  SimClock clock(WallFromMillis(1000));
  const MonotonicTime start = clock.Now();

  clock.StepWall(-std::chrono::milliseconds(500));

  EXPECT_EQ(ToMillis(clock.WallNow()), 500);
  EXPECT_EQ(clock.Now(), start);
}

}  // namespace
}  // namespace platen::base
