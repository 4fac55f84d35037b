#include "services/collector/core/words.h"

#include <gtest/gtest.h>

#include "services/collector/core/levels.h"

namespace platen::collector::core {
namespace {

constexpr std::int64_t kSheets = 8;

std::string Container(const RawLevel& raw) {
  return LevelWords(MakeLevel(raw), LevelOf::kContainer);
}

TEST(WordsTest, ExactLevelsSayOfHowMuch) {
  EXPECT_EQ(Container({.level = 5340, .capacity = 6000, .unit = {}}), "89 % (5,340 of 6,000)");
  EXPECT_EQ(Container({.level = 29, .capacity = 100, .unit = {}}), "29 %");
  EXPECT_EQ(Container({.level = 1, .capacity = 3, .unit = {}}), "33.3 % (1 of 3)");
}

TEST(WordsTest, ANumberWithoutCapacityIsNoPercentage) {
  EXPECT_EQ(Container({.level = 9, .capacity = -2, .unit = {}}),
            "9, the printer doesn't say of how many");
}

TEST(WordsTest, SentinelsAreSentences) {
  EXPECT_EQ(Container({.level = -3, .capacity = -2, .unit = {}}),
            "some left, the printer doesn't say how much");
  EXPECT_EQ(Container({.level = -2, .capacity = 100, .unit = {}}),
            "unknown, the printer says that it doesn't know");
  EXPECT_EQ(Container({}), "no level, the printer doesn't offer one");
  EXPECT_EQ(LevelWords(MakeLevel({.level = -3, .capacity = 250, .unit = kSheets}), LevelOf::kTray),
            "at least one sheet, the printer doesn't say how many");
  EXPECT_EQ(LevelWords(MakeLevel({.level = -3, .capacity = -2, .unit = {}}), LevelOf::kReceptacle),
            "some space left, the printer doesn't say how much");
}

TEST(WordsTest, AReceptaclesPercentageIsOfSpace) {
  EXPECT_EQ(LevelWords(MakeLevel({.level = 90, .capacity = 100, .unit = {}}), LevelOf::kReceptacle),
            "90 % space left, by the standard");
}

TEST(WordsTest, AnEmptyTraySaysWhatItHolds) {
  EXPECT_EQ(LevelWords(MakeLevel({.level = 0, .capacity = 100, .unit = kSheets}), LevelOf::kTray),
            "empty (holds 100 sheets)");
}

TEST(WordsTest, WasteIsAReceptacleEvenWithoutAClass) {
  event::v1::Supply supply;
  supply.set_type(event::v1::SUPPLY_TYPE_WASTE_TONER);

  EXPECT_EQ(LevelOfSupply(supply), LevelOf::kReceptacle);
}

TEST(WordsTest, ARestInHexadecimalIsReadBack) {
  EXPECT_EQ(OneLine("Black Cartridge \n38 32 37 41 20 48 50 20 43 46 33 30 30 41 00 "),
            "Black Cartridge 827A HP CF300A");
  EXPECT_EQ(OneLine("Tray\n12 beds"), "Tray 12 beds");
  EXPECT_EQ(OneLine(" two\r\n lines "), "two lines");
}

TEST(WordsTest, MetersAreNamedByWhatTheyCount) {
  event::v1::MeterKind kind;
  kind.set_function(event::v1::METER_FUNCTION_PRINT);
  kind.set_colour(event::v1::COLOUR_CLASS_MONOCHROME);
  kind.set_size(event::v1::SIZE_CLASS_LARGE);
  event::v1::MeterKind mode;
  mode.set_function(event::v1::METER_FUNCTION_MODE);
  mode.set_mode("scan-flatbed");

  EXPECT_EQ(MeterName(kind), "Prints, black, large");
  EXPECT_EQ(MeterName(mode), "Scan flatbed");
}

TEST(WordsTest, NumbersAreGrouped) {
  EXPECT_EQ(Grouped(0), "0");
  EXPECT_EQ(Grouped(999), "999");
  EXPECT_EQ(Grouped(1234567), "1,234,567");
}

TEST(WordsTest, UptimeIsInTheLargestUnitsThatMatter) {
  EXPECT_EQ(UptimeWords(52860963), "6 days 2 h");
  EXPECT_EQ(UptimeWords(139939), "23 min");
  EXPECT_EQ(UptimeWords(2400000), "6 h 40 min");
}

TEST(WordsTest, WhatIsMissingIsASentence) {
  event::v1::Unavailable missing;
  missing.set_what("serial");
  missing.set_why("no standard value and no profile for this model");

  EXPECT_EQ(Sentence(missing),
            "Not available: serial, no standard value and no profile for this model");
}

}  // namespace
}  // namespace platen::collector::core
