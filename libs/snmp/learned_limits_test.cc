#include "libs/snmp/learned_limits.h"

#include <gtest/gtest.h>

namespace platen::snmp {
namespace {

constexpr base::MonotonicTime kStart = base::MonotonicTime() + std::chrono::hours(1);

// A reading in which the agent bears `answers` varbinds; what it was asked for at first.
int Read(LearnedLimits& learned, base::MonotonicTime now, int answers) {
  learned.Begin(now);
  const int asked = learned.limits().answers_max;
  while (learned.limits().answers_max > answers) learned.limits().answers_max /= 2;
  learned.End(now, false);
  return asked;
}

TEST(LearnedLimitsTest, WhatWasLearnedHoldsForADayAndThenMoreIsTriedStepByStep) {
  LearnedLimits learned;
  Read(learned, kStart, 12);

  EXPECT_EQ(Read(learned, kStart + kGoodTime - std::chrono::seconds(1), 48), 12);
  EXPECT_EQ(Read(learned, kStart + kGoodTime, 48), 24);
  EXPECT_EQ(Read(learned, kStart + kGoodTime + std::chrono::hours(1), 48), 24);
  EXPECT_EQ(Read(learned, kStart + 2 * kGoodTime, 48), 48);
  EXPECT_EQ(Read(learned, kStart + 9 * kGoodTime, 48), 48);
}

TEST(LearnedLimitsTest, AnAgentThatBearsNoMoreIsTriedEverMoreSeldom) {
  LearnedLimits learned;
  Read(learned, kStart, 12);
  int tries = 0;

  for (int hour = 1; hour <= 24 * 100; ++hour) {
    tries += Read(learned, kStart + std::chrono::hours(hour), 12) > 12 ? 1 : 0;
  }

  EXPECT_EQ(tries, 9);  // After 1, 2, 4, 8 and then every 16 days.
  EXPECT_EQ(learned.limits().answers_max, 12);
}

TEST(LearnedLimitsTest, ATryIsFoundToFailInALaterReading) {
  LearnedLimits learned;
  Read(learned, kStart, 12);
  EXPECT_EQ(Read(learned, kStart + kGoodTime, 48), 24);  // Nothing in it had so many answers.
  EXPECT_EQ(Read(learned, kStart + kGoodTime + std::chrono::hours(1), 12), 24);

  EXPECT_EQ(Read(learned, kStart + 2 * kGoodTime + std::chrono::hours(1), 12), 12);
  EXPECT_EQ(Read(learned, kStart + 3 * kGoodTime + std::chrono::hours(1), 12), 24);
}

TEST(LearnedLimitsTest, NamesAreTriedAgainAsAnswersAre) {
  LearnedLimits learned;
  learned.Begin(kStart);
  learned.limits().names_max = 3;
  learned.End(kStart, false);

  learned.Begin(kStart + kGoodTime);
  EXPECT_EQ(learned.limits().names_max, 6);
  EXPECT_EQ(learned.limits().answers_max, AgentLimits().answers_max);
}

TEST(LearnedLimitsTest, AVersionIsNotTriedAgain) {
  LearnedLimits learned;
  learned.Begin(kStart);
  learned.limits().version = Version::kV1;
  learned.End(kStart, false);

  learned.Begin(kStart + 100 * kGoodTime);
  EXPECT_EQ(learned.limits().version, Version::kV1);
}

// A reading that nobody answers makes its dialogue ask for half.
void Silence(LearnedLimits& learned) {
  learned.Begin(kStart);
  learned.limits().names_max = static_cast<std::uint8_t>((learned.limits().names_max + 1) / 2);
  learned.End(kStart, true);
}

int Answer(LearnedLimits& learned) {
  learned.Begin(kStart);
  const int asked = learned.limits().names_max;
  learned.End(kStart, false);
  return asked;
}

TEST(LearnedLimitsTest, AnAgentThatWasOffIsAskedForAsMuchAsBefore) {
  LearnedLimits learned;
  for (int night = 0; night < 3; ++night) {
    for (int poll = 0; poll < 600; ++poll) Silence(learned);
    EXPECT_EQ(Answer(learned), 1);
    EXPECT_EQ(Answer(learned), 12);
    EXPECT_EQ(Answer(learned), 12);
  }
}

TEST(LearnedLimitsTest, AnAgentThatIsSilentToLongQuestionsIsAskedShortOnes) {
  LearnedLimits learned;
  Silence(learned);
  EXPECT_EQ(Answer(learned), 6);
  Silence(learned);  // Asked for twelve again.
  for (int poll = 0; poll < 10; ++poll) EXPECT_EQ(Answer(learned), 6);

  // And when it was off for a night besides.
  for (int poll = 0; poll < 600; ++poll) Silence(learned);
  EXPECT_EQ(Answer(learned), 1);
  EXPECT_EQ(Answer(learned), 6);
}

}  // namespace
}  // namespace platen::snmp
