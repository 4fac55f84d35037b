#include "services/gateway/core/alert_projection.h"

#include <gtest/gtest.h>

#include "services/gateway/test_events.h"

namespace platen::gateway::core {
namespace {

namespace ev = platen::event::v1;

AlertReport Report(ev::AlertTransition transition, std::int64_t time_ms, std::uint64_t term = 1) {
  return {.alert_id = "jam/1", .transition = transition, .time_ms = time_ms, .term = term};
}

constexpr auto kRaised = ev::ALERT_TRANSITION_RAISED;
constexpr auto kChanged = ev::ALERT_TRANSITION_CHANGED;
constexpr auto kEnded = ev::ALERT_TRANSITION_ENDED;

TEST(AlertProjectionTest, ARaiseOpensAndAnEndCloses) {
  const auto open = Project(std::nullopt, 0, Report(kRaised, 100));
  ASSERT_TRUE(open.has_value());
  EXPECT_TRUE(open->open);
  EXPECT_EQ(open->raise_ms, 100);

  const auto closed = Project(open, 1, Report(kEnded, 200));
  ASSERT_TRUE(closed.has_value());
  EXPECT_FALSE(closed->open);
  EXPECT_EQ(closed->raise_ms, 100);
  EXPECT_EQ(closed->end_ms, 200);
}

TEST(AlertProjectionTest, AChangeKeepsItOpenAndItsBeginning) {
  const auto open = Project(std::nullopt, 0, Report(kRaised, 100));
  const auto changed = Project(open, 1, Report(kChanged, 150));

  ASSERT_TRUE(changed.has_value());
  EXPECT_TRUE(changed->open);
  EXPECT_EQ(changed->raise_ms, 100);
}

TEST(AlertProjectionTest, AnEndThatOvertakesItsRaiseLeavesTheAlertClosed) {
  const auto closed = Project(std::nullopt, 0, Report(kEnded, 200));
  ASSERT_TRUE(closed.has_value());
  EXPECT_FALSE(closed->open);

  EXPECT_FALSE(Project(closed, 1, Report(kRaised, 100)).has_value());
  EXPECT_FALSE(Project(closed, 1, Report(kChanged, 300)).has_value());
}

TEST(AlertProjectionTest, ARaiseAfterTheEndOpensItAgain) {
  const auto closed = Project(std::nullopt, 0, Report(kEnded, 200));

  const auto again = Project(closed, 1, Report(kRaised, 300));

  ASSERT_TRUE(again.has_value());
  EXPECT_TRUE(again->open);
  EXPECT_FALSE(again->ended);
  EXPECT_EQ(again->raise_ms, 300);
  EXPECT_EQ(again->end_ms, 0);
}

TEST(AlertProjectionTest, ALowerTermIsIgnored) {
  const auto open = Project(std::nullopt, 5, Report(kRaised, 100, 5));

  EXPECT_FALSE(Project(open, 5, Report(kEnded, 200, 4)).has_value());
  EXPECT_TRUE(Project(open, 5, Report(kEnded, 200, 6)).has_value());
  EXPECT_TRUE(Project(open, 5, Report(kEnded, 200, 0)).has_value()) << "pushed facts have no term";
}

TEST(AlertProjectionTest, WhatAnAlertNeedsIsChecked) {
  testing::EventMaker maker;
  ev::Alert alert = maker.Jam(testing::Device(1), 1, kEnded).alert();
  EXPECT_EQ(CheckAlert(alert), "");

  alert.clear_end();
  EXPECT_NE(CheckAlert(alert), "");
}

}  // namespace
}  // namespace platen::gateway::core
