#include "services/relay/route_breaker.h"

#include <gtest/gtest.h>

namespace platen::relay {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;
using State = RouteBreaker::State;

constexpr base::MonotonicTime kNow{seconds(100)};

class RouteBreakerTest : public testing::Test {
 protected:
  RouteBreakerTest()
      : breaker_({.backoff = {.first = seconds(1), .max = seconds(10), .jitter = 0}}) {}

  bool MayOpen(const int& stream, base::MonotonicTime now) {
    return breaker_.Ask(&stream, now) <= now;
  }

  void FailAll(base::MonotonicTime now) {
    for (const int* const stream : {&alerts_, &telemetry_, &logs_}) breaker_.OnDown(stream, now);
  }

  RouteBreaker breaker_;
  int alerts_ = 0;
  int telemetry_ = 0;
  int logs_ = 0;
};

TEST_F(RouteBreakerTest, SomeFailuresInARowLeaveOneStreamToTry) {
  EXPECT_TRUE(MayOpen(alerts_, kNow));
  FailAll(kNow);

  EXPECT_EQ(breaker_.state(), State::kOpen);
  EXPECT_EQ(breaker_.opened(), 1u);
  EXPECT_FALSE(MayOpen(alerts_, kNow));
  EXPECT_FALSE(MayOpen(logs_, kNow + milliseconds(999)));
  EXPECT_TRUE(MayOpen(logs_, kNow + seconds(1)));
  EXPECT_EQ(breaker_.state(), State::kProbing);
  EXPECT_FALSE(MayOpen(alerts_, kNow + seconds(5))) << "one at a time";
}

TEST_F(RouteBreakerTest, TheTryThatComesUpLetsAllComeAndOneThatFailsWaitsLonger) {
  FailAll(kNow);
  ASSERT_TRUE(MayOpen(logs_, kNow + seconds(1)));

  breaker_.OnDown(&logs_, kNow + seconds(1));

  EXPECT_FALSE(MayOpen(alerts_, kNow + milliseconds(2999)));
  ASSERT_TRUE(MayOpen(alerts_, kNow + seconds(3)));
  breaker_.OnUp(&alerts_);
  EXPECT_EQ(breaker_.state(), State::kClosed);
  EXPECT_TRUE(MayOpen(logs_, kNow + seconds(3)));
  EXPECT_TRUE(MayOpen(telemetry_, kNow + seconds(3)));
  EXPECT_EQ(breaker_.opened(), 1u);
}

TEST_F(RouteBreakerTest, OneLaneThatIsRefusedDoesNotHoldUpTheOthers) {
  breaker_.OnUp(&alerts_);

  for (int i = 0; i < 10; ++i) breaker_.OnDown(&logs_, kNow);

  EXPECT_EQ(breaker_.state(), State::kClosed);
}

TEST_F(RouteBreakerTest, AStreamThatEndsAfterItWasUpIsNoFailure) {
  for (const int* const stream : {&alerts_, &telemetry_, &logs_}) breaker_.OnUp(stream);

  FailAll(kNow);

  EXPECT_EQ(breaker_.state(), State::kClosed);
}

TEST_F(RouteBreakerTest, WhoeverLeavesInTheMiddleOfATryLeavesItToAnother) {
  FailAll(kNow);
  ASSERT_TRUE(MayOpen(logs_, kNow + seconds(1)));

  breaker_.Leave(&logs_, kNow + seconds(1));

  EXPECT_TRUE(MayOpen(alerts_, kNow + seconds(1)));
}

}  // namespace
}  // namespace platen::relay
