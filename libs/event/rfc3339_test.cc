#include "libs/event/rfc3339.h"

#include <google/protobuf/util/time_util.h>
#include <gtest/gtest.h>

namespace platen::event {
namespace {

google::protobuf::Timestamp At(std::int64_t seconds, std::int32_t nanos) {
  google::protobuf::Timestamp time;
  time.set_seconds(seconds);
  time.set_nanos(nanos);
  return time;
}

TEST(Rfc3339Test, IsWhatProtobufWritesInJson) {
  for (const std::int64_t seconds :
       {0L, 1'700'000'601L, 1'709'210'096L, -1L, -62'135'596'800L, 253'402'300'799L}) {
    for (const std::int32_t nanos : {0, 5'000'000, 120'000'000, 7'000, 999'999'999, 1}) {
      const auto time = At(seconds, nanos);
      EXPECT_EQ(Rfc3339(time), google::protobuf::util::TimeUtil::ToString(time));
    }
  }
}

TEST(Rfc3339Test, WhatIsNoTimeBecomesTheNearestThatIsOne) {
  EXPECT_EQ(Rfc3339(At(253'402'300'800, 0)), "9999-12-31T23:59:59Z");
  EXPECT_EQ(Rfc3339(At(-62'135'596'801, 0)), "0001-01-01T00:00:00Z");
  EXPECT_EQ(Rfc3339(At(0, -1)), "1970-01-01T00:00:00Z");
  EXPECT_EQ(Rfc3339(At(0, 2'000'000'000)), "1970-01-01T00:00:00.999999999Z");
}

TEST(Rfc3339MillisTest, HasThreeDigitsOfTheSecond) {
  EXPECT_EQ(Rfc3339Millis(At(1'700'000'601, 0)), "2023-11-14T22:23:21.000Z");
  EXPECT_EQ(Rfc3339Millis(At(1'700'000'601, 45'999'999)), "2023-11-14T22:23:21.045Z");
}

}  // namespace
}  // namespace platen::event
