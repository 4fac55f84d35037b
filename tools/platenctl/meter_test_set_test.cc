#include "tools/platenctl/meter_test_set.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace platen::platenctl {
namespace {

namespace ev = platen::event::v1;

using ::testing::HasSubstr;

std::vector<TestJob> Set(std::string_view text) {
  auto jobs = ParseTestSet(text);
  EXPECT_TRUE(jobs.ok()) << jobs.status();
  return jobs.ok() ? *jobs : std::vector<TestJob>();
}

std::string WhyNot(std::string_view text) {
  return std::string(ParseTestSet(text).status().message());
}

ev::Meter Meter(std::uint64_t value, ev::MeterFunction function = ev::METER_FUNCTION_TOTAL) {
  ev::Meter meter;
  meter.set_value(value);
  meter.set_rule("acme@1/counters.total");
  meter.set_oid("1.3.6.1.4.1.99999.1");
  meter.set_epoch(1);
  meter.set_source(ev::METER_SOURCE_VENDOR);
  meter.set_assurance(ev::METER_ASSURANCE_ASSUMED);
  meter.mutable_kind()->set_function(function);
  meter.mutable_kind()->set_colour(ev::COLOUR_CLASS_ALL);
  meter.mutable_kind()->set_size(ev::SIZE_CLASS_ALL);
  meter.mutable_kind()->set_sides(ev::SIDES_CLASS_ALL);
  meter.mutable_kind()->set_unit(ev::METER_UNIT_IMPRESSIONS);
  return meter;
}

ev::MeterReading Reading(const ev::Meter& meter, std::uint64_t moved = 0) {
  ev::MeterReading reading;
  *reading.add_meters() = meter;
  reading.mutable_meters(0)->set_value(meter.value() + moved);
  return reading;
}

// The counter after it moved by so much.
CounterCheck After(const ev::Meter& meter, std::uint64_t moved, std::string_view set) {
  return CheckCounters(Reading(meter), Reading(meter, moved), Set(set)).front();
}

// By how much a counter of this kind should move.
std::optional<std::uint64_t> Expected(const ev::Meter& meter, std::string_view set) {
  return After(meter, 0, set).expected;
}

TEST(MeterTestSetTest, JobsAreWordsInAnyOrder) {
  const std::vector<TestJob> jobs = Set("7 print mono;two-sided copy 4 a3 color");

  ASSERT_EQ(jobs.size(), 2U);
  EXPECT_EQ(JobWords(jobs[0]), "7 pages: print, black and white, one-sided, A4");
  EXPECT_EQ(JobWords(jobs[1]), "4 pages: copy, colour, two-sided, A3");
}

TEST(MeterTestSetTest, WhatIsNoJobIsNamed) {
  EXPECT_THAT(WhyNot("7 print purple"), HasSubstr("\"purple\" is none of"));
  EXPECT_THAT(WhyNot("print mono"), HasSubstr("\"print mono\" needs a number of pages"));
  EXPECT_THAT(WhyNot("7 print;"), HasSubstr("needs a number of pages"));
  EXPECT_THAT(WhyNot("99999999999999999999 print"), HasSubstr("is none of"));
  EXPECT_THAT(WhyNot(""), HasSubstr("needs a number of pages"));
}

TEST(MeterTestSetTest, ACounterMovesByWhatItCounts) {
  constexpr std::string_view kSet =
      "7 print mono; 13 print colour; 4 print mono two-sided; 1 copy a3";
  ev::Meter meter = Meter(100);
  EXPECT_EQ(Expected(meter, kSet), 25U);
  meter.mutable_kind()->set_unit(ev::METER_UNIT_SHEETS);
  EXPECT_EQ(Expected(meter, kSet), 23U);
  meter.mutable_kind()->set_unit(ev::METER_UNIT_A4_EQUIVALENT_HUNDREDTHS);
  EXPECT_EQ(Expected(meter, kSet), 2600U);
  meter = Meter(100, ev::METER_FUNCTION_PRINT);
  EXPECT_EQ(Expected(meter, kSet), 24U);
  meter.mutable_kind()->set_colour(ev::COLOUR_CLASS_MONOCHROME);
  EXPECT_EQ(Expected(meter, kSet), 11U);
  meter.mutable_kind()->set_colour(ev::COLOUR_CLASS_FULL_COLOUR);
  EXPECT_EQ(Expected(meter, kSet), 13U);
  meter.mutable_kind()->set_colour(ev::COLOUR_CLASS_SINGLE_COLOUR);
  EXPECT_EQ(Expected(meter, kSet), 0U);
  meter = Meter(100, ev::METER_FUNCTION_COPY);
  meter.mutable_kind()->set_size(ev::SIZE_CLASS_LARGE);
  EXPECT_EQ(Expected(meter, kSet), 1U);
  meter.mutable_kind()->set_size(ev::SIZE_CLASS_SMALL);
  EXPECT_EQ(Expected(meter, kSet), 0U);
  meter = Meter(100);
  meter.mutable_kind()->set_size(ev::SIZE_CLASS_NAMED);
  meter.mutable_kind()->set_media_size("iso_a3_297x420mm");
  EXPECT_EQ(Expected(meter, kSet), 1U);
  meter = Meter(100);
  meter.mutable_kind()->set_sides(ev::SIDES_CLASS_TWO_SIDED);
  EXPECT_EQ(Expected(meter, kSet), 4U);
}

TEST(MeterTestSetTest, WhatASetCantSayIsNotJudged) {
  for (const ev::MeterFunction function :
       {ev::METER_FUNCTION_MODE, ev::METER_FUNCTION_SCAN_TO_EMAIL, ev::METER_FUNCTION_SCAN}) {
    EXPECT_EQ(After(Meter(5, function), 7, "7 copy mono").fit, CounterFit::kNotJudged) << function;
  }
  ev::Meter length = Meter(5);
  length.mutable_kind()->set_unit(ev::METER_UNIT_MILLIMETRES);
  EXPECT_EQ(After(length, 7, "7 print").fit, CounterFit::kNotJudged);
}

TEST(MeterTestSetTest, ACounterFitsWhereItMovedAsItShould) {
  EXPECT_EQ(After(Meter(5), 7, "7 print").fit, CounterFit::kFits);
  EXPECT_EQ(After(Meter(5), 8, "7 print").fit, CounterFit::kDoesNot);
  EXPECT_EQ(After(Meter(5, ev::METER_FUNCTION_COPY), 0, "7 print").fit, CounterFit::kNotTested);
  EXPECT_EQ(After(Meter(5, ev::METER_FUNCTION_COPY), 7, "7 print").fit, CounterFit::kDoesNot);
  EXPECT_EQ(After(Meter(5), static_cast<std::uint64_t>(-1), "7 print").moved, -1);
}

TEST(MeterTestSetTest, ACounterThatIsAnotherSaysWhichItLooksLike) {
  ev::Meter colour = Meter(5);
  colour.mutable_kind()->set_colour(ev::COLOUR_CLASS_COLOUR);
  EXPECT_THAT(After(colour, 11, kDefaultTestSet).note, HasSubstr("{colour: monochrome}"));
  EXPECT_EQ(After(Meter(5), 22, kDefaultTestSet).note, "moved like {unit: sheets}");
  EXPECT_EQ(After(Meter(5), 3, kDefaultTestSet).note, "");
}

TEST(MeterTestSetTest, PagesAsTheVendorCountsThemMayBeSheets) {
  ev::Meter duplex = Meter(5);
  duplex.mutable_kind()->set_sides(ev::SIDES_CLASS_TWO_SIDED);
  duplex.mutable_kind()->set_unit(ev::METER_UNIT_PAGES);
  EXPECT_EQ(After(duplex, 4, kDefaultTestSet).note, "");
  EXPECT_EQ(After(duplex, 2, kDefaultTestSet).fit, CounterFit::kFits);
  EXPECT_EQ(After(duplex, 2, kDefaultTestSet).note, "counts sheets");
}

TEST(MeterTestSetTest, AValueThatTheCollectorDoesNotTrustIsNotJudged) {
  ev::Meter meter = Meter(5);
  meter.add_quality(ev::READING_QUALITY_ROLLED_BACK);
  EXPECT_EQ(After(meter, 7, "7 print").fit, CounterFit::kNotJudged);

  ev::MeterReading after = Reading(Meter(5), 7);
  after.mutable_meters(0)->set_epoch(2);
  EXPECT_EQ(CheckCounters(Reading(Meter(5)), after, Set("7 print")).front().fit,
            CounterFit::kNotJudged);
}

TEST(MeterTestSetTest, ACounterInOneReadingOnlyIsNotThere) {
  const auto gone = CheckCounters(Reading(Meter(5)), {}, Set("7 print"));
  ASSERT_EQ(gone.size(), 1U);
  EXPECT_EQ(gone[0].fit, CounterFit::kNotThere);
  EXPECT_EQ(gone[0].note, "not in the reading after");
  EXPECT_EQ(CheckCounters({}, Reading(Meter(5)), Set("7 print"))[0].note,
            "not in the reading before");
}

TEST(MeterTestSetTest, OnlyWhatFitsAndIsAssumedGoesIntoTheProfile) {
  const std::string lines = ProfileLines(std::vector{After(Meter(5), 7, "7 print")}, "X, 2026");
  EXPECT_EQ(lines,
            "# profiles/acme.yaml: count its version up, and change these meters\n"
            "meters:\n"
            "  - name: counters.total\n"
            "    assurance: verified\n"
            "    source: \"compared with a printed test set: X, 2026\"\n");
  ev::Meter verified = Meter(5);
  verified.set_assurance(ev::METER_ASSURANCE_VERIFIED);
  ev::Meter standard = Meter(5);
  standard.set_source(ev::METER_SOURCE_STANDARD);
  EXPECT_EQ(ProfileLines(std::vector{After(Meter(5), 8, "7 print"),
                                     After(verified, 7, "7 print"),
                                     After(standard, 7, "7 print")},
                         "X"),
            "");
}

}  // namespace
}  // namespace platen::platenctl
