// Readings that ask for what a device is known to have, seen from outside: what is asked, and what
// is said.
#include "services/collector/core/question.h"

#include <gtest/gtest.h>

#include "services/collector/core/inventory.h"
#include "services/collector/core/poll_core_world.h"

namespace platen::collector::core {
namespace {

using event::v1::Event;
using snmp::operator""_oid;
using snmp::Value;
using snmp::ValueType;

class QuestionTest : public PollCoreTest {
 protected:
  QuestionTest() {
    AddSupply(1, "Black", 80);
    AddSupply(2, "Waste", 30);
    Has(General(oids::kConfigChanges), Value::Number(ValueType::kCounter32, 7));
    Has(General(oids::kAlertAllEvents), Value::Number(ValueType::kCounter32, 3));
  }

  static snmp::Oid General(std::uint32_t column) { return oids::kGeneralEntry.Child({column, 1}); }

  static snmp::Oid Supply(std::uint32_t column, std::uint32_t row) {
    return oids::kSuppliesEntry.Child({column, 1, row});
  }

  World::Printer& printer() { return world_.printers[device_]; }

  void Has(const snmp::Oid& name, Value value) {
    std::erase_if(printer().has, [&name](const snmp::Varbind& each) { return each.name == name; });
    printer().has.emplace_back(name, std::move(value));
  }

  void AddSupply(std::uint32_t row, std::string_view description, int level) {
    Has(Supply(oids::kSupplyDescription, row), Value::Octets(description));
    Has(Supply(oids::kSupplyUnit, row), Value::Integer(19));
    Has(Supply(oids::kSupplyCapacity, row), Value::Integer(100));
    Has(Supply(oids::kSupplyLevel, row), Value::Integer(level));
  }

  void AddAlert(std::uint32_t row, int code, std::uint64_t time) {
    const auto cell = [row](std::uint32_t column) {
      return oids::kAlertEntry.Child({column, 1, row});
    };
    Has(cell(oids::kAlertSeverity), Value::Integer(3));
    Has(cell(oids::kAlertGroup), Value::Integer(8));
    Has(cell(oids::kAlertGroupIndex), Value::Integer(static_cast<int>(row)));
    Has(cell(oids::kAlertCode), Value::Integer(code));
    Has(cell(oids::kAlertTime), Value::Number(ValueType::kTimeTicks, time));
  }

  void Start(Collector& collector) {
    collector.GivePartition();
    collector.AddDevice(device_);
    collector.Settle();
    collector.plans.clear();
  }

  // Plans that ask for any of a column.
  static int Walks(const Collector& collector, const snmp::Oid& subtree) {
    return static_cast<int>(std::count_if(
        collector.plans.begin(), collector.plans.end(), [&subtree](const ReadingPlan& plan) {
          return std::find(plan.subtrees.begin(), plan.subtrees.end(), subtree) !=
                 plan.subtrees.end();
        }));
  }

  static int Asks(const Collector& collector, const snmp::Oid& name) {
    return static_cast<int>(std::count_if(
        collector.plans.begin(), collector.plans.end(), [&name](const ReadingPlan& plan) {
          return std::find(plan.scalars.begin(), plan.scalars.end(), name) != plan.scalars.end();
        }));
  }

  static int Fulls(const Collector& collector) {
    return Walks(collector, oids::kHrDeviceEntry.Child(oids::kHrDeviceStatus));
  }

  const event::v1::SupplyReading& LastSupplies() {
    last_ = Of(Event::kSupplyReading).back();
    return last_.supply_reading();
  }

  Event last_;
};

TEST_F(QuestionTest, AsksForLevelsAloneOnceItKnowsTheSupplies) {
  Collector a(world_, "a", 1);
  Start(a);
  Has(Supply(oids::kSupplyLevel, 1), Value::Integer(70));
  Pass(3600, a);

  EXPECT_EQ(Fulls(a), 0);
  EXPECT_EQ(Walks(a, oids::kSuppliesEntry.Child(oids::kSupplyLevel)), 0);
  EXPECT_EQ(Asks(a, Supply(oids::kSupplyLevel, 1)), 1);
  EXPECT_EQ(Asks(a, Supply(oids::kSupplyDescription, 1)), 0);
  ASSERT_EQ(Of(Event::kSupplyReading).size(), 2u);
  ASSERT_EQ(LastSupplies().supplies_size(), 2);
  EXPECT_EQ(LastSupplies().supplies(0).description(), "Black");
  EXPECT_EQ(LastSupplies().supplies(0).level().percent(), 70.0);
  EXPECT_EQ(LastSupplies().quality(0), event::v1::READING_QUALITY_GOOD);
}

// An agent as JetDirect is: supplies in a context of its own, which the profile names.
class ContextTest : public PollCoreTest {
 protected:
  ContextTest() {
    Profile profile;
    profile.name = "own";
    profile.match.sys_object_ids = {"1.3.6.1.4.1.99999"_oid};
    profile.quirks.context = "Own";
    profiles_ = ProfileSet({profile});
    printer().lacks = {oids::kSuppliesEntry};
  }

  World::Printer& printer() { return world_.printers[device_]; }

  static std::vector<snmp::Varbind> Black(int level) {
    return {Cell(oids::kSuppliesEntry, oids::kSupplyDescription, 1, Value::Octets("Black")),
            Cell(oids::kSuppliesEntry, oids::kSupplyUnit, 1, Value::Integer(19)),
            Cell(oids::kSuppliesEntry, oids::kSupplyLevel, 1, Value::Integer(level))};
  }

  void Start(Collector& collector) {
    collector.core().SetProfiles(profiles_);
    collector.GivePartition();
    collector.AddDevice(device_);
    Pass(5, collector);
  }

  ProfileSet profiles_;
};

TEST_F(ContextTest, ReadsSuppliesWhereTheProfileSaysTheyAre) {
  printer().in_context = Black(80);
  Collector a(world_, "a", 1);
  Start(a);
  printer().in_context = Black(70);
  Pass(3600, a);

  const auto readings = Of(Event::kSupplyReading);
  ASSERT_EQ(readings.size(), 2u);
  EXPECT_EQ(readings[0].supply_reading().supplies(0).level().percent(), 80.0);
  ASSERT_EQ(readings[1].supply_reading().supplies_size(), 1);
  EXPECT_EQ(readings[1].supply_reading().supplies(0).level().percent(), 70.0);
  EXPECT_EQ(Of(Event::kMeterReading).size(), 2u);
}

TEST_F(ContextTest, AnAgentThatKnowsNoContextsIsReadAsCompletelyAsAnother) {
  Collector a(world_, "a", 1);
  Start(a);

  ASSERT_EQ(Of(Event::kMeterReading).size(), 1u);
  EXPECT_EQ(Of(Event::kMeterReading)[0].meter_reading().meters(0).quality(0),
            event::v1::READING_QUALITY_GOOD);
  EXPECT_TRUE(Of(Event::kSupplyReading).empty());
}

TEST_F(ContextTest, IsNotAskedWhereSuppliesAreInTheDefaultOne) {
  printer().lacks.clear();
  printer().in_context = Black(80);
  Collector a(world_, "a", 1);
  Start(a);

  for (const ReadingPlan& plan : a.plans) EXPECT_EQ(plan.context, "");
}

TEST_F(QuestionTest, AsksForCountersByName) {
  Collector a(world_, "a", 1);
  Start(a);
  Pass(3600, a);

  EXPECT_EQ(Walks(a, oids::kMarkerEntry.Child(oids::kMarkerCounterUnit)), 0);
  EXPECT_EQ(Asks(a, oids::kMarkerEntry.Child({oids::kMarkerCounterUnit, 1, 1})), 0);
  ASSERT_EQ(Of(Event::kMeterReading).size(), 2u);
  const event::v1::Meter meter = Of(Event::kMeterReading)[1].meter_reading().meters(0);
  EXPECT_EQ(meter.value(), 4711u);
  EXPECT_EQ(meter.kind().unit(), event::v1::METER_UNIT_IMPRESSIONS);
}

TEST_F(QuestionTest, ReadsIdentityByNameEverySixHoursAndEverythingOnceADay) {
  Collector a(world_, "a", 1);
  Start(a);
  Pass(24 * 3600, a);

  EXPECT_EQ(Fulls(a), 1);
  // And who answers with each hourly reading of counters and of levels.
  EXPECT_NEAR(Asks(a, General(oids::kSerialNumber)), 4 + 2 * 24, 2);
  EXPECT_EQ(Of(Event::kIdentityReport).size(), 1u);
}

TEST_F(QuestionTest, SaysWhenTheDeviceHasAnotherNameBetweenFullReadings) {
  Collector a(world_, "a", 1);
  Start(a);
  Has(oids::kSysDescr, Value::Octets("Printer, firmware 2"));
  Pass(6 * 3600, a);

  EXPECT_EQ(Of(Event::kIdentityReport).size(), 2u);
}

TEST_F(QuestionTest, ReadsEverythingAnewWhereARowIsGone) {
  Collector a(world_, "a", 1);
  Start(a);
  printer().lacks = {Supply(oids::kSupplyLevel, 2),
                     Supply(oids::kSupplyDescription, 2),
                     Supply(oids::kSupplyUnit, 2),
                     Supply(oids::kSupplyCapacity, 2)};
  Pass(3600, a);

  EXPECT_EQ(Fulls(a), 1);
  ASSERT_EQ(LastSupplies().supplies_size(), 1);
  EXPECT_EQ(LastSupplies().supplies(0).description(), "Black");
}

TEST_F(QuestionTest, ReadsEverythingAnewWhereThereIsARowMore) {
  Collector a(world_, "a", 1);
  Start(a);
  AddSupply(5, "Staples", 50);
  Pass(3600, a);

  EXPECT_EQ(Fulls(a), 1);
  ASSERT_EQ(LastSupplies().supplies_size(), 3);
  EXPECT_EQ(LastSupplies().supplies(2).description(), "Staples");
}

// What it says of itself is that of the cartridge before.
TEST_F(QuestionTest, ReadsEverythingAnewWhereALevelHasRisen) {
  Collector a(world_, "a", 1);
  Start(a);
  AddSupply(1, "Black, serial 2", 100);
  Pass(3600, a);

  EXPECT_EQ(Fulls(a), 1);
  EXPECT_EQ(LastSupplies().supplies(0).description(), "Black, serial 2");

  // As much as a level may waver.
  a.plans.clear();
  Has(Supply(oids::kSupplyLevel, 2), Value::Integer(31));
  Pass(3600, a);
  EXPECT_EQ(Fulls(a), 0);
}

TEST_F(QuestionTest, ReadsEverythingAnewWhenTheConfigurationChangesButNotAllTheTime) {
  Collector a(world_, "a", 1);
  Start(a);
  Pass(3700, a);
  a.plans.clear();
  Has(General(oids::kConfigChanges), Value::Number(ValueType::kCounter32, 8));
  Pass(61, a);
  EXPECT_EQ(Fulls(a), 1);

  for (std::uint64_t changes = 9; changes < 29; ++changes) {
    Has(General(oids::kConfigChanges), Value::Number(ValueType::kCounter32, changes));
    Pass(61, a);
  }
  EXPECT_EQ(Fulls(a), 1);
  Pass(3600, a);
  EXPECT_EQ(Fulls(a), 2);
}

TEST_F(QuestionTest, ReadsEverythingAnewAfterAReboot) {
  Collector a(world_, "a", 1);
  Start(a);
  Pass(3700, a);
  a.plans.clear();
  printer().uptime_ticks = 50;
  Pass(61, a);

  EXPECT_EQ(Fulls(a), 1);
}

TEST_F(QuestionTest, CountersOfAnotherPrinterAtTheAddressAreNotBooked) {
  Has(General(oids::kSerialNumber), Value::Octets("A0000001"));
  Collector a(world_, "a", 1);
  Start(a);
  Pass(3700, a);
  ASSERT_EQ(Of(Event::kMeterReading).size(), 2u);
  Has(General(oids::kSerialNumber), Value::Octets("B0000002"));
  Pass(3600, a);

  ASSERT_EQ(Of(Event::kOtherDevice).size(), 1u);
  EXPECT_EQ(Of(Event::kOtherDevice)[0].other_device().found().serial_number(), "B0000002");
  EXPECT_EQ(Of(Event::kMeterReading).size(), 2u);
}

// As Ricoh's: the serial number is in an object of the maker's own.
TEST_F(QuestionTest, CountersOfAnotherPrinterAreNotBookedWhereTheMakerHasItsOwnSerialNumber) {
  const snmp::Oid serial = "1.3.6.1.4.1.99999.1.0"_oid;
  Profile profile;
  profile.name = "acme";
  profile.match.sys_object_ids = {"1.3.6.1.4.1.99999"_oid};
  profile.identity.push_back({IdentityField::kSerial, {.oid = serial}});
  const ProfileSet profiles({profile});
  printer().lacks = {General(oids::kSerialNumber)};
  Has(serial, Value::Octets("A0000001"));
  Collector a(world_, "a", 1);
  a.core().SetProfiles(profiles);
  Start(a);
  Pass(3700, a);
  ASSERT_EQ(Of(Event::kMeterReading).size(), 2u);
  Has(serial, Value::Octets("B0000002"));
  Pass(3600, a);

  EXPECT_EQ(Of(Event::kOtherDevice).size(), 1u);
  EXPECT_EQ(Of(Event::kMeterReading).size(), 2u);
}

TEST_F(QuestionTest, ReadsEverythingAnewByAnotherProfile) {
  Profile profile;
  profile.name = "acme";
  profile.match.sys_object_ids = {"1.3.6.1.4.1.99999"_oid};
  MeterRule rule;
  rule.name = "total";
  rule.where = ScalarMeter{"1.3.6.1.4.1.99999.7.0"_oid, {}};
  profile.meters = {rule};
  Has("1.3.6.1.4.1.99999.7.0"_oid, Value::Number(ValueType::kCounter32, 99));
  const ProfileSet profiles({profile});
  Collector a(world_, "a", 1);
  a.core().SetProfiles(profiles);
  Start(a);
  profile.version = 2;
  const ProfileSet second({profile});
  a.core().SetProfiles(second);
  Pass(3601, a);

  EXPECT_EQ(Fulls(a), 1);
  EXPECT_EQ(Of(Event::kMeterReading).back().meter_reading().profile(), "acme@2");
  EXPECT_GE(Asks(a, "1.3.6.1.4.1.99999.7.0"_oid), 1);
}

TEST_F(QuestionTest, ASuccessorKnowsWhatTheDeviceHas) {
  {
    Collector a(world_, "a", 1);
    Start(a);
  }
  Collector b(world_, "b", 2);
  Start(b);
  Pass(3600, b);

  EXPECT_EQ(Fulls(b), 0);
  EXPECT_EQ(Asks(b, Supply(oids::kSupplyLevel, 1)), 1);
}

// An agent that walks over what it does not give by name.
TEST_F(QuestionTest, WalksADeviceThatIsNeverAsItWasKnown) {
  Collector a(world_, "a", 1);
  Start(a);
  for (std::uint32_t hour = 0; hour < 8; ++hour) {
    AddSupply(10 + hour, "One more", 50);
    Pass(3600, a);
  }

  EXPECT_LE(Fulls(a), 4);
  EXPECT_EQ(LastSupplies().supplies_size(), 10);
}

// Its level says nothing of how full it is beside the one before.
TEST_F(QuestionTest, ReadsEverythingAnewWhereALevelIsNoNumberAnyMore) {
  Collector a(world_, "a", 1);
  Start(a);
  AddSupply(1, "Black, of another maker", -2);
  Pass(3600, a);

  EXPECT_EQ(Fulls(a), 1);
  EXPECT_EQ(LastSupplies().supplies(0).description(), "Black, of another maker");
}

// Rows of a counters' table that change places under labels that are known.
TEST_F(QuestionTest, ReadsEverythingAnewWhereACounterDoesNotGoOn) {
  const snmp::Oid types = "1.3.6.1.4.1.99999.5.2"_oid;
  const snmp::Oid values = "1.3.6.1.4.1.99999.5.9"_oid;
  Profile profile;
  profile.name = "acme";
  profile.match.sys_object_ids = {"1.3.6.1.4.1.99999"_oid};
  for (const auto function : {event::v1::METER_FUNCTION_COPY, event::v1::METER_FUNCTION_PRINT}) {
    MeterRule rule;
    rule.name = event::v1::MeterFunction_Name(function);
    rule.kind.set_function(function);
    rule.kind.set_unit(event::v1::METER_UNIT_IMPRESSIONS);
    rule.where = TypedRow{types, values, static_cast<std::int64_t>(function)};
    profile.meters.push_back(rule);
  }
  const ProfileSet profiles({profile});
  const auto place = [&](std::uint32_t row, event::v1::MeterFunction function, std::uint64_t is) {
    Has(types.Child(row), Value::Integer(function));
    Has(values.Child(row), Value::Number(ValueType::kCounter32, is));
  };
  place(1, event::v1::METER_FUNCTION_COPY, 5000);
  place(2, event::v1::METER_FUNCTION_PRINT, 5037);
  Collector a(world_, "a", 1);
  a.core().SetProfiles(profiles);
  Start(a);
  place(1, event::v1::METER_FUNCTION_PRINT, 5037);
  place(2, event::v1::METER_FUNCTION_COPY, 5000);
  Pass(3600, a);

  EXPECT_EQ(Fulls(a), 1);
  const Event last = Of(Event::kMeterReading).back();
  ASSERT_EQ(Of(Event::kMeterReading).size(), 2u);
  for (const event::v1::Meter& meter : last.meter_reading().meters()) {
    if (meter.kind().function() == event::v1::METER_FUNCTION_COPY) {
      EXPECT_EQ(meter.value(), 5000u);
    } else if (meter.kind().function() == event::v1::METER_FUNCTION_PRINT) {
      EXPECT_EQ(meter.value(), 5037u);
    }
  }
}

TEST_F(QuestionTest, KeepsNoLevelsThatGrowBeyondWhatIsKept) {
  const auto says = [this](std::size_t length) {
    Has(Supply(oids::kSupplyLevel, 1), Value::Octets(std::string(length, 'x')));
  };
  says(10);
  Collector a(world_, "a", 1);
  Start(a);
  says(8000);
  Pass(3600, a);

  collector::v1::DeviceState state;
  ASSERT_TRUE(state.ParseFromString(world_.log.back().value.value_or("")));
  EXPECT_LE(state.inventory().cells().size(), kInventoryBytesMax);
  EXPECT_FALSE(state.inventory().usable());
}

TEST_F(QuestionTest, WalksADeviceThatHasMoreThanIsKept) {
  for (std::uint32_t row = 10; row < 200; ++row) AddSupply(row, "A supply with a long name", 50);
  Collector a(world_, "a", 1);
  Start(a);
  Pass(3600, a);

  EXPECT_EQ(Fulls(a), 0);
  EXPECT_EQ(Walks(a, oids::kSuppliesEntry.Child(oids::kSupplyLevel)), 1);
  EXPECT_EQ(LastSupplies().supplies_size(), 192);
}

TEST_F(QuestionTest, DoesNotAskInAStatusPollForWhatTheDeviceLacks) {
  Collector a(world_, "a", 1);
  Start(a);
  Pass(61, a);

  ASSERT_EQ(a.plans.size(), 1u);
  EXPECT_EQ(Asks(a, General(oids::kAlertAllEvents)), 1);
  EXPECT_EQ(Asks(a, General(oids::kAlertCriticalEvents)), 0);
}

TEST_F(QuestionTest, AsksForOneCellOfAnAlertThatGoesOn) {
  AddAlert(4, 8, 90'000);
  AddAlert(7, 13, 91'000);
  Collector a(world_, "a", 1);
  Start(a);
  ASSERT_EQ(Ids(Event::kAlert).size(), 2u);
  Pass(300, a);

  EXPECT_EQ(Walks(a, oids::kAlertEntry.Child(oids::kAlertCode)), 0);
  EXPECT_EQ(Asks(a, oids::kAlertEntry.Child({oids::kAlertTime, 1, 4})), 5);
  EXPECT_EQ(Asks(a, oids::kAlertEntry.Child({oids::kAlertCode, 1, 4})), 0);
  EXPECT_EQ(Of(Event::kAlert).size(), 2u);
}

TEST_F(QuestionTest, SeesThatAnAlertIsGoneThoughTheCounterOfAlertsStands) {
  AddAlert(4, 8, 90'000);
  Collector a(world_, "a", 1);
  Start(a);
  Pass(61, a);
  printer().lacks = {oids::kAlertEntry};
  Pass(61, a);

  ASSERT_EQ(Of(Event::kAlert).size(), 2u);
  EXPECT_EQ(Of(Event::kAlert)[1].alert().end(), event::v1::ALERT_END_CLEARED);
}

TEST_F(QuestionTest, SeesAnotherAlertBesideOneThatGoesOnAlsoWhereNoneIsCounted) {
  AddAlert(4, 8, 90'000);
  Collector a(world_, "a", 1);
  Start(a);
  Pass(61, a);
  AddAlert(5, 13, 95'000);
  Pass(61, a);
  EXPECT_EQ(Ids(Event::kAlert).size(), 2u);

  // In the place of one that was there.
  AddAlert(4, 801, 96'000);
  Pass(61, a);
  EXPECT_EQ(Of(Event::kAlert).back().alert().code(), 801);
}

}  // namespace
}  // namespace platen::collector::core
