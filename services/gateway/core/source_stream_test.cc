#include "services/gateway/core/source_stream.h"

#include <gtest/gtest.h>

namespace platen::gateway::core {
namespace {

TEST(SourceStreamTest, WhatWasMadeOfANameGivesTheNameAgain) {
  for (const char* name : {"collector-1/42/telemetry/default", "campus/a/7/alerts/north"}) {
    const auto stream = ParseSourceStream(name);

    ASSERT_TRUE(stream.has_value()) << name;
    EXPECT_EQ(ToName(*stream), name);
  }
  EXPECT_EQ(ParseSourceStream("campus/a/7/alerts/north")->instance, "campus/a");
}

TEST(SourceStreamTest, ARangeOfKafkasIsNone) {
  EXPECT_FALSE(ParseSourceStream("campus/platen.telemetry.v1/3").has_value());
  EXPECT_FALSE(ParseSourceStream("a/campus/platen.telemetry.v1/3").has_value());
  EXPECT_FALSE(ParseSourceStream("a/x/alerts/default").has_value());
  EXPECT_FALSE(ParseSourceStream("").has_value());
}

}  // namespace
}  // namespace platen::gateway::core
