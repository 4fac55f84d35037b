#include "services/collector/core/levels.h"

#include <gtest/gtest.h>

namespace platen::collector::core {
namespace {

using event::v1::Level;

constexpr std::int64_t kSheets = 8;
constexpr std::int64_t kPercent = 19;

TEST(LevelsTest, ALevelOfACapacityHasAPercentage) {
  const Level level = MakeLevel({.level = 5340, .capacity = 6000, .unit = {}});

  EXPECT_EQ(level.state(), Level::STATE_EXACT);
  EXPECT_EQ(level.value(), 5340);
  EXPECT_EQ(level.capacity(), 6000);
  EXPECT_DOUBLE_EQ(level.percent(), 89.0);
  EXPECT_EQ(LevelRule(level), "level/exact-of-capacity");
}

TEST(LevelsTest, PercentagesHaveTwoDecimals) {
  EXPECT_DOUBLE_EQ(MakeLevel({.level = 1, .capacity = 3, .unit = {}}).percent(), 33.33);
}

TEST(LevelsTest, ALevelInPercentNeedsNoCapacity) {
  const Level level = MakeLevel({.level = 40, .capacity = -2, .unit = kPercent});

  EXPECT_DOUBLE_EQ(level.percent(), 40.0);
  EXPECT_FALSE(level.has_capacity());
  EXPECT_EQ(level.raw_capacity(), -2);
}

TEST(LevelsTest, WithoutCapacityANumberHasNoPercentage) {
  for (const auto capacity : {std::optional<std::int64_t>(-2),
                              std::optional<std::int64_t>(-1),
                              std::optional<std::int64_t>(0),
                              std::optional<std::int64_t>()}) {
    const Level level = MakeLevel({.level = 9, .capacity = capacity, .unit = kSheets});

    EXPECT_EQ(level.state(), Level::STATE_EXACT);
    EXPECT_FALSE(level.has_percent());
    EXPECT_FALSE(level.has_capacity());
  }
}

TEST(LevelsTest, SentinelsAreStatesAndNeverNumbers) {
  const struct {
    std::int64_t raw;
    Level::State state;
  } kCases[] = {
      {-1, Level::STATE_UNLIMITED},
      {-2, Level::STATE_UNKNOWN},
      {-3, Level::STATE_AT_LEAST_SOME},
      {-100, Level::STATE_UNKNOWN},
  };

  for (const auto& expected : kCases) {
    const Level level = MakeLevel({.level = expected.raw, .capacity = 100, .unit = kPercent});

    EXPECT_EQ(level.state(), expected.state) << expected.raw;
    EXPECT_EQ(level.raw(), expected.raw);
    EXPECT_FALSE(level.has_value());
    EXPECT_FALSE(level.has_percent());
  }
}

TEST(LevelsTest, AProfileMayGiveAVendorsSentinelAMeaning) {
  const LevelSentinel sentinels[] = {{.raw = -100, .state = Level::STATE_LOW_UNSPECIFIED}};

  const Level level = MakeLevel({.level = -100, .capacity = 100, .unit = {}}, sentinels);

  EXPECT_EQ(level.state(), Level::STATE_LOW_UNSPECIFIED);
  EXPECT_FALSE(level.has_percent());
}

TEST(LevelsTest, WhatIsNotOfferedIsNotUnknown) {
  const Level level = MakeLevel({.level = {}, .capacity = 651, .unit = 15});

  EXPECT_EQ(level.state(), Level::STATE_NOT_REPORTED);
  EXPECT_EQ(level.capacity(), 651);
  EXPECT_EQ(level.unit(), event::v1::LEVEL_UNIT_TENTHS_OF_MILLILITRES);
  EXPECT_FALSE(level.has_raw());
}

TEST(LevelsTest, MoreThanFullIsKeptAsTheDeviceSaysIt) {
  EXPECT_DOUBLE_EQ(MakeLevel({.level = 150, .capacity = 100, .unit = kPercent}).percent(), 150.0);
}

TEST(LevelsTest, AUnitTheMibDoesNotHaveIsOther) {
  EXPECT_EQ(MakeLevel({.level = 1, .capacity = 2, .unit = 77}).unit(), event::v1::LEVEL_UNIT_OTHER);
}

}  // namespace
}  // namespace platen::collector::core
