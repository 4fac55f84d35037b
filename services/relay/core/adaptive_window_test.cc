#include "services/relay/core/adaptive_window.h"

#include <gtest/gtest.h>

namespace platen::relay::core {
namespace {

using std::chrono::milliseconds;

class AdaptiveWindowTest : public testing::Test {
 protected:
  void Accept(int count, milliseconds round_trip) {
    for (int i = 0; i < count; ++i) window_.OnAccepted(round_trip);
  }

  AdaptiveWindow window_{2};
};

TEST_F(AdaptiveWindowTest, AStreamBeginsSmallAndDoublesEachRoundTripUpToTheGatewaysLimit) {
  window_.OnStreamUp(16);
  EXPECT_EQ(window_.size(), 2u);

  Accept(2, milliseconds(20));
  EXPECT_EQ(window_.size(), 4u);
  Accept(4, milliseconds(20));
  EXPECT_EQ(window_.size(), 8u);
  Accept(100, milliseconds(20));
  EXPECT_EQ(window_.size(), 16u);
}

TEST_F(AdaptiveWindowTest, ARefusalHalvesItAndGrowthIsSlowFromThere) {
  window_.OnStreamUp(16);
  Accept(100, milliseconds(20));

  window_.OnRewound();
  EXPECT_EQ(window_.size(), 8u);
  Accept(7, milliseconds(20));
  EXPECT_EQ(window_.size(), 8u);
  Accept(1, milliseconds(20));
  EXPECT_EQ(window_.size(), 9u);
}

TEST_F(AdaptiveWindowTest, ItNeverClosesHoweverOftenItIsRefused) {
  window_.OnStreamUp(4);
  for (int i = 0; i < 10; ++i) window_.OnRewound();

  EXPECT_EQ(window_.size(), 1u);
  Accept(1, milliseconds(20));
  EXPECT_EQ(window_.size(), 2u);
}

TEST_F(AdaptiveWindowTest, RoundTripsFarAboveTheShortestShrinkItToWhereNothingQueues) {
  window_.OnStreamUp(16);
  Accept(100, milliseconds(50));
  // A path that carries five batches a round trip: what is more waits.
  for (int i = 0; i < 200; ++i) {
    window_.OnAccepted(window_.size() > 5 ? milliseconds(300) : milliseconds(50));
  }

  EXPECT_GE(window_.size(), 5u);
  EXPECT_LE(window_.size(), 6u);
}

TEST_F(AdaptiveWindowTest, ALongPathIsNotAQueue) {
  window_.OnStreamUp(16);
  Accept(100, milliseconds(700));

  EXPECT_EQ(window_.size(), 16u);
}

TEST_F(AdaptiveWindowTest, TheGatewayMayShrinkItAndLetItGrowAgain) {
  window_.OnStreamUp(8);
  Accept(100, milliseconds(20));

  window_.OnLimit(3);
  EXPECT_EQ(window_.size(), 3u);
  Accept(100, milliseconds(20));
  EXPECT_EQ(window_.size(), 3u);
  window_.OnLimit(8);
  Accept(100, milliseconds(20));
  EXPECT_EQ(window_.size(), 8u);
}

TEST_F(AdaptiveWindowTest, ANewStreamBeginsAnew) {
  window_.OnStreamUp(8);
  Accept(100, milliseconds(20));
  window_.OnStreamUp(8);

  EXPECT_EQ(window_.size(), 2u);
}

}  // namespace
}  // namespace platen::relay::core
