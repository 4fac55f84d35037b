#include "services/collector/core/pattern.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace platen::collector::core {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Pair;

std::string WhyNot(std::string_view text) {
  return std::string(MakePattern(text).status().message());
}

TEST(PatternTest, TheFirstGroupCountsOrTheWholeMatch) {
  EXPECT_EQ(Extract(*MakePattern("PID:([^,;]+)"), "SN:1,PID:HP 5,x"), "HP 5");
  EXPECT_EQ(Extract(*MakePattern("PID"), "SN:1,PID:HP 5,x"), "PID");
  EXPECT_EQ(Extract(*MakePattern("PID"), "SN"), std::nullopt);
}

TEST(PatternTest, WhatStandsForItselfIsFoundWhereItIs) {
  EXPECT_TRUE(Matches(*MakePattern("TA "), "UTAX TA 5"));
  EXPECT_FALSE(Matches(*MakePattern("^TA "), "UTAX TA 5"));
  EXPECT_TRUE(Matches(*MakePattern("^TA "), "TA 5"));
  EXPECT_FALSE(Matches(*MakePattern("TA"), "Ta"));
  EXPECT_TRUE(Matches(*MakePattern(""), ""));
  EXPECT_TRUE(Matches(*MakePattern("a.c"), "abc"));
  EXPECT_TRUE(Matches(*MakePattern(R"(a\.c)"), "a.c"));
  EXPECT_FALSE(Matches(*MakePattern("a$"), "a$"));
}

TEST(PatternTest, PairsAreFoundOneAfterTheOther) {
  EXPECT_THAT(ExtractPairs(*MakePattern("([A-Z]+) ([0-9.]+)"), "SS 1.2, UI 3, and A 4"),
              ElementsAre(Pair("SS", "1.2"), Pair("UI", "3"), Pair("A", "4")));
  EXPECT_THAT(ExtractPairs(*MakePattern("(x*)(y*)"), ""), ElementsAre(Pair("", "")));
}

TEST(PatternTest, OnlyTheBeginningOfALongTextIsSearched) {
  EXPECT_FALSE(Matches(*MakePattern("x$"), std::string(kMaxPatternInput, 'a') + "x"));
  EXPECT_FALSE(Matches(*MakePattern("x"), std::string(kMaxPatternInput, 'a') + "x"));
}

TEST(PatternTest, ATextBeginsOnceHoweverManyLinesItHas) {
  EXPECT_FALSE(Matches(*MakePattern("^Brother "), "NC-8300h\nBrother HL"));
}

TEST(PatternTest, WhatRepeatsARepetitionIsRefused) {
  EXPECT_THAT(WhyNot("^(a+)+$"), HasSubstr("repeats a group that holds a repetition"));
  EXPECT_THAT(WhyNot("^(a|aa)*$"), HasSubstr("repeats a group"));
  EXPECT_THAT(WhyNot("((x+)y)*"), HasSubstr("repeats a group"));
  EXPECT_THAT(WhyNot("(.*){2,}"), HasSubstr("repeats a group"));
  EXPECT_THAT(WhyNot(R"((.)\1)"), HasSubstr("refers back"));
  EXPECT_THAT(WhyNot(std::string(kMaxPatternText + 1, 'a')), HasSubstr("more than 256 bytes"));
  EXPECT_THAT(WhyNot("(a"), HasSubstr("not a regular expression"));
  EXPECT_THAT(WhyNot("a)"), HasSubstr("not a regular expression"));
  EXPECT_THAT(WhyNot("((a{1000}b){1000}c){1000}"), HasSubstr("can't be used"));
}

TEST(PatternTest, ARepeatedGroupOfLettersIsNot) {
  EXPECT_EQ(WhyNot("^(ab)+$"), "");
  EXPECT_EQ(WhyNot("^(?:Canon|CANON)?\\s+(.+?)(?:\\s+/P)?$"), "");
  EXPECT_EQ(WhyNot(R"([(*)+]+\(a+\)+)"), "");
}

TEST(PatternTest, ASearchThatDoesNotEndHasFoundNothing) {
  // Not refused, as it repeats no group; but each of its parts can take what the others take.
  const Pattern slow = *MakePattern("a*a*a*a*a*a*b$");

  EXPECT_FALSE(Matches(slow, std::string(kMaxPatternInput, 'a')));
  EXPECT_EQ(Extract(slow, std::string(kMaxPatternInput, 'a')), std::nullopt);
  EXPECT_THAT(ExtractPairs(slow, std::string(kMaxPatternInput, 'a')), IsEmpty());
  EXPECT_TRUE(Matches(slow, "aaab"));
}

}  // namespace
}  // namespace platen::collector::core
