#include "services/collector/core/spool_order.h"

#include <gtest/gtest.h>

namespace platen::collector::core {
namespace {

using event::v1::LANE_ALERTS;
using event::v1::LANE_LOGS;
using event::v1::LANE_TELEMETRY;

constexpr std::array<bool, kLaneCount> kAll = {true, true, true};
constexpr std::array<bool, kLaneCount> kNoLogs = {true, true, false};
constexpr std::array<bool, kLaneCount> kOnlyAlerts = {true, false, false};

TEST(SpoolOrderTest, LogsGiveWayBeforeTelemetryAndAlertsLast) {
  EXPECT_EQ(GivesWay(LANE_ALERTS, kAll), LANE_LOGS);
  EXPECT_EQ(GivesWay(LANE_ALERTS, kNoLogs), LANE_TELEMETRY);
  EXPECT_EQ(GivesWay(LANE_ALERTS, kOnlyAlerts), LANE_ALERTS);
}

TEST(SpoolOrderTest, AnOlderReadingGivesWayToANewerOne) {
  EXPECT_EQ(GivesWay(LANE_TELEMETRY, kAll), LANE_LOGS);
  EXPECT_EQ(GivesWay(LANE_TELEMETRY, kNoLogs), LANE_TELEMETRY);
}

TEST(SpoolOrderTest, WhatIsOfMoreWorthNeverGivesWay) {
  EXPECT_EQ(GivesWay(LANE_TELEMETRY, kOnlyAlerts), std::nullopt);
  EXPECT_EQ(GivesWay(LANE_LOGS, kNoLogs), std::nullopt);
  EXPECT_EQ(GivesWay(LANE_ALERTS, {}), std::nullopt);
}

TEST(SpoolOrderTest, NumbersInARowAreOneGap) {
  const SpoolGap gap{
      .epoch = 7, .lane = LANE_TELEMETRY, .route = "east", .first = 3, .last = 5, .detail = "full"};
  SpoolGap next = gap;
  next.first = next.last = 6;
  EXPECT_TRUE(gap.GoesOn(next));

  next.epoch = 8;
  EXPECT_FALSE(gap.GoesOn(next));
  next = gap;
  next.first = next.last = 7;
  EXPECT_FALSE(gap.GoesOn(next)) << "6 is there";
}

TEST(SpoolOrderTest, AGapIsAnEventThatNamesTheNumbersAndTheReason) {
  const event::v1::Event event = ToEvent({.epoch = 7,
                                          .lane = LANE_TELEMETRY,
                                          .route = "east",
                                          .first = 3,
                                          .last = 5,
                                          .detail = "the spool was full"},
                                         "collector-1");

  EXPECT_EQ(event.gap().reason(), event::v1::Gap::REASON_SHED);
  EXPECT_EQ(event.gap().stream(), "collector-1/7/telemetry/east");
  EXPECT_EQ(event.gap().first(), 3u);
  EXPECT_EQ(event.gap().last(), 5u);
  EXPECT_EQ(event.gap().detail(), "the spool was full");
  EXPECT_EQ(event.occurrence().range().stream(), event.gap().stream());
  EXPECT_EQ(event.source().route(), "east");
}

}  // namespace
}  // namespace platen::collector::core
