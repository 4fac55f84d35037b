// States as they come back from Kafka when they are damaged, or another version's: whatever they
// say, the collector goes on.
#include <random>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "services/collector/core/kept_cells.h"
#include "services/collector/core/known_reading.h"
#include "services/collector/core/poll_core_world.h"

namespace platen::collector::core {
namespace {

using collector::v1::DeviceState;
using snmp::operator""_oid;
using snmp::Value;
using snmp::ValueType;

class DamagedStateTest : public PollCoreTest {
 protected:
  DamagedStateTest() {
    World::Printer& printer = world_.printers[device_];
    printer.jammed = true;
    for (const std::uint32_t column : {oids::kConfigChanges, oids::kAlertAllEvents}) {
      printer.has.emplace_back(oids::kGeneralEntry.Child({column, 1}),
                               Value::Number(ValueType::kCounter32, 3));
    }
    printer.has.push_back(
        Cell(oids::kSuppliesEntry, oids::kSupplyDescription, 1, Value::Octets("Black")));
    Collector before(world_, "a", 1);
    before.GivePartition();
    before.AddDevice(device_);
    before.Settle();
    Pass(60, before);
  }

  World::Record& LastState() {
    World::Record* last = nullptr;
    for (World::Record& record : world_.log) {
      if (record.key == std::string(device_.bytes())) last = &record;
    }
    EXPECT_NE(last, nullptr);
    return *last;
  }

  // What a successor says, in the `seconds` after it has read the state.
  void Succeed(std::uint64_t epoch, int seconds) {
    world_.events.clear();
    Collector successor(world_, "b", epoch);
    successor.GivePartition();
    successor.AddDevice(device_);
    successor.Settle();
    Pass(seconds, successor);
  }

  DeviceState Parsed() {
    DeviceState state;
    EXPECT_TRUE(state.ParseFromString(*LastState().value));
    return state;
  }
};

TEST_F(DamagedStateTest, NoBytesStopTheCollector) {
  const std::vector<World::Record> before = world_.log;
  std::mt19937_64 random(20'260'101);
  constexpr int kStates = 150;
  for (int i = 0; i < kStates; ++i) {
    world_.log = before;
    std::string& bytes = *LastState().value;
    const std::size_t changes = 1 + random() % 8;
    for (std::size_t change = 0; change < changes && !bytes.empty(); ++change) {
      bytes[random() % bytes.size()] = static_cast<char>(random());
    }
    if (random() % 4 == 0) bytes.resize(random() % (bytes.size() + 1));
    Succeed(static_cast<std::uint64_t>(i) + 2, 130);
    EXPECT_FALSE(world_.events.empty() && world_.log.size() == before.size());
  }
}

// By the cells alone, so that the record around them can be read.
TEST_F(DamagedStateTest, NoCellsStopTheCollector) {
  const std::vector<World::Record> before = world_.log;
  std::mt19937_64 random(20'260'102);
  constexpr int kStates = 100;
  for (int i = 0; i < kStates; ++i) {
    world_.log = before;
    DeviceState state = Parsed();
    ASSERT_TRUE(state.inventory().usable());
    for (std::string* bytes : {state.mutable_inventory()->mutable_cells(),
                               state.mutable_inventory()->mutable_alert_cells()}) {
      for (int change = 0; change < 3 && !bytes->empty(); ++change) {
        (*bytes)[random() % bytes->size()] = static_cast<char>(random());
      }
    }
    LastState().value = state.SerializeAsString();
    Succeed(static_cast<std::uint64_t>(i) + 2, 130);
  }
}

// A device is not asked for a hundred thousand objects because a state names them.
TEST_F(DamagedStateTest, AStateThatHoldsMoreThanIsKeptIsNotAskedBy) {
  std::vector<KeptCell> cells;
  const snmp::Oid column = oids::kMarkerEntry.Child(oids::kMarkerLifeCount);
  for (std::uint32_t row = 1; row < 100'000; ++row) {
    cells.push_back({column.Child({1, row}), Value(), true});
  }
  DeviceState state = Parsed();
  state.mutable_inventory()->set_cells(EncodeCells(cells));
  LastState().value = state.SerializeAsString();
  Collector successor(world_, "b", 2);
  successor.GivePartition();
  successor.AddDevice(device_);
  successor.Settle();
  Pass(3700, successor);

  ASSERT_FALSE(successor.plans.empty());
  for (const ReadingPlan& plan : successor.plans) EXPECT_LT(plan.scalars.size(), 1000u);
}

// The shortest name and the longest one, where alert rows are kept.
TEST_F(DamagedStateTest, CellsOfOtherTablesAreNoAlertRows) {
  snmp::Oid longest = "1.3"_oid;
  for (std::size_t arcs = 2; arcs < snmp::kMaxOidArcs; ++arcs) longest = longest.Child(1);
  const KeptCell cells[] = {{"1.3"_oid, Value::Integer(1), false},
                            {longest, Value::Integer(1), false}};
  collector::v1::Inventory inventory = Parsed().inventory();
  inventory.set_alert_cells(EncodeCells(cells));
  const KnownReading known = PlanKnownDetail(inventory, true);

  EXPECT_TRUE(known.kept_alerts.empty());
  ASSERT_EQ(known.plan.tails.size(), 1u);
  EXPECT_TRUE(known.plan.tails[0].last.empty());
}

// Kept by a version that took them to be static.
TEST_F(DamagedStateTest, ValuesThatAreNotStaticAreAskedFor) {
  const snmp::Oid count = oids::kMarkerEntry.Child({oids::kMarkerLifeCount, 1, 1});
  const KeptCell cell{count, Value::Number(ValueType::kCounter32, 999'999), false};
  collector::v1::Inventory inventory = Parsed().inventory();
  inventory.set_cells(EncodeCells({&cell, 1}));
  const KnownReading known = PlanKnown(ReadingKind::kMeters, nullptr, inventory);

  EXPECT_TRUE(known.kept.empty());
  ASSERT_EQ(known.plan.scalars.size(), 1u);
  EXPECT_EQ(known.plan.scalars[0], count);
}

}  // namespace
}  // namespace platen::collector::core
