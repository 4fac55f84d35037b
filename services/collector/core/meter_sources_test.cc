#include "services/collector/core/meter_sources.h"

#include <algorithm>

#include <gtest/gtest.h>

namespace platen::collector::core {
namespace {

using event::v1::Meter;

class MeterSourcesTest : public ::testing::Test {
 protected:
  MeterSourcesTest() {
    Add(event::v1::METER_SOURCE_STANDARD, "1.1");
    Add(event::v1::METER_SOURCE_VENDOR, "1.2").set_assurance(event::v1::METER_ASSURANCE_ASSUMED);
  }

  Meter& Add(event::v1::MeterSource source, const char* oid) {
    Meter& meter = *meters_.Add();
    meter.mutable_kind()->set_function(event::v1::METER_FUNCTION_TOTAL);
    meter.mutable_kind()->set_colour(event::v1::COLOUR_CLASS_ALL);
    meter.mutable_kind()->set_size(event::v1::SIZE_CLASS_ALL);
    meter.mutable_kind()->set_sides(event::v1::SIDES_CLASS_ALL);
    meter.mutable_kind()->set_unit(event::v1::METER_UNIT_IMPRESSIONS);
    meter.set_source(source);
    meter.set_oid(oid);
    return meter;
  }

  std::vector<Disagreement> Read(std::uint64_t standard, std::uint64_t vendor) {
    now_ += std::chrono::hours(1);
    for (Meter& meter : meters_) meter.clear_quality();
    meters_[0].set_value(standard);
    meters_[1].set_value(vendor);
    return JudgeMeters({"S1", now_}, meters_, history_).disagreements;
  }

  bool SaysMismatch(int index) const {
    const auto& quality = meters_[index].quality();
    return std::find(quality.begin(), quality.end(), event::v1::READING_QUALITY_MISMATCH) !=
           quality.end();
  }

  google::protobuf::RepeatedPtrField<Meter> meters_;
  collector::v1::MeterHistory history_;
  base::WallTime now_ = base::WallFromMillis(1'767'225'600'000);
};

TEST_F(MeterSourcesTest, ADifferenceOfWaysToCountIsNone) {
  EXPECT_TRUE(Read(28'222, 28'218).empty());
  history_.Clear();
  EXPECT_TRUE(Read(1'028'222, 1'027'300).empty());
  EXPECT_FALSE(SaysMismatch(0) || SaysMismatch(1));
}

TEST_F(MeterSourcesTest, MoreIsNewsOnceAndMarkedAtEachReading) {
  EXPECT_EQ(Read(1279, 986).size(), 1u);
  EXPECT_TRUE(SaysMismatch(0) && SaysMismatch(1));
  collector::v1::MeterHistory restored;
  ASSERT_TRUE(restored.ParseFromString(history_.SerializeAsString()));
  history_ = restored;
  EXPECT_TRUE(Read(1280, 987).empty());
  EXPECT_TRUE(SaysMismatch(0) && SaysMismatch(1));
}

TEST_F(MeterSourcesTest, ItIsNewsAgainOnlyAfterTheyHadAgreed) {
  EXPECT_EQ(Read(1000, 1011).size(), 1u);
  EXPECT_TRUE(Read(1005, 1012).empty());  // Within what is allowed, but hardly.
  EXPECT_TRUE(Read(1005, 1016).empty());
  EXPECT_TRUE(Read(1016, 1016).empty());
  EXPECT_EQ(Read(1016, 1030).size(), 1u);
}

TEST_F(MeterSourcesTest, TheStandardCounterGoesBeforeAnAssumedRuleAndAfterAVerifiedOne) {
  EXPECT_EQ(Read(1279, 986).at(0).preferred, 0);
  history_.Clear();
  meters_[1].set_assurance(event::v1::METER_ASSURANCE_VERIFIED);
  EXPECT_EQ(Read(1279, 986).at(0).preferred, 1);
}

TEST_F(MeterSourcesTest, ACounterOfUnknownUnitIsComparedAndNotPreferred) {
  meters_[0].mutable_kind()->set_unit(event::v1::METER_UNIT_OTHER);
  EXPECT_EQ(Read(1279, 986).at(0).preferred, 1);
}

TEST_F(MeterSourcesTest, OtherUnitsColoursAndMarkersAreNotCompared) {
  meters_[1].mutable_kind()->set_unit(event::v1::METER_UNIT_SHEETS);
  EXPECT_TRUE(Read(1279, 640).empty());
  meters_[1].mutable_kind()->set_unit(event::v1::METER_UNIT_IMPRESSIONS);
  meters_[1].mutable_kind()->set_colour(event::v1::COLOUR_CLASS_COLOUR);
  EXPECT_TRUE(Read(1279, 640).empty());
  meters_[1].mutable_kind()->set_colour(event::v1::COLOUR_CLASS_ALL);
  meters_[0].mutable_kind()->set_marker(1);
  EXPECT_TRUE(Read(1279, 640).empty());
}

TEST_F(MeterSourcesTest, WhatMayNotBeChargedIsNotCompared) {
  Read(4711, 4711);
  EXPECT_TRUE(Read(12, 4712).empty());
  EXPECT_FALSE(SaysMismatch(1));
}

}  // namespace
}  // namespace platen::collector::core
