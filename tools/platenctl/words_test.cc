#include "tools/platenctl/words.h"

#include <gtest/gtest.h>

namespace platen::platenctl {
namespace {

namespace ev = platen::event::v1;

TEST(WordsTest, AgesGrowCoarser) {
  google::protobuf::Timestamp time;
  time.set_seconds(1'000'000);
  const auto after = [&](std::int64_t seconds) {
    return Age(time, base::WallFromMillis((1'000'000 + seconds) * 1000));
  };
  EXPECT_EQ(after(5), "5 s");
  EXPECT_EQ(after(300), "5 min");
  EXPECT_EQ(after(3 * 3600), "3 h");
  EXPECT_EQ(after(5 * 86400), "5 d");
  EXPECT_EQ(after(-60), "0 s") << "a clock that runs ahead";
  EXPECT_EQ(Age({}, base::WallFromMillis(0)), "-");
}

TEST(WordsTest, NumbersAreGrouped) {
  EXPECT_EQ(Grouped(7), "7");
  EXPECT_EQ(Grouped(1234567), "1,234,567");
}

TEST(WordsTest, AMeterIsToldInWords) {
  ev::MeterKind kind;
  kind.set_function(ev::METER_FUNCTION_COPY);
  kind.set_colour(ev::COLOUR_CLASS_MONOCHROME);
  kind.set_size(ev::SIZE_CLASS_LARGE);
  kind.set_sides(ev::SIDES_CLASS_TWO_SIDED);
  EXPECT_EQ(MeterWords(kind), "copy, black and white, large, two-sided");
}

TEST(WordsTest, WhatIsToldTwiceAlikeIsShownOnce) {
  google::protobuf::RepeatedPtrField<ev::Meter> meters;
  for (const auto source : {ev::METER_SOURCE_STANDARD, ev::METER_SOURCE_VENDOR}) {
    ev::Meter& meter = *meters.Add();
    meter.mutable_kind()->set_function(ev::METER_FUNCTION_TOTAL);
    meter.mutable_kind()->set_unit(ev::METER_UNIT_IMPRESSIONS);
    meter.set_value(1234);
    meter.set_source(source);
  }
  meters.Add()->CopyFrom(meters[0]);
  meters[2].set_value(1235);

  EXPECT_EQ(MeterLines(meters),
            (std::vector<std::string>{"total: 1,234 impressions", "total: 1,235 impressions"}));
}

TEST(WordsTest, ALevelIsNeverMadeUp) {
  ev::Level level;
  level.set_state(ev::Level::STATE_AT_LEAST_SOME);
  EXPECT_EQ(LevelWords(level), "some left, the printer doesn't say how much");
  level.set_state(ev::Level::STATE_EXACT);
  level.set_value(120);
  EXPECT_EQ(LevelWords(level), "120");
  level.set_percent(62.4);
  EXPECT_EQ(LevelWords(level), "62 %");
}

TEST(WordsTest, AnAlertSaysWhatAndWhere) {
  ev::Alert alert;
  alert.set_reason_keyword("media-jam");
  alert.set_where("Tray 2");
  EXPECT_EQ(AlertWords(alert), "media-jam (Tray 2)");
}

TEST(WordsTest, WhatKeepsACounterFromBeingChargedIsSaid) {
  ev::Meter meter;
  meter.add_quality(ev::READING_QUALITY_GOOD);
  EXPECT_EQ(QualityWords(meter), "");
  meter.clear_quality();
  meter.add_quality(ev::READING_QUALITY_IMPLAUSIBLE);
  meter.add_quality(ev::READING_QUALITY_EPOCH_PROPOSED);
  EXPECT_EQ(QualityWords(meter), "implausible, epoch proposed");
}

}  // namespace
}  // namespace platen::platenctl
