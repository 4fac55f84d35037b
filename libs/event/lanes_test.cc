#include "libs/event/lanes.h"

#include <gtest/gtest.h>

namespace platen::event {
namespace {

TEST(LanesTest, KeepsAlertsApartFromBulk) {
  EXPECT_EQ(LaneOf(v1::Event::kAlert), v1::LANE_ALERTS);
  EXPECT_EQ(LaneOf(v1::Event::kMeterReading), v1::LANE_TELEMETRY);
  EXPECT_EQ(LaneOf(v1::Event::kDebugLog), v1::LANE_LOGS);
  EXPECT_EQ(LaneOf(v1::Event::BODY_NOT_SET), v1::LANE_UNSPECIFIED);
}

TEST(LanesTest, NamesTopicsBelowTheirPrefix) {
  EXPECT_EQ(Topics("").Lane(v1::LANE_ALERTS), "platen.alerts.v1");
  EXPECT_EQ(Topics("t7").device_state(), "t7.device-state.v1");
}

TEST(LanesTest, ReadsItsOwnNames) {
  for (const v1::Lane lane : kLanes) EXPECT_EQ(*LaneFromName(LaneName(lane)), lane);
  EXPECT_FALSE(LaneFromName("express").ok());
}

}  // namespace
}  // namespace platen::event
