#include "tools/platenctl/matches.h"

#include <gtest/gtest.h>

namespace platen::platenctl {
namespace {

TEST(MatchesTest, ConditionsHoldTogether) {
  const auto match = ParseMatch({"alert.category=jam,error", "site!=hq"});
  ASSERT_TRUE(match.ok()) << match.status();
  ASSERT_EQ(match->all_of_size(), 2);
  EXPECT_EQ(match->all_of(0).field(), "alert.category");
  EXPECT_EQ(match->all_of(0).is_size(), 2);
  EXPECT_EQ(match->all_of(0).is(1), "error");
  EXPECT_EQ(match->all_of(1).field(), "site");
  EXPECT_EQ(match->all_of(1).is_not(0), "hq");
}

TEST(MatchesTest, WhatIsNoConditionIsToldHowItWouldBe) {
  for (const char* text : {"jam", "=jam", "alert.category=", "!=x"}) {
    EXPECT_FALSE(ParseMatch({text}).ok()) << text;
  }
}

}  // namespace
}  // namespace platen::platenctl
