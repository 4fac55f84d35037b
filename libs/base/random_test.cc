#include "libs/base/random.h"

#include <gtest/gtest.h>

namespace platen::base {
namespace {

TEST(RandomTest, ReplaysFromItsSeed) {
  Random one(7);
  Random two(7);
  for (int i = 0; i < 100; ++i) EXPECT_EQ(one.Next(), two.Next());
}

TEST(RandomTest, StaysBelowItsBoundAndReachesAllOfIt) {
  Random random(1);
  bool seen[5] = {};
  for (int i = 0; i < 1000; ++i) {
    const std::uint64_t drawn = random.Below(5);
    ASSERT_LT(drawn, 5u);
    seen[drawn] = true;
  }
  for (bool each : seen) EXPECT_TRUE(each);
}

TEST(RandomTest, ChanceFollowsItsProbability) {
  Random random(2);
  int hits = 0;
  for (int i = 0; i < 10000; ++i) hits += random.Chance(0.25) ? 1 : 0;
  EXPECT_NEAR(hits, 2500, 200);
}

}  // namespace
}  // namespace platen::base
