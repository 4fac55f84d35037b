// What devices that don't answer cost: themselves a question an interval, and others nothing.
#include <gtest/gtest.h>

#include "services/collector/core/poll_core_world.h"

namespace platen::collector::core {
namespace {

using event::v1::Event;

class DeadDevicesTest : public PollCoreTest {
 protected:
  base::DeviceId Add(Collector& collector, World::Printer printer) {
    const base::DeviceId id = base::NewDeviceId();
    world_.printers[id] = std::move(printer);
    collector.AddDevice(id);
    return id;
  }
};

TEST_F(DeadDevicesTest, OnesThatWereNeverHeardHoldUpNoFirstReading) {
  FleetPollerOptions options;
  options.first_readings_max = 1;
  Collector a(world_, "a", 1, options);
  a.GivePartition();
  for (int i = 0; i < 10; ++i) Add(a, {.hangs = true});
  const base::DeviceId alive = Add(a, {});
  a.Settle();

  ASSERT_EQ(Of(Event::kMeterReading).size(), 1u);
  EXPECT_EQ(Of(Event::kMeterReading)[0].device_id(), alive.bytes());
}

TEST_F(DeadDevicesTest, OneThatIsKnownToBeSilentIsAskedOnceAndChangesNothing) {
  Collector a(world_, "a", 1);
  a.GivePartition();
  a.AddDevice(device_);
  a.Settle();
  world_.printers[device_].silent = true;
  Pass(5 * 60, a);
  ASSERT_EQ(Of(Event::kAlert).size(), 1u) << "it does not answer";
  EXPECT_TRUE(a.once);
  const std::size_t written = world_.log.size();
  const int asked = a.reads;

  Pass(30 * 60, a);
  EXPECT_EQ(world_.log.size(), written);
  EXPECT_GE(a.reads, asked + 30);
  EXPECT_LE(a.reads, asked + 35) << "counters and levels are asked for as well";

  world_.printers[device_].silent = false;
  Pass(61, a);
  ASSERT_EQ(Of(Event::kAlert).size(), 2u);
  EXPECT_EQ(Of(Event::kAlert)[1].alert().end(), event::v1::ALERT_END_CLEARED);
  Pass(61, a);
  EXPECT_FALSE(a.once);
}

TEST_F(DeadDevicesTest, ANewOneThatComesToLifeIsReadInFull) {
  world_.printers[device_].silent = true;
  Collector a(world_, "a", 1);
  a.GivePartition();
  a.AddDevice(device_);
  Pass(10 * 60, a);
  ASSERT_TRUE(Of(Event::kMeterReading).empty());
  for (const ReadingPlan& plan : a.plans) EXPECT_TRUE(plan.subtrees.empty()) << "a knock";

  world_.printers[device_].silent = false;
  Pass(61, a);
  EXPECT_EQ(Of(Event::kMeterReading).size(), 1u);
}

// A fleet that catches up after an outage is spread as its polls are.
TEST_F(DeadDevicesTest, WhatWasMissedIsReadWithTheNextPoll) {
  {
    Collector a(world_, "a", 1);
    a.GivePartition();
    a.AddDevice(device_);
    a.Settle();
  }
  world_.clock.Advance(std::chrono::hours(5));
  world_.printers[device_].uptime_ticks += 5 * 360'000;
  Collector b(world_, "b", 1);
  b.GivePartition();
  b.AddDevice(device_);
  b.Settle();
  const std::size_t before = Of(Event::kMeterReading).size();

  Pass(61, b);
  EXPECT_EQ(Of(Event::kMeterReading).size(), before + 1);
}

}  // namespace
}  // namespace platen::collector::core
