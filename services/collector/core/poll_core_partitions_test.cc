// Partitions that are given, claimed by others, lost, taken.
#include <gtest/gtest.h>

#include "services/collector/core/poll_core.h"
#include "services/collector/core/poll_core_world.h"

namespace platen::collector::core {
namespace {

using event::v1::Event;

TEST_F(PollCoreTest, WhatStandsBehindTheNextClaimIsNotRestored) {
  Collector a(world_, "a", 1);
  a.GivePartition();
  a.AddDevice(device_);
  a.Settle();
  collector::v1::OwnerClaim claim;
  claim.set_term(2);
  claim.set_instance("b");
  world_.log.push_back({std::string(kOwnerKey), claim.SerializeAsString()});
  collector::v1::DeviceState late;
  late.set_term(1);
  world_.log.push_back({std::string(device_.bytes()), late.SerializeAsString()});

  Collector c(world_, "c", 2);
  c.GivePartition();
  c.AddDevice(device_);
  c.Settle();

  EXPECT_EQ(c.reads, 0) << "the device is known";
}

TEST_F(PollCoreTest, APartitionThatTheGroupLeavesToAFencedCollectorIsClaimedAgain) {
  Collector a(world_, "a", 1);
  a.GivePartition();
  a.AddDevice(device_);
  a.Settle();
  collector::v1::OwnerClaim claim;
  claim.set_term(7);
  claim.set_instance("b");
  world_.log.push_back({std::string(kOwnerKey), claim.SerializeAsString()});
  world_.printers[device_].jammed = true;

  Pass(29, a);

  EXPECT_EQ(a.core().figures().devices, 0u) << "whoever claimed it polls it";
  EXPECT_TRUE(Of(Event::kAlert).empty());

  // It has ended, and the group never took the partition away.
  Pass(120, a);

  EXPECT_EQ(a.core().figures().devices, 1u);
  ASSERT_EQ(Of(Event::kAlert).size(), 1u);
  EXPECT_EQ(Of(Event::kAlert).back().term(), 8u);
}

TEST_F(PollCoreTest, AnOwnerThatSeesAHigherTermFallsSilent) {
  Collector a(world_, "a", 1);
  a.GivePartition();
  a.AddDevice(device_);
  a.Settle();
  Collector b(world_, "b", 1);
  b.GivePartition();
  b.AddDevice(device_);
  b.Settle();
  a.Settle();
  EXPECT_EQ(a.purges, 1);
  EXPECT_EQ(a.core().figures().devices, 0u);
  // The group's word comes later.
  a.LosePartition();

  const int before = a.reads;
  world_.printers[device_].jammed = true;
  Pass(120, a, b);
  EXPECT_EQ(a.reads, before);
  EXPECT_EQ(Of(Event::kAlert).size(), 1u);
}

TEST_F(PollCoreTest, WithoutASpoolALostPartitionIsPolledNoLonger) {
  Collector a(world_, "a", 1);
  a.GivePartition();
  a.AddDevice(device_);
  a.Settle();
  a.LosePartition();
  EXPECT_EQ(a.purges, 1);

  const int before = a.reads;
  Pass(120, a);
  EXPECT_EQ(a.reads, before);
}

TEST_F(PollCoreTest, NumbersOfALostPartitionThatNobodySaysAreTold) {
  Collector a(world_, "a", 7);
  a.GivePartition();
  a.AddDevice(device_);
  a.Settle();
  const auto telemetry = [&a] {
    return a.core().numbers().acknowledged().at({event::v1::LANE_TELEMETRY, "default"});
  };
  const std::uint64_t acknowledged = telemetry();
  ASSERT_GT(acknowledged, 0u);
  a.publishing = false;
  Pass(3700, a);  // Its meters are read again.
  EXPECT_EQ(telemetry(), acknowledged);

  a.LosePartition();
  a.publishing = true;
  a.Settle();
  EXPECT_EQ(telemetry(), acknowledged) << "nobody was told yet";
  Pass(3, a);

  const std::vector<Event> gaps = Of(Event::kGap);
  ASSERT_EQ(gaps.size(), 1u);
  EXPECT_EQ(gaps[0].gap().reason(), event::v1::Gap::REASON_GIVEN_UP);
  EXPECT_EQ(gaps[0].gap().stream(), "a/7/telemetry/default");
  EXPECT_EQ(gaps[0].gap().first(), acknowledged + 1);
  EXPECT_EQ(telemetry(), gaps[0].gap().last());
}

TEST_F(PollCoreTest, WithASpoolALostPartitionIsPolledOnUntilAnotherClaimsIt) {
  Collector a(world_, "a", 1, {.outlives_session = true});
  a.GivePartition();
  a.AddDevice(device_);
  a.Settle();

  a.LosePartition();
  world_.printers[device_].jammed = true;
  Pass(61, a);

  EXPECT_EQ(Of(Event::kAlert).size(), 1u);
  EXPECT_EQ(a.core().partitions_lost(), 1u);

  Collector b(world_, "b", 1);
  b.GivePartition();
  b.AddDevice(device_);
  b.Settle();
  a.Settle();
  EXPECT_EQ(a.purges, 1);
  EXPECT_EQ(a.core().partitions_lost(), 0u);
  const int before = a.reads;
  Pass(120, a, b);
  EXPECT_EQ(a.reads, before);
  EXPECT_EQ(Ids(Event::kAlert).size(), 1u);
}

TEST_F(PollCoreTest, ALostPartitionThatIsGivenAgainGoesOnWhereItWas) {
  Collector a(world_, "a", 1, {.outlives_session = true});
  a.GivePartition();
  a.AddDevice(device_);
  a.Settle();
  a.LosePartition();
  world_.printers[device_].jammed = true;
  Pass(61, a);

  a.GivePartition();
  a.AddDevice(device_);
  Pass(61, a);
  world_.printers[device_].jammed = false;
  Pass(61, a);

  EXPECT_EQ(a.core().partitions_lost(), 0u);
  EXPECT_EQ(a.core().figures().devices, 1u);
  EXPECT_EQ(Ids(Event::kAlert).size(), 2u) << "one jam, one end";
  EXPECT_EQ(Of(Event::kAlert).back().term(), 2u);
}

TEST_F(PollCoreTest, ReleasesAPartitionWhenNothingIsOnItsWay) {
  Collector a(world_, "a", 1);
  a.GivePartition();
  a.AddDevice(device_);
  while (a.core().figures().settling == 0) a.Turn();  // What was read is on its way.
  a.TakePartition();
  EXPECT_TRUE(a.released.empty());

  a.Settle();
  EXPECT_EQ(a.released, std::vector<std::int32_t>{0});
}

TEST_F(PollCoreTest, ASlowDeviceHoldsUpNeitherAHandOverNorAStop) {
  Collector a(world_, "a", 1);
  a.GivePartition();
  a.AddDevice(device_);
  a.answering = false;
  a.Settle();
  ASSERT_EQ(a.reads, 1);
  ASSERT_FALSE(a.core().IsQuiet());

  a.TakePartition();
  a.Settle();
  EXPECT_EQ(a.released, std::vector<std::int32_t>{0});
  EXPECT_EQ(a.forgotten, 2);  // The reading, and with the partition the device.

  a.GivePartition();
  a.AddDevice(device_);
  a.Settle();
  ASSERT_FALSE(a.core().IsQuiet());
  a.Stop();
  EXPECT_TRUE(a.core().IsQuiet());
}

}  // namespace
}  // namespace platen::collector::core
