// Notifications make the poller look sooner, and nothing else.
#include <gtest/gtest.h>

#include "services/collector/core/poll_core_world.h"

namespace platen::collector::core {
namespace {

using event::v1::Event;

class NotificationTest : public PollCoreTest {
 protected:
  static FleetPollerOptions Options(std::uint32_t polls_per_second = 500) {
    FleetPollerOptions options;
    options.takes_notifications = true;
    options.notified_polls_per_second = polls_per_second;
    return options;
  }

  void Start(Collector& collector) {
    collector.GivePartition();
    collector.AddDevice(device_);
    Pass(5, collector);
  }

  snmp::Endpoint AgentOf(const base::DeviceId& id) {
    return *snmp::Endpoint::Parse(world_.AddressOf(id), 40'000);
  }

  void Notify(Collector& collector,
              const std::vector<snmp::Endpoint>& agents,
              const std::vector<DeviceSlot>& devices = {}) {
    Notify(collector, SenderClues{.agents = agents, .devices = devices});
  }

  void Notify(Collector& collector, const SenderClues& clues) {
    collector.core().OnNotification(world_.now(), clues);
    collector.Turn();  // Its reading begins.
    collector.Settle();
  }
};

TEST_F(NotificationTest, ADeviceIsPolledAtOnceWhenItsAgentNotifies) {
  Collector a(world_, "a", 1, Options());
  Start(a);
  world_.printers[device_].jammed = true;
  a.Settle();
  ASSERT_TRUE(Of(Event::kAlert).empty()) << "its slot is not there yet";

  Notify(a, {AgentOf(device_)});

  EXPECT_EQ(Of(Event::kAlert).size(), 1u);
  EXPECT_EQ(a.core().figures().notified, 1u);
}

TEST_F(NotificationTest, WhatIsSaidIsNeverAFact) {
  Collector a(world_, "a", 1, Options());
  Start(a);
  const std::size_t events = world_.events.size();
  const int reads = a.reads;

  Notify(a, {AgentOf(device_)});

  EXPECT_EQ(a.reads, reads + 1);
  EXPECT_EQ(world_.events.size(), events);
}

TEST_F(NotificationTest, AStormIsAPollASecond) {
  Collector a(world_, "a", 1, Options());
  Start(a);
  const int reads = a.reads;
  for (int i = 0; i < 100; ++i) {
    Notify(a, {AgentOf(device_)});
    Notify(a, {AgentOf(device_)});
    world_.clock.Advance(std::chrono::milliseconds(50));
    a.Settle();
  }

  EXPECT_GE(a.reads, reads + 4);
  EXPECT_LE(a.reads, reads + 6);
  EXPECT_GT(a.core().figures().notified_again, 150u);
}

TEST_F(NotificationTest, WhatIsSaidDuringAReadingIsLookedForAfterIt) {
  Collector a(world_, "a", 1, Options());
  Start(a);
  const int reads = a.reads;
  a.core().OnNotification(world_.now(), {.agents = {AgentOf(device_)}});
  a.Turn();
  ASSERT_EQ(a.reads, reads + 1);
  a.core().OnNotification(world_.now(), {.agents = {AgentOf(device_)}});
  a.Settle();
  world_.clock.Advance(std::chrono::seconds(1));
  a.Turn();

  EXPECT_EQ(a.reads, reads + 2);
  EXPECT_EQ(a.core().figures().notified, 2u);
}

TEST_F(NotificationTest, TheDevicesOwnSlotStaysWhereItWas) {
  Collector a(world_, "a", 1, Options());
  Start(a);
  const auto next = a.core().next();
  Notify(a, {AgentOf(device_)});

  EXPECT_EQ(a.core().next(), next);
}

TEST_F(NotificationTest, StrangersAreCounted) {
  Collector a(world_, "a", 1, Options());
  Start(a);
  const int reads = a.reads;
  Notify(a, {snmp::Endpoint::V4(0xc6336401, 162)});
  EXPECT_EQ(a.core().figures().notified_by_strangers, 1u);
  EXPECT_EQ(a.reads, reads);

  // Behind a stranger's address, as a proxy's, the agent may name its own.
  Notify(a, {snmp::Endpoint::V4(0xc6336401, 162), AgentOf(device_)});
  EXPECT_EQ(a.core().figures().notified_by_strangers, 1u);
  EXPECT_EQ(a.reads, reads + 1);

  a.RemoveDevice(device_);
  a.Settle();
  Notify(a, {AgentOf(device_)});
  EXPECT_EQ(a.core().figures().notified_by_strangers, 2u);
}

TEST_F(NotificationTest, WhoIsKnownOtherwiseIsPolledWhereverItComesFrom) {
  Collector a(world_, "a", 1, Options());
  Start(a);
  const int reads = a.reads;
  const DeviceSlot first = 0;

  Notify(a, {snmp::Endpoint::V4(0xc6336401, 162)}, {first});
  EXPECT_EQ(a.reads, reads + 1);
  EXPECT_EQ(a.core().figures().notified_by_strangers, 0u);

  // By its address as well: it is one notification.
  world_.clock.Advance(std::chrono::seconds(2));
  Notify(a, {AgentOf(device_), AgentOf(device_)}, {first});
  EXPECT_EQ(a.reads, reads + 2);
  EXPECT_EQ(a.core().figures().notified_again, 0u);
}

TEST_F(NotificationTest, WhoSaysItsSerialNumberIsPolledBehindAddressTranslation) {
  Collector a(world_, "a", 1, Options());
  Start(a);
  const int reads = a.reads;
  const SenderClues clues{.agents = {snmp::Endpoint::V4(0xc6336401, 162)},
                          .texts = {device_.ToHex()}};

  Notify(a, clues);
  EXPECT_EQ(a.reads, reads + 1);
  EXPECT_EQ(a.core().figures().notified_by_strangers, 0u);

  // A storm of them is what any storm is.
  for (int i = 0; i < 100; ++i) Notify(a, clues);
  EXPECT_EQ(a.reads, reads + 1);

  // Another collector's, from now on.
  a.RemoveDevice(device_);
  a.Settle();
  Notify(a, clues);
  EXPECT_EQ(a.core().figures().notified_by_strangers, 1u);
}

TEST_F(NotificationTest, ASuccessorKnowsSerialNumbersBeforeItHasReadThem) {
  {
    Collector a(world_, "a", 1, Options());
    Start(a);
  }
  Collector b(world_, "b", 2, Options());
  b.GivePartition();
  b.AddDevice(device_);
  b.Settle();
  const int reads = b.reads;
  Notify(b, {.agents = {snmp::Endpoint::V4(0xc6336401, 162)}, .texts = {device_.ToHex()}});
  EXPECT_EQ(b.reads, reads + 1);
}

TEST_F(NotificationTest, ManyDevicesTogetherAreLimited) {
  Collector a(world_, "a", 1, Options(2));
  Start(a);
  std::vector<snmp::Endpoint> agents = {AgentOf(device_)};
  for (const std::string number : {"2", "3", "4"}) {
    const base::DeviceId id = *base::DeviceId::FromBytes("device number 0" + number);
    world_.printers[id] = {};
    a.AddDevice(id);
    agents.push_back(AgentOf(id));
  }
  Pass(120, a);
  const int reads = a.reads;

  Notify(a, agents);

  EXPECT_EQ(a.reads, reads + 2);
  EXPECT_EQ(a.core().figures().notified_limited, 2u);
}

}  // namespace
}  // namespace platen::collector::core
