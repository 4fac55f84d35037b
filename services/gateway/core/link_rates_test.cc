#include "services/gateway/core/link_rates.h"

#include <string>

#include <gtest/gtest.h>

namespace platen::gateway::core {
namespace {

constexpr base::MonotonicTime kStart{};

TEST(LinkRatesTest, OneLinkLeavesOthersWhatIsTheirs) {
  LinkRates rates({.each = {.per_second = 1, .burst = 3}, .all = {.per_second = 5, .burst = 5}});
  int taken = 0;
  for (int i = 0; i < 1000; ++i) taken += rates.Take(kStart, "greedy") ? 1 : 0;
  EXPECT_EQ(taken, 3);
  EXPECT_TRUE(rates.Take(kStart, "other"));
  EXPECT_TRUE(rates.Take(kStart, "third"));
  EXPECT_FALSE(rates.Take(kStart, "fourth")) << "all together have theirs too";
  EXPECT_FALSE(rates.Take(kStart + std::chrono::milliseconds(100), "greedy"));
  EXPECT_TRUE(rates.Take(kStart + std::chrono::seconds(1), "greedy"));
}

TEST(LinkRatesTest, RemembersOnlyThoseThatWereUsedOfLate) {
  LinkRates rates(
      {.each = {.per_second = 1, .burst = 2}, .all = {.per_second = 100, .burst = 100}});
  for (int i = 0; i < 100'000; ++i) {
    rates.Take(kStart + i * std::chrono::milliseconds(10), std::to_string(i));
  }
  EXPECT_LE(rates.remembered(), 500u);
}

}  // namespace
}  // namespace platen::gateway::core
