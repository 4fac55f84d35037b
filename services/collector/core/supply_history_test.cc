#include "services/collector/core/supply_history.h"

#include <gtest/gtest.h>

#include "libs/event/timestamps.h"
#include "services/collector/core/meter_history.h"

namespace platen::collector::core {
namespace {

using event::v1::ReadingQuality;
using event::v1::Supply;

constexpr base::WallTime kStart = base::WallFromMillis(1'767'225'600'000);
constexpr std::int64_t kUnknown = -2;
constexpr std::int64_t kSomeLeft = -3;

// A printer with black toner, and a fuser at 80 % beside it.
class SupplyHistoryTest : public ::testing::Test {
 protected:
  SupplyHistoryTest() {
    Supply& toner = *snapshot_.add_supplies();
    toner.set_index(1);
    toner.set_device_index(1);
    toner.set_supply_class(event::v1::SUPPLY_CLASS_CONTAINER);
    toner.set_type(event::v1::SUPPLY_TYPE_TONER);
    toner.set_colorant("black");
    Supply& fuser = *snapshot_.add_supplies();
    fuser.set_index(2);
    fuser.set_device_index(1);
    fuser.set_type(event::v1::SUPPLY_TYPE_FUSER);
    Level(fuser, 80);
  }

  static void Level(Supply& supply, std::int64_t percent) {
    event::v1::Level& level = *supply.mutable_level();
    level.Clear();
    level.set_raw(percent);
    if (percent < 0) {
      level.set_state(percent == kUnknown ? event::v1::Level::STATE_UNKNOWN
                                          : event::v1::Level::STATE_AT_LEAST_SOME);
      return;
    }
    level.set_state(event::v1::Level::STATE_EXACT);
    level.set_capacity(100);
    level.set_value(percent);
    level.set_percent(static_cast<double>(percent));
  }

  Supply& toner() { return *snapshot_.mutable_supplies(0); }

  Supply& fuser() { return *snapshot_.mutable_supplies(1); }

  // One reading an hour after the last.
  std::vector<Replaced> Read(std::int64_t percent, std::vector<ReadingQuality> known = {}) {
    now_ += std::chrono::hours(1);
    Level(toner(), percent);
    return JudgeSupplies({&snapshot_, &known, now_}, meters_, history_).replaced;
  }

  // Counters as of now; colour pages are a third.
  void Pages(std::uint64_t pages, std::uint32_t marker = 0) {
    google::protobuf::RepeatedPtrField<event::v1::Meter> meters;
    for (const auto colour : {event::v1::COLOUR_CLASS_ALL, event::v1::COLOUR_CLASS_COLOUR}) {
      event::v1::Meter& meter = *meters.Add();
      meter.mutable_kind()->set_function(event::v1::METER_FUNCTION_TOTAL);
      meter.mutable_kind()->set_colour(colour);
      meter.mutable_kind()->set_size(event::v1::SIZE_CLASS_ALL);
      meter.mutable_kind()->set_sides(event::v1::SIDES_CLASS_ALL);
      meter.mutable_kind()->set_unit(event::v1::METER_UNIT_IMPRESSIONS);
      meter.mutable_kind()->set_marker(marker);
      meter.set_source(event::v1::METER_SOURCE_VENDOR);
      meter.set_value(colour == event::v1::COLOUR_CLASS_ALL ? pages : pages / 3);
    }
    JudgeMeters({"S1", now_}, meters, meters_);
  }

  void Stands(std::int64_t percent, int readings) {
    for (int i = 0; i < readings; ++i) EXPECT_TRUE(Read(percent).empty());
  }

  event::v1::DeviceSnapshot snapshot_;
  collector::v1::MeterHistory meters_;
  collector::v1::SupplyHistory history_;
  base::WallTime now_ = kStart;
};

TEST_F(SupplyHistoryTest, ALevelThatRisesAndStandsIsAnotherSupply) {
  Stands(7, 2);
  const base::WallTime seen = now_ + std::chrono::hours(1);
  Stands(100, 2);
  const auto replaced = Read(99);

  ASSERT_EQ(replaced.size(), 1u);
  EXPECT_EQ(replaced[0].body.evidence(), "level-jump");
  EXPECT_EQ(replaced[0].body.level_before().percent(), 7.0);
  EXPECT_EQ(replaced[0].body.supply().level().percent(), 99.0);
  EXPECT_EQ(replaced[0].time, seen);
  EXPECT_EQ(event::FromProto(replaced[0].body.last_seen_time()), seen);
  EXPECT_FALSE(replaced[0].body.has_yield());
  Stands(99, 5);
}

TEST_F(SupplyHistoryTest, ARiseThatDoesNotStandIsAFlicker) {
  Stands(40, 1);
  Stands(100, 2);
  Stands(40, 1);
  Stands(100, 2);
  Stands(39, 3);
}

TEST_F(SupplyHistoryTest, ASmallRiseIsNoise) {
  Stands(40, 1);
  Stands(41, 4);
  Stands(60, 5);
}

TEST_F(SupplyHistoryTest, ARiseByOneStepOfTheDeviceIsNoise) {
  Stands(100, 1);
  Stands(66, 3);
  Stands(100, 5);
  Stands(66, 1);
  Stands(33, 1);
  Stands(100, 2);
  EXPECT_EQ(Read(100).size(), 1u);
}

TEST_F(SupplyHistoryTest, WhatIsNotANumberSaysNothingEitherWay) {
  Stands(5, 1);
  Stands(kSomeLeft, 3);
  Stands(kUnknown, 3);
  Stands(95, 1);
  Stands(kSomeLeft, 1);
  Stands(95, 1);
  EXPECT_EQ(Read(95).size(), 1u);
}

TEST_F(SupplyHistoryTest, DoubtfulReadingsSayNothing) {
  Stands(5, 1);
  for (const ReadingQuality quality : {event::v1::READING_QUALITY_JAMMED,
                                       event::v1::READING_QUALITY_COVER_OPEN,
                                       event::v1::READING_QUALITY_JUST_BOOTED,
                                       event::v1::READING_QUALITY_PARTIAL}) {
    for (int i = 0; i < 4; ++i) EXPECT_TRUE(Read(95, {quality}).empty()) << quality;
  }
  EXPECT_EQ(history_.supplies(0).rise().sightings(), 0u);
}

TEST_F(SupplyHistoryTest, AllAtOneEndSaysNothing) {
  Stands(5, 1);
  Level(fuser(), 100);
  Stands(100, 5);
  Level(fuser(), 0);
  Stands(0, 2);
  Level(fuser(), 80);
  Stands(100, 2);
  EXPECT_EQ(Read(100).size(), 1u);
}

TEST_F(SupplyHistoryTest, ASleepersFullLevelWaitsUntilItWakes) {
  Stands(5, 1);
  for (int i = 0; i < 5; ++i) {
    EXPECT_TRUE(Read(100, {event::v1::READING_QUALITY_ASLEEP}).empty());
  }
  Stands(100, 2);
  EXPECT_EQ(Read(98, {event::v1::READING_QUALITY_ASLEEP}).size(), 1u);
}

TEST_F(SupplyHistoryTest, AnotherSerialNumberIsAnotherSupplyAtOnce) {
  toner().set_serial_number("CRUM-1");
  Stands(50, 2);
  toner().set_serial_number("CRUM-2");
  const auto replaced = Read(50);

  ASSERT_EQ(replaced.size(), 1u);
  EXPECT_EQ(replaced[0].body.evidence(), "serial");
  EXPECT_EQ(replaced[0].body.serial_number_before(), "CRUM-1");
  EXPECT_EQ(replaced[0].body.supply().serial_number(), "CRUM-2");
  EXPECT_EQ(replaced[0].time, now_);
  Stands(50, 3);
}

TEST_F(SupplyHistoryTest, TheSameSerialNumberIsTheSameSupplyWhateverItsLevelDoes) {
  toner().set_serial_number("CRUM-1");
  Stands(3, 1);
  Stands(100, 5);
}

TEST_F(SupplyHistoryTest, ASerialNumberThatGoesAwayAndComesBackIsTheSame) {
  toner().set_serial_number("CRUM-1");
  Stands(50, 1);
  toner().set_serial_number("");
  Stands(49, 1);
  toner().set_serial_number("0000000");
  Stands(49, 1);
  toner().set_serial_number(" crum-1 ");
  Stands(48, 1);
}

TEST_F(SupplyHistoryTest, TheYieldIsWhatTheCounterGainedBetweenTwoReplacements) {
  Pages(1'000);
  Stands(5, 1);
  Stands(100, 1);
  Pages(1'100);
  Stands(100, 1);
  EXPECT_FALSE(Read(99).at(0).body.has_yield());  // The first one's beginning was not seen.

  Pages(4'600);
  Stands(4, 1);
  Pages(4'700);
  Stands(100, 1);
  Pages(4'750);
  Stands(100, 1);
  const auto replaced = Read(100);

  ASSERT_EQ(replaced.size(), 1u);
  EXPECT_EQ(replaced[0].body.yield(), 3'700u);  // From when each was first seen.
  EXPECT_EQ(replaced[0].body.yield_kind().colour(), event::v1::COLOUR_CLASS_ALL);
}

TEST_F(SupplyHistoryTest, AColouredSupplysYieldIsInColourPages) {
  toner().set_colorant("cyan");
  toner().set_serial_number("A1");
  Pages(3'000);
  Stands(50, 1);
  toner().set_serial_number("A2");
  Read(50);
  Pages(6'000);
  toner().set_serial_number("A3");
  const auto replaced = Read(50);

  ASSERT_EQ(replaced.size(), 1u);
  EXPECT_EQ(replaced[0].body.yield(), 1'000u);
  EXPECT_EQ(replaced[0].body.yield_kind().colour(), event::v1::COLOUR_CLASS_COLOUR);
}

TEST_F(SupplyHistoryTest, ASupplyOfOneOfSeveralMarkersIsUsedByItsPages) {
  toner().set_marker(2);
  toner().set_serial_number("A1");
  Pages(9'000, 1);
  Pages(100, 2);
  Stands(50, 1);
  toner().set_serial_number("A2");
  Read(50);
  Pages(9'900, 1);
  Pages(130, 2);
  toner().set_serial_number("A3");
  const auto replaced = Read(50);

  ASSERT_EQ(replaced.size(), 1u);
  EXPECT_EQ(replaced[0].body.yield(), 30u);
  EXPECT_EQ(replaced[0].body.yield_kind().marker(), 2u);
}

TEST_F(SupplyHistoryTest, NoYieldIsCountedAcrossAnEpochThatNobodyHasConfirmed) {
  toner().set_serial_number("A1");
  Pages(9'000);
  Stands(50, 1);
  toner().set_serial_number("A2");
  Read(50);
  Pages(10);  // Another board.
  toner().set_serial_number("A3");
  EXPECT_FALSE(Read(50).at(0).body.has_yield());
}

TEST_F(SupplyHistoryTest, AReceptaclesSpaceHasToHaveShrunkBefore) {
  toner().set_supply_class(event::v1::SUPPLY_CLASS_RECEPTACLE);
  Stands(10, 1);
  Stands(11, 1);  // This maker reports what is in it.
  Stands(60, 5);
  Stands(8, 1);
  Stands(98, 2);
  EXPECT_EQ(Read(98).size(), 1u);
}

TEST_F(SupplyHistoryTest, RowsThatAreNumberedAnewAreNotReplaced) {
  toner().set_serial_number("A1");
  Stands(5, 2);
  toner().set_type(event::v1::SUPPLY_TYPE_OPC);
  toner().set_serial_number("B7");
  Stands(95, 5);
}

TEST_F(SupplyHistoryTest, TheNextOwnerGoesOnWhereThisOneStopped) {
  Stands(7, 2);
  Stands(100, 2);
  collector::v1::SupplyHistory restored;
  ASSERT_TRUE(restored.ParseFromString(history_.SerializeAsString()));
  history_ = restored;
  EXPECT_EQ(Read(99).size(), 1u);
}

TEST_F(SupplyHistoryTest, SuppliesBeyondTheBoundAreLeftOut) {
  for (std::uint32_t i = 3; i <= kSuppliesKept + 5; ++i) {
    *snapshot_.add_supplies() = toner();
    snapshot_.mutable_supplies(static_cast<int>(i) - 1)->set_index(i);
  }
  const std::vector<ReadingQuality> none;
  EXPECT_EQ(JudgeSupplies({&snapshot_, &none, now_}, meters_, history_).left_out, 5u);
  EXPECT_EQ(history_.supplies_size(), kSuppliesKept);
}

}  // namespace
}  // namespace platen::collector::core
