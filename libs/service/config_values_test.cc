#include "libs/service/config_values.h"

#include <gtest/gtest.h>

#include "libs/service/test_config.pb.h"
#include "platen/event/v1/event.pb.h"

namespace platen::service {
namespace {

using std::chrono::hours;
using std::chrono::milliseconds;
using std::chrono::minutes;
using std::chrono::seconds;

TEST(ParseDurationTest, TakesUnitsAndSumsOfThem) {
  EXPECT_EQ(*ParseDuration("30s"), seconds(30));
  EXPECT_EQ(*ParseDuration("200ms"), milliseconds(200));
  EXPECT_EQ(*ParseDuration("12h"), hours(12));
  EXPECT_EQ(*ParseDuration("7d"), hours(168));
  EXPECT_EQ(*ParseDuration("1h30m"), minutes(90));
  EXPECT_EQ(*ParseDuration("-5s"), -seconds(5));
  EXPECT_EQ(*ParseDuration("0s"), seconds(0));
}

TEST(ParseDurationTest, RefusesWhatHasNoUnitOrNoNumber) {
  for (const char* text :
       {"", "30", "s", "30 s", "30sec", "1.5s", "--5s", "1h30", "99999999999999h", "+3s"}) {
    EXPECT_FALSE(ParseDuration(text).ok()) << text;
  }
}

TEST(TimestampTest, IsWrittenAsItIsRead) {
  event::v1::Event event;
  const auto& field = *event.GetDescriptor()->FindFieldByName("occurrence_time");
  ASSERT_TRUE(SetFromText(event, field, "2026-12-24T19:00:00+01:00").ok());
  EXPECT_EQ(event.occurrence_time().seconds(), 1798135200);
  EXPECT_EQ(TextOf(event, field, -1), "2026-12-24T18:00:00Z");
  EXPECT_FALSE(IsNested(field));
  EXPECT_FALSE(SetFromText(event, field, "tomorrow").ok());
}

TEST(FormatDurationTest, WritesTheLargestUnitThatLeavesNothing) {
  EXPECT_EQ(FormatDuration(hours(24)), "1d");
  EXPECT_EQ(FormatDuration(seconds(90)), "90s");
  EXPECT_EQ(FormatDuration(milliseconds(1500)), "1500ms");
  EXPECT_EQ(FormatDuration(seconds(0)), "0s");
}

TEST(FormatDurationTest, IsReadBackUnchanged) {
  for (const std::int64_t nanos : {1L, 999L, 1'000'000L, 3'600'000'000'000L, -90'000'000'000L}) {
    const std::chrono::nanoseconds duration(nanos);
    EXPECT_EQ(*ParseDuration(FormatDuration(duration)), duration);
  }
}

class SetFromTextTest : public ::testing::Test {
 protected:
  // Empty if the text was taken.
  std::string Set(const char* name, std::string_view text) {
    const auto* field = limits_.GetDescriptor()->FindFieldByName(name);
    return std::string(SetFromText(limits_, *field, text).message());
  }

  test::Limits limits_;
};

TEST_F(SetFromTextTest, TakesEachScalarType) {
  EXPECT_EQ(Set("connections_max", "7"), "");
  EXPECT_EQ(Set("queue_bytes", "-9000000000"), "");
  EXPECT_EQ(Set("total_bytes", "18446744073709551615"), "");
  EXPECT_EQ(Set("ratio", "0.25"), "");
  EXPECT_EQ(Set("share", "1e-3"), "");
  EXPECT_EQ(Set("strict", "true"), "");
  EXPECT_EQ(limits_.connections_max(), 7u);
  EXPECT_EQ(limits_.queue_bytes(), -9000000000);
  EXPECT_EQ(limits_.total_bytes(), 18446744073709551615u);
  EXPECT_EQ(limits_.ratio(), 0.25);
  EXPECT_TRUE(limits_.strict());
}

TEST_F(SetFromTextTest, SaysWhatWasExpected) {
  EXPECT_EQ(Set("connections_max", "-1"), "'-1' is not a whole number from 0 to 4294967295");
  EXPECT_EQ(Set("offset", "2147483648"),
            "'2147483648' is not a whole number from -2147483648 to 2147483647");
  EXPECT_EQ(Set("offset", "1k"), "'1k' is not a whole number from -2147483648 to 2147483647");
  EXPECT_EQ(Set("ratio", "half"), "'half' is not a number");
  EXPECT_EQ(Set("strict", "yes"), "'yes' is not true or false");
}

}  // namespace
}  // namespace platen::service
