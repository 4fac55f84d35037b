#include "services/collector/core/sweep.h"

#include <algorithm>
#include <map>
#include <set>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace platen::collector::core {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;
using ::testing::Each;
using ::testing::UnorderedElementsAre;

// Asks on a clock that goes by milliseconds; who answers does so at once, and silence takes a
// second.
class SweepTest : public testing::Test {
 protected:
  struct Asked {
    base::MonotonicTime time;
    Sweep::Question question;
  };

  std::vector<Asked> Run(std::uint64_t addresses,
                         const SweepOptions& options,
                         const std::set<std::uint64_t>& there = {}) {
    Sweep sweep(addresses, options);
    std::vector<Asked> asked;
    std::multimap<base::MonotonicTime, std::uint64_t> silent;
    while (!sweep.done()) {
      while (!silent.empty() && silent.begin()->first <= now_) {
        sweep.OnEnd(silent.begin()->second, false);
        silent.erase(silent.begin());
      }
      while (const auto question = sweep.Next(now_)) {
        asked.push_back({now_, *question});
        if (there.contains(question->place)) {
          sweep.OnEnd(question->place, true);
        } else {
          silent.emplace(now_ + seconds(1), question->place);
        }
        open_max_ = std::max(open_max_, silent.size());
      }
      now_ += milliseconds(1);
    }
    EXPECT_EQ(sweep.asked(), asked.size());
    answered_ = sweep.answered();
    return asked;
  }

  base::MonotonicTime now_;
  std::size_t open_max_ = 0;
  std::uint64_t answered_ = 0;
};

TEST_F(SweepTest, EachAddressIsAskedAsOftenAsThereAreTries) {
  for (const std::uint64_t addresses : {1U, 2U, 3U, 254U, 1000U, 1022U}) {
    std::map<std::uint64_t, int> times;
    for (const Asked& each : Run(addresses, {.per_second = 10'000, .tries = 3})) {
      ++times[each.question.place];
    }
    EXPECT_EQ(times.size(), addresses);
    EXPECT_THAT(times, Each(testing::Pair(testing::Lt(addresses), 3)));
  }
}

TEST_F(SweepTest, WhoHasAnsweredIsNotAskedAgain) {
  const auto asked = Run(6, {.per_second = 10'000, .tries = 2}, {1, 4});

  std::vector<std::uint64_t> again;
  for (const Asked& each : asked) {
    if (each.question.attempt == 1) again.push_back(each.question.place);
  }
  EXPECT_THAT(again, UnorderedElementsAre(0, 2, 3, 5));
  EXPECT_EQ(answered_, 2U);
}

TEST_F(SweepTest, TheSilentAreAskedAgainWhenAllHadTheirTurnAndTheirTime) {
  const auto asked = Run(100, {.per_second = 1000, .tries = 2});

  const auto last_of_first = asked[99];
  const auto first_of_second = asked[100];
  EXPECT_EQ(last_of_first.question.attempt, 0U);
  EXPECT_EQ(first_of_second.question.attempt, 1U);
  EXPECT_GE(first_of_second.time - last_of_first.time, seconds(1));
}

TEST_F(SweepTest, NoSecondSeesMoreThanTheRate) {
  for (const std::uint32_t rate : {1U, 100U, 1000U}) {
    const auto asked = Run(std::min(1000U, rate * 5), {.per_second = rate, .tries = 1});
    for (std::size_t i = 0; i < asked.size(); ++i) {
      const auto beyond = std::find_if(
          asked.begin() + static_cast<std::ptrdiff_t>(i), asked.end(), [&](const Asked& each) {
            return each.time >= asked[i].time + seconds(1);
          });
      // What a rest of ten milliseconds lets go at once comes on top.
      EXPECT_LE(beyond - asked.begin() - static_cast<std::ptrdiff_t>(i),
                static_cast<std::ptrdiff_t>(rate + std::max(rate / 100, 1U)));
    }
  }
}

TEST_F(SweepTest, NoMoreIsOpenThanMayBe) {
  Run(500, {.per_second = 10'000, .tries = 1, .open_max = 16});
  EXPECT_EQ(open_max_, 16U);
}

TEST_F(SweepTest, TheOrderSpreadsOverSubnets) {
  constexpr std::uint64_t kSubnets = 16;
  constexpr std::uint64_t kHosts = 256;
  const auto asked = Run(kSubnets * kHosts, {.per_second = 10'000, .tries = 1, .seed = 4711});

  // In any run of questions, each subnet has its share of them, give or take two.
  constexpr std::size_t kRun = 64;
  for (std::size_t begin = 0; begin + kRun <= asked.size(); ++begin) {
    std::map<std::uint64_t, std::size_t> by_subnet;
    for (std::size_t i = begin; i < begin + kRun; ++i) {
      ++by_subnet[asked[i].question.place / kHosts];
    }
    EXPECT_EQ(by_subnet.size(), kSubnets);
    for (const auto& [subnet, count] : by_subnet) EXPECT_LE(count, kRun / kSubnets + 2);
  }
}

TEST_F(SweepTest, TheNextTimeIsWhenTheRateHasRoom) {
  Sweep sweep(3, {.per_second = 10, .tries = 1});
  ASSERT_TRUE(sweep.Next(now_).has_value());
  EXPECT_FALSE(sweep.Next(now_).has_value());
  EXPECT_EQ(sweep.next_time(), now_ + milliseconds(100));
  ASSERT_TRUE(sweep.Next(now_ + milliseconds(100)).has_value());
  ASSERT_TRUE(sweep.Next(now_ + milliseconds(200)).has_value());
  EXPECT_FALSE(sweep.next_time().has_value());  // Answers are waited for, and nothing else.
}

}  // namespace
}  // namespace platen::collector::core
