#include "services/gateway/core/rates.h"

#include <gtest/gtest.h>

namespace platen::gateway::core {
namespace {

base::MonotonicTime At(std::int64_t millis) {
  return base::MonotonicTime(std::chrono::milliseconds(millis));
}

TEST(RateMeterTest, TheMeanIsOverFullSeconds) {
  RateMeter meter;
  for (int second = 100; second < 110; ++second) meter.Add(At(second * 1000), 20);
  meter.Add(At(110'000), 999);

  EXPECT_DOUBLE_EQ(meter.PerSecond(At(110'500)), 20.0);
}

TEST(RateMeterTest, SilenceFallsToZero) {
  RateMeter meter;
  meter.Add(At(1000), 50);

  EXPECT_DOUBLE_EQ(meter.PerSecond(At(3'000'000)), 0.0);
}

TEST(RateMeterTest, HistoryIsOldestFirst) {
  RateMeter meter;
  meter.Add(At(100'000), 1);
  meter.Add(At(101'000), 2);

  const auto history = meter.History(At(102'000));

  EXPECT_EQ(history[history.size() - 2], 1U);
  EXPECT_EQ(history.back(), 2U);
}

}  // namespace
}  // namespace platen::gateway::core
