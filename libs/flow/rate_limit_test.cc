#include "libs/flow/rate_limit.h"

#include <gtest/gtest.h>

namespace platen::flow {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

constexpr base::MonotonicTime kStart{seconds(100)};

TEST(RateLimitTest, IsFullAtFirst) {
  const RateLimit limit({.per_second = 10, .burst = 5});

  EXPECT_EQ(limit.Available(kStart), 5);
  EXPECT_LE(limit.next_time(), kStart);
}

TEST(RateLimitTest, GivesBackOnePermitAfterAnother) {
  RateLimit limit({.per_second = 10, .burst = 5});
  limit.Take(kStart, 5);

  EXPECT_EQ(limit.Available(kStart), 0);
  EXPECT_EQ(limit.Available(kStart + milliseconds(99)), 0);
  EXPECT_EQ(limit.Available(kStart + milliseconds(100)), 1);
  EXPECT_EQ(limit.Available(kStart + milliseconds(399)), 3);
  EXPECT_EQ(limit.Available(kStart + seconds(9)), 5) << "no more than the burst";
}

TEST(RateLimitTest, SaysWhenThereIsAPermitAgain) {
  RateLimit limit({.per_second = 3, .burst = 2});
  limit.Take(kStart, 1);
  EXPECT_LE(limit.next_time(), kStart);

  limit.Take(kStart, 1);

  const base::MonotonicTime next = limit.next_time();
  EXPECT_GT(next, kStart);
  EXPECT_EQ(limit.Available(next - base::Duration(1)), 0);
  EXPECT_EQ(limit.Available(next), 1);
}

TEST(RateLimitTest, WhatIsTakenAheadIsOwedUpToABound) {
  RateLimit limit({.per_second = 10, .burst = 2});

  limit.TakeAhead(kStart, 7, 1'000);
  EXPECT_EQ(limit.Available(kStart), 0);
  EXPECT_EQ(limit.next_time(), kStart + milliseconds(600)) << "five are owed, and one more comes";

  limit.TakeAhead(kStart, 5'000, 20);
  EXPECT_EQ(limit.next_time(), kStart + milliseconds(2'100));
  EXPECT_EQ(limit.Available(kStart + milliseconds(2'200)), 2);
}

TEST(RateLimitTest, KeepsItsRateWhoeverAsksHowOften) {
  for (const auto step : {base::Duration(7), base::Duration(milliseconds(1))}) {
    RateLimit limit({.per_second = 1'000'000, .burst = 1'000});
    limit.Take(kStart, 1'000);
    std::uint32_t taken = 0;
    for (base::MonotonicTime now = kStart; now <= kStart + milliseconds(5); now += step) {
      const std::uint32_t there = limit.Available(now);
      limit.Take(now, there);
      taken += there;
    }
    EXPECT_EQ(taken, step == base::Duration(7) ? 4'999 : 5'000);
  }
}

TEST(RateLimitTest, MayBeSlowerThanOneASecond) {
  base::MonotonicTime now;
  RateLimit limit(std::chrono::seconds(6), 2);
  EXPECT_EQ(limit.Available(now), 2u);
  limit.Take(now, 2);
  EXPECT_EQ(limit.Available(now + std::chrono::seconds(5)), 0u);
  EXPECT_EQ(limit.next_time(), now + std::chrono::seconds(6));
  EXPECT_EQ(limit.Available(now + std::chrono::seconds(6)), 1u);
  EXPECT_EQ(limit.Available(now + std::chrono::hours(1)), 2u);
}

}  // namespace
}  // namespace platen::flow
