#include "libs/event/timestamps.h"

#include <gtest/gtest.h>

namespace platen::event {
namespace {

google::protobuf::Timestamp Time(std::int64_t seconds, std::int32_t nanos) {
  google::protobuf::Timestamp time;
  time.set_seconds(seconds);
  time.set_nanos(nanos);
  return time;
}

TEST(TimestampsTest, ATimeComesBackAsItWent) {
  const auto time = Time(-5, 250'000'000);
  EXPECT_EQ(FromProto(time).time_since_epoch().count(), -4'750'000'000);
  EXPECT_EQ(ToProto(FromProto(time)).seconds(), -5);
  EXPECT_EQ(ToProto(FromProto(time)).nanos(), 250'000'000);
}

TEST(TimestampsTest, WhatNanosecondsCantCountStaysInOrder) {
  constexpr std::int64_t kYear2099 = 4070908800;
  constexpr std::int64_t kYear9999 = 253402300799;
  for (const std::int64_t late : {kYear9999, std::numeric_limits<std::int64_t>::max()}) {
    EXPECT_GT(FromProto(Time(late, 2'000'000'000)), FromProto(Time(kYear2099, 0))) << late;
    EXPECT_LT(FromProto(Time(-late, -2'000'000'000)), FromProto(Time(0, 0))) << late;
  }
}

}  // namespace
}  // namespace platen::event
