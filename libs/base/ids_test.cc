#include "libs/base/ids.h"

#include <gtest/gtest.h>

namespace platen::base {
namespace {

TEST(IdTest, SurvivesHexAndBytes) {
  const DeviceId id = NewDeviceId();

  EXPECT_EQ(*DeviceId::FromHex(id.ToHex()), id);
  EXPECT_EQ(*DeviceId::FromBytes(id.bytes()), id);
  EXPECT_FALSE(id.is_none());
}

TEST(IdTest, RefusesWrongLengthsAndDigits) {
  EXPECT_EQ(DeviceId::FromHex("12").status().code(), absl::StatusCode::kInvalidArgument);
  EXPECT_FALSE(DeviceId::FromHex(std::string(32, 'g')).ok());
  EXPECT_FALSE(DeviceId::FromBytes(std::string(15, 'x')).ok());
  EXPECT_FALSE(DeviceId::FromBytes("").ok());
}

TEST(IdTest, OrdersAsBytes) {
  EXPECT_LT(*EventId::FromHex("00000000000000000000000000000001"),
            *EventId::FromHex("01000000000000000000000000000000"));
}

}  // namespace
}  // namespace platen::base
