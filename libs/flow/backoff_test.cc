#include "libs/flow/backoff.h"

#include <gtest/gtest.h>

namespace platen::flow {
namespace {

using std::chrono::seconds;

constexpr BackoffOptions kNoJitter{
    .first = seconds(1), .max = seconds(60), .factor = 2.0, .jitter = 0.0};

TEST(BackoffTest, DoublesUpToItsMaximum) {
  base::Random random(1);

  EXPECT_EQ(BackoffDelay(kNoJitter, 1, random), seconds(1));
  EXPECT_EQ(BackoffDelay(kNoJitter, 2, random), seconds(2));
  EXPECT_EQ(BackoffDelay(kNoJitter, 6, random), seconds(32));
  EXPECT_EQ(BackoffDelay(kNoJitter, 7, random), seconds(60));
  EXPECT_EQ(BackoffDelay(kNoJitter, 4'000'000'000u, random), seconds(60));
}

TEST(BackoffTest, DoesNotWaitWhereNothingFailed) {
  base::Random random(1);
  EXPECT_EQ(BackoffDelay(kNoJitter, 0, random), base::Duration::zero());
}

TEST(BackoffTest, SpreadsTheWaitOverItsRandomPart) {
  BackoffOptions options = kNoJitter;
  options.jitter = 0.5;
  base::Random random(7);

  base::Duration shortest = seconds(60);
  base::Duration longest{};
  for (int i = 0; i < 1000; ++i) {
    const base::Duration delay = BackoffDelay(options, 4, random);
    shortest = std::min(shortest, delay);
    longest = std::max(longest, delay);
  }

  EXPECT_GE(shortest, seconds(4));
  EXPECT_LE(longest, seconds(8));
  EXPECT_LT(shortest, std::chrono::milliseconds(4100));
  EXPECT_GT(longest, std::chrono::milliseconds(7900));
}

}  // namespace
}  // namespace platen::flow
