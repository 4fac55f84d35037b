#include "services/gateway/core/device_projection.h"

#include <cstdint>
#include <limits>

#include <gtest/gtest.h>

#include "services/gateway/test_events.h"

namespace platen::gateway::core {
namespace {

namespace ev = platen::event::v1;
using Fleet = platen::fleet::v1::Device;
using testing::Device;

ev::Meter Total(std::uint64_t value, std::uint32_t marker = 0) {
  testing::EventMaker maker;
  ev::Meter meter = maker.Meters(Device(1), 1, value).meter_reading().meters(0);
  meter.mutable_kind()->set_marker(marker);
  return meter;
}

TEST(DeviceProjectionTest, TheDevicesOwnTotalWinsOverAMarkers) {
  ev::MeterReading reading;
  *reading.add_meters() = Total(900, 1);
  EXPECT_EQ(TotalImpressions(reading.meters()), 900U);

  *reading.add_meters() = Total(500);
  EXPECT_EQ(TotalImpressions(reading.meters()), 500U);
}

TEST(DeviceProjectionTest, ATotalThatMayNotBeChargedLeavesTheLastOneInPlace) {
  ev::MeterReading reading;
  *reading.add_meters() = Total(12);
  for (const ev::ReadingQuality quality : {ev::READING_QUALITY_IMPLAUSIBLE,
                                           ev::READING_QUALITY_ROLLED_BACK,
                                           ev::READING_QUALITY_WRAPPED,
                                           ev::READING_QUALITY_EPOCH_PROPOSED}) {
    reading.mutable_meters(0)->clear_quality();
    reading.mutable_meters(0)->add_quality(quality);
    EXPECT_EQ(TotalImpressions(reading.meters()), std::nullopt) << quality;
  }
  reading.mutable_meters(0)->clear_quality();
  reading.mutable_meters(0)->add_quality(ev::READING_QUALITY_ASLEEP);
  EXPECT_EQ(TotalImpressions(reading.meters()), 12U);
}

TEST(DeviceProjectionTest, LevelsThatArePlainlyMadeUpLeaveTheLastOnesInPlace) {
  ev::Event event;
  event.mutable_supply_reading()->add_supplies();
  event.mutable_supply_reading()->add_quality(ev::READING_QUALITY_ASLEEP);
  EXPECT_TRUE(ReportDevice(event)->supplies.has_value());
  event.mutable_supply_reading()->add_quality(ev::READING_QUALITY_IMPLAUSIBLE);
  EXPECT_FALSE(ReportDevice(event)->supplies.has_value());
  EXPECT_TRUE(ReportDevice(event)->answered);
}

TEST(DeviceProjectionTest, OtherMetersAreNoTotal) {
  ev::MeterReading reading;
  *reading.add_meters() = Total(900);
  reading.mutable_meters(0)->mutable_kind()->set_colour(ev::COLOUR_CLASS_COLOUR);
  EXPECT_EQ(TotalImpressions(reading.meters()), std::nullopt);
}

TEST(DeviceProjectionTest, LowIsWhatTheDeviceCallsLowOrBelowTenPercent) {
  ev::Supply supply;
  supply.mutable_level()->set_state(ev::Level::STATE_LOW_UNSPECIFIED);
  EXPECT_TRUE(IsLow(supply));

  supply.mutable_level()->set_state(ev::Level::STATE_AT_LEAST_SOME);
  EXPECT_FALSE(IsLow(supply));

  supply.mutable_level()->set_state(ev::Level::STATE_EXACT);
  EXPECT_FALSE(IsLow(supply)) << "no percent is known";
  supply.mutable_level()->set_percent(9.5);
  EXPECT_TRUE(IsLow(supply));
}

TEST(DeviceProjectionTest, AStateIsTheWorstThatHolds) {
  DeviceFacts facts;
  EXPECT_EQ(StateOf(facts), Fleet::STATE_PENDING);
  facts.heard = true;
  EXPECT_EQ(StateOf(facts), Fleet::STATE_OK);
  facts.reachability = ev::REACHABILITY_ASLEEP;
  EXPECT_EQ(StateOf(facts), Fleet::STATE_ASLEEP);
  facts.open_alerts = 1;
  EXPECT_EQ(StateOf(facts), Fleet::STATE_ALERT);
  facts.reachability = ev::REACHABILITY_UNREACHABLE;
  EXPECT_EQ(StateOf(facts), Fleet::STATE_UNREACHABLE);
}

TEST(DeviceProjectionTest, ASnapshotSpeaksOfAllParts) {
  ev::Event event;
  ev::DeviceSnapshot& snapshot = *event.mutable_device_snapshot();
  snapshot.mutable_identity()->set_serial_number("S1");
  snapshot.mutable_status()->set_reachability(ev::REACHABILITY_ASLEEP);
  *snapshot.add_meters() = Total(77);
  snapshot.add_supplies()->mutable_level()->set_state(ev::Level::STATE_LOW_UNSPECIFIED);

  const auto report = ReportDevice(event);

  ASSERT_TRUE(report.has_value());
  EXPECT_EQ(report->identity->serial_number, "S1");
  EXPECT_EQ(report->status, ev::REACHABILITY_ASLEEP);
  EXPECT_EQ(report->meters->total_impressions, 77U);
  EXPECT_EQ(report->supplies->low, 1);
}

TEST(DeviceProjectionTest, SilenceIsNoAnswerOfTheDevice) {
  testing::EventMaker maker;
  EXPECT_FALSE(ReportDevice(maker.Status(Device(1), 1, ev::REACHABILITY_UNREACHABLE))->answered);
  EXPECT_TRUE(ReportDevice(maker.Status(Device(1), 2, ev::REACHABILITY_REACHABLE))->answered);
}

TEST(DeviceProjectionTest, ATimeOfNoCalendarIsTheNearestThatThereIs) {
  google::protobuf::Timestamp time;
  time.set_seconds(std::numeric_limits<std::int64_t>::max());
  time.set_nanos(-1);
  EXPECT_GT(TimestampMillis(time), 253402300799'000);
  time.set_seconds(std::numeric_limits<std::int64_t>::min());
  EXPECT_LT(TimestampMillis(time), -62135596800'000);
  time.set_seconds(-1);
  time.set_nanos(500'000'000);
  EXPECT_EQ(TimestampMillis(time), -500);
}

TEST(DeviceProjectionTest, OnlyBillingMetersStandForTheDevice) {
  testing::EventMaker maker;
  ev::Event event = maker.Meters(Device(1), 1, 5);
  event.mutable_meter_reading()->set_set(ev::METER_SET_DETAILED);
  EXPECT_FALSE(ReportDevice(event)->meters.has_value());
}

}  // namespace
}  // namespace platen::gateway::core
