#include "services/collector/core/numbers.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace platen::collector::core {
namespace {

using event::v1::Event;
using event::v1::Gap;

class NumbersTest : public ::testing::Test {
 protected:
  static NumberGiven Telemetry(std::uint64_t number) {
    return {event::v1::LANE_TELEMETRY, "default", 7, number};
  }

  void Give(std::uint64_t first, std::uint64_t last) {
    for (std::uint64_t number = first; number <= last; ++number) {
      Event event;
      event.set_lane(event::v1::LANE_TELEMETRY);
      event.mutable_source()->set_route("default");
      event.mutable_source()->set_epoch(7);
      event.mutable_source()->set_sequence(number);
      numbers_.OnGiven(event);
    }
  }

  std::uint64_t Acknowledged() const {
    return numbers_.acknowledged().at({event::v1::LANE_TELEMETRY, "default"});
  }

  Numbers numbers_;
};

TEST_F(NumbersTest, OnlyWhatIsAcknowledgedWithoutAHoleCounts) {
  Give(1, 4);
  EXPECT_EQ(Acknowledged(), 0u);

  numbers_.OnAcknowledged(Telemetry(1));
  numbers_.OnAcknowledged(Telemetry(3));
  EXPECT_EQ(Acknowledged(), 1u);

  numbers_.OnAcknowledged(Telemetry(2));
  EXPECT_EQ(Acknowledged(), 3u);
}

TEST_F(NumbersTest, WhatIsGivenUpIsOpenUntilItIsTold) {
  Give(1, 5);
  numbers_.OnAcknowledged(Telemetry(1));
  numbers_.OnAcknowledged(Telemetry(5));
  for (const std::uint64_t number : {4, 2, 3}) {
    numbers_.OnGivenUp(Telemetry(number), GivenUp::kHandedOver);
  }

  const std::vector<SpoolGap> gaps = numbers_.TakeGaps(10);

  ASSERT_EQ(gaps.size(), 1u);
  EXPECT_EQ(gaps[0].reason, Gap::REASON_GIVEN_UP);
  EXPECT_EQ(gaps[0].first, 2u);
  EXPECT_EQ(gaps[0].last, 4u);
  EXPECT_EQ(gaps[0].epoch, 7u);
  EXPECT_FALSE(numbers_.HasUntold());
  EXPECT_EQ(Acknowledged(), 1u);
  numbers_.OnTold(gaps[0]);
  EXPECT_EQ(Acknowledged(), 5u);
}

TEST_F(NumbersTest, WhatKafkaRefusedIsAnotherGap) {
  Give(1, 3);
  numbers_.OnGivenUp(Telemetry(1), GivenUp::kHandedOver);
  numbers_.OnGivenUp(Telemetry(2), GivenUp::kRefused);
  numbers_.OnGivenUp(Telemetry(3), GivenUp::kHandedOver);

  const std::vector<SpoolGap> first = numbers_.TakeGaps(2);
  const std::vector<SpoolGap> rest = numbers_.TakeGaps(2);

  ASSERT_EQ(first.size(), 2u);
  EXPECT_EQ(first[0].reason, Gap::REASON_GIVEN_UP);
  EXPECT_EQ(first[1].reason, Gap::REASON_SHED);
  ASSERT_EQ(rest.size(), 1u);
  EXPECT_EQ(rest[0].first, 3u);
}

TEST_F(NumbersTest, BeyondItsBoundNothingWaitsToBeTold) {
  const std::uint64_t most = Numbers::kUntoldMax + 1;
  Give(1, most);
  for (std::uint64_t number = 1; number <= most; ++number) {
    numbers_.OnGivenUp(Telemetry(number), GivenUp::kHandedOver);
  }

  const std::vector<SpoolGap> gaps = numbers_.TakeGaps(1);

  EXPECT_EQ(gaps[0].last, most - 1);
  EXPECT_EQ(numbers_.given_up(), most);
}

}  // namespace
}  // namespace platen::collector::core
