#include "tools/fleetsim/device.h"

#include <gtest/gtest.h>

namespace platen::fleetsim {
namespace {

using std::chrono::minutes;
using std::chrono::seconds;

constexpr base::MonotonicTime kStart{std::chrono::hours(1)};

class DeviceTest : public testing::Test {
 protected:
  const PrinterModel model_{"test", snmp::ReadRecording("1.3.6.1.2.1.1.3.0|67|5000\n"), {}};
  Device device_{0, model_, kStart};
};

TEST_F(DeviceTest, PrintsAtItsRateUnlessItCannot) {
  device_.SetPrintRate(kStart, 10);
  EXPECT_EQ(device_.pages(kStart + minutes(3)), 30u);

  device_.Raise(kStart + minutes(3), Condition::kJam, 1);
  EXPECT_EQ(device_.pages(kStart + minutes(9)), 30u);

  device_.Clear(kStart + minutes(9), Condition::kJam, std::nullopt);
  EXPECT_EQ(device_.pages(kStart + minutes(10)), 40u);

  device_.Sleep(kStart + minutes(10), true);
  EXPECT_EQ(device_.pages(kStart + minutes(20)), 40u);
}

TEST_F(DeviceTest, GoesOnPrintingThroughAWarning) {
  device_.SetPrintRate(kStart, 10);
  device_.Raise(kStart, Condition::kTonerLow, 1);

  EXPECT_EQ(device_.pages(kStart + minutes(1)), 10u);
}

TEST_F(DeviceTest, NumbersAlertsAndCountsEvents) {
  EXPECT_TRUE(device_.Raise(kStart, Condition::kJam, 1));
  EXPECT_FALSE(device_.Raise(kStart, Condition::kJam, 1));
  EXPECT_TRUE(device_.Raise(kStart + seconds(1), Condition::kTonerLow, 2));
  EXPECT_EQ(device_.Clear(kStart, Condition::kJam, std::nullopt), 1u);
  device_.Raise(kStart + seconds(2), Condition::kJam, 1);

  ASSERT_EQ(device_.alerts().size(), 2u);
  EXPECT_EQ(device_.alerts()[0].index, 2u);
  EXPECT_EQ(device_.alerts()[1].index, 3u);
  EXPECT_EQ(device_.alerts()[1].ticks, 5000u + 200);
  EXPECT_EQ(device_.all_events(), 3u);  // Clearing takes none back.
  EXPECT_EQ(device_.critical_events(), 2u);
  EXPECT_EQ(device_.foremost()->condition, Condition::kJam);
}

TEST_F(DeviceTest, FindsItsTroubleAgainAfterAReboot) {
  device_.Raise(kStart, Condition::kTonerLow, 2);
  device_.Raise(kStart, Condition::kJam, 1);
  device_.Clear(kStart, Condition::kTonerLow, std::nullopt);

  device_.Reboot(kStart + minutes(1));

  EXPECT_TRUE(device_.IsBooting(kStart + minutes(1)));
  EXPECT_FALSE(device_.IsBooting(kStart + minutes(2)));
  EXPECT_EQ(device_.uptime_ticks(kStart + minutes(2)), 6000u);
  ASSERT_EQ(device_.alerts().size(), 1u);
  EXPECT_EQ(device_.alerts()[0].index, 1u);
  EXPECT_EQ(device_.alerts()[0].ticks, 0u);
  EXPECT_EQ(device_.all_events(), 1u);
}

TEST_F(DeviceTest, StaysSmall) {
  EXPECT_LE(sizeof(Device), 160u);
}

}  // namespace
}  // namespace platen::fleetsim
