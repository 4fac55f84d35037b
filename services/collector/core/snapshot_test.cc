#include "services/collector/core/snapshot.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "services/collector/core/said.h"

namespace platen::collector::core {
namespace {

using event::v1::Level;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

constexpr std::string_view kErrorState = "1.3.6.1.2.1.25.3.5.1.2.1";

std::vector<int> BitsOf(std::string_view bytes) {
  const auto snapshot = Said().Printer(1).Text(kErrorState, bytes).Snapshot();
  return {snapshot.status().error_states().begin(), snapshot.status().error_states().end()};
}

TEST(SnapshotTest, ErrorBitsCountFromTheMostSignificant) {
  EXPECT_THAT(BitsOf("\x80"), ElementsAre(event::v1::ERROR_STATE_LOW_PAPER));
  EXPECT_THAT(BitsOf("\x04\x04"),
              ElementsAre(event::v1::ERROR_STATE_JAMMED, event::v1::ERROR_STATE_INPUT_TRAY_EMPTY));
  EXPECT_THAT(BitsOf(std::string("\x00\x02", 2)),
              ElementsAre(event::v1::ERROR_STATE_OVERDUE_PREVENTIVE_MAINTENANCE));
}

TEST(SnapshotTest, AnErrorByteThatLooksLikeABlankIsLowToner) {
  EXPECT_THAT(BitsOf(" "), ElementsAre(event::v1::ERROR_STATE_LOW_TONER));
}

TEST(SnapshotTest, AnEmptyErrorStateMeansNoBits) {
  const auto snapshot = Said().Printer(1).Text(kErrorState, "").Snapshot();

  EXPECT_TRUE(snapshot.status().has_error_state_raw());
  EXPECT_THAT(snapshot.status().error_states(), IsEmpty());
  EXPECT_EQ(WhyMissing(snapshot, "status.error_states"), "");
}

TEST(SnapshotTest, AnAbsentErrorStateIsListedAsUnavailable) {
  const auto snapshot = Said().Printer(1).Snapshot();

  EXPECT_FALSE(snapshot.status().has_error_state_raw());
  EXPECT_THAT(WhyMissing(snapshot, "status.error_states"), HasSubstr("offers no"));
}

TEST(SnapshotTest, ThePrinterIsFoundAmongOtherDevices) {
  const auto snapshot = Said()
                            .Id("1.3.6.1.2.1.25.3.2.1.2.1", "1.3.6.1.2.1.25.3.1.3")
                            .Text("1.3.6.1.2.1.25.3.2.1.3.1", "ARM 5261876")
                            .Printer(4)
                            .Text("1.3.6.1.2.1.25.3.2.1.3.4", "Laser 9")
                            .Number("1.3.6.1.2.1.25.3.2.1.5.4", 3)
                            .Snapshot();

  EXPECT_THAT(snapshot.printer_device_indexes(), ElementsAre(4));
  EXPECT_EQ(snapshot.identity().model(), "Laser 9");
  EXPECT_EQ(snapshot.status().device_status(), event::v1::DEVICE_STATUS_WARNING);
}

TEST(SnapshotTest, RowsOfADeviceThatIsNotListedStillCount) {
  const auto snapshot = Said()
                            .Text("1.3.6.1.2.1.43.11.1.1.6.0.1", "black ink")
                            .Number("1.3.6.1.2.1.43.11.1.1.9.0.1", 20)
                            .Snapshot();

  ASSERT_EQ(snapshot.supplies_size(), 1);
  EXPECT_EQ(snapshot.supplies(0).device_index(), 0U);
  EXPECT_EQ(snapshot.supplies(0).description(), "black ink");
  EXPECT_THAT(snapshot.printer_device_indexes(), IsEmpty());
}

TEST(SnapshotTest, AnIndexWithoutDeviceIsTheRowsOwn) {
  const auto snapshot = Said().Number("1.3.6.1.2.1.43.11.1.1.9.1", 55).Snapshot();

  ASSERT_EQ(snapshot.supplies_size(), 1);
  EXPECT_EQ(snapshot.supplies(0).index(), 1U);
  EXPECT_EQ(snapshot.supplies(0).level().value(), 55);
}

TEST(SnapshotTest, HardwareAddressesLeaveOutLoopbackEmptyAndRepeatedOnes) {
  const auto snapshot = Said()
                            .Number("1.3.6.1.2.1.2.2.1.3.1", 24)
                            .Text("1.3.6.1.2.1.2.2.1.6.1", "\x01\x02\x03\x04\x05\x06")
                            .Text("1.3.6.1.2.1.2.2.1.6.2", "\xac\xa8\x8e\x25\x69\x6c")
                            .Text("1.3.6.1.2.1.2.2.1.6.3", std::string(6, '\0'))
                            .Text("1.3.6.1.2.1.2.2.1.6.4", "")
                            .Text("1.3.6.1.2.1.2.2.1.6.5", "\xac\xa8\x8e\x25\x69\x6c")
                            .Snapshot();

  EXPECT_THAT(snapshot.identity().mac_addresses(), ElementsAre("ac:a8:8e:25:69:6c"));
}

TEST(SnapshotTest, ALifeCountOfAnyIntegerTypeIsAMeter) {
  const auto snapshot = Said()
                            .Number("1.3.6.1.2.1.43.10.2.1.3.1.1", 7)
                            .Number("1.3.6.1.2.1.43.10.2.1.4.1.1", 15232)
                            .Snapshot();

  ASSERT_EQ(snapshot.meters_size(), 1);
  EXPECT_EQ(snapshot.meters(0).value(), 15232U);
  EXPECT_EQ(snapshot.meters(0).kind().function(), event::v1::METER_FUNCTION_TOTAL);
  EXPECT_EQ(snapshot.meters(0).kind().unit(), event::v1::METER_UNIT_IMPRESSIONS);
  EXPECT_EQ(snapshot.meters(0).source(), event::v1::METER_SOURCE_STANDARD);
  EXPECT_EQ(snapshot.meters(0).oid(), "1.3.6.1.2.1.43.10.2.1.4.1.1");
}

TEST(SnapshotTest, ALifeCountWithoutUnitSaysSo) {
  const auto snapshot = Said().Count("1.3.6.1.2.1.43.10.2.1.4.1.1", 333).Snapshot();

  EXPECT_EQ(snapshot.meters(0).kind().unit(), event::v1::METER_UNIT_OTHER);
  EXPECT_THAT(WhyMissing(snapshot, "meters.total.unit"), HasSubstr("does not say"));
}

TEST(SnapshotTest, NumbersInADescriptionIdentifyTheCartridgeAndStayInPlace) {
  const auto snapshot =
      Said()
          .Text("1.3.6.1.2.1.43.11.1.1.6.1.1", "Black Toner, PN 006R01509;SN48178080E0000481")
          .Text("1.3.6.1.2.1.43.11.1.1.6.1.2", "Fuser, PN unknown;SNunknown")
          .Text("1.3.6.1.2.1.43.11.1.1.6.1.3", "Black Toner S/N:CRUM-16021100001")
          .Snapshot();

  EXPECT_EQ(snapshot.supplies(0).description(), "Black Toner, PN 006R01509;SN48178080E0000481");
  EXPECT_EQ(snapshot.supplies(0).part_number(), "006R01509");
  EXPECT_EQ(snapshot.supplies(0).serial_number(), "48178080E0000481");
  EXPECT_EQ(snapshot.supplies(1).part_number(), "");
  EXPECT_EQ(snapshot.supplies(1).serial_number(), "");
  EXPECT_EQ(snapshot.supplies(2).serial_number(), "CRUM-16021100001");
}

TEST(SnapshotTest, AColorantIsNamedByItsTable) {
  const auto snapshot = Said()
                            .Number("1.3.6.1.2.1.43.11.1.1.3.1.1", 2)
                            .Number("1.3.6.1.2.1.43.11.1.1.3.1.2", 0)
                            .Text("1.3.6.1.2.1.43.12.1.1.4.1.2", "Magenta")
                            .Snapshot();

  EXPECT_EQ(snapshot.supplies(0).colorant(), "magenta");
  EXPECT_EQ(snapshot.supplies(1).colorant(), "");
}

TEST(SnapshotTest, AFinishersStaplesAreASupplyOfTheFinisher) {
  const auto snapshot = Said()
                            .Number("1.3.6.1.2.1.43.11.1.1.9.1.1", 80)
                            .Number("1.3.6.1.2.1.43.30.1.1.2.1.2", 2)
                            .Number("1.3.6.1.2.1.43.30.1.1.9.1.2", 19)
                            .Text("1.3.6.1.2.1.43.30.1.1.10.1.2", "Finisher A")
                            .Number("1.3.6.1.2.1.43.31.1.1.2.1.1", 2)
                            .Number("1.3.6.1.2.1.43.31.1.1.4.1.1", 32)
                            .Number("1.3.6.1.2.1.43.31.1.1.7.1.1", 5000)
                            .Number("1.3.6.1.2.1.43.31.1.1.8.1.1", -3)
                            .Snapshot();

  ASSERT_EQ(snapshot.supplies_size(), 2);
  EXPECT_FALSE(snapshot.supplies(0).has_finisher());
  EXPECT_EQ(snapshot.supplies(1).finisher(), 2U);
  EXPECT_EQ(snapshot.supplies(1).index(), 1U);
  EXPECT_EQ(snapshot.supplies(1).type(), event::v1::SUPPLY_TYPE_STAPLES);
  EXPECT_EQ(snapshot.supplies(1).level().state(), event::v1::Level::STATE_AT_LEAST_SOME);
  EXPECT_FALSE(snapshot.supplies(1).level().has_percent());
  ASSERT_EQ(snapshot.finishers_size(), 1);
  EXPECT_EQ(snapshot.finishers(0).type(), 2);
  EXPECT_EQ(snapshot.finishers(0).status(), 19);
  EXPECT_EQ(snapshot.finishers(0).description(), "Finisher A");
}

TEST(SnapshotTest, AnUptimeThatNoTimeTicksCanHoldIsNone) {
  constexpr std::uint64_t kWrap = 1ULL << 32;
  EXPECT_TRUE(Said().Count("1.3.6.1.2.1.1.3.0", kWrap - 1).Snapshot().status().has_uptime_ticks());
  EXPECT_FALSE(Said().Count("1.3.6.1.2.1.1.3.0", kWrap).Snapshot().status().has_uptime_ticks());
}

TEST(SnapshotTest, ALevelSentUnsignedIsTheNegativeNumberItStandsFor) {
  const auto snapshot = Said().Count("1.3.6.1.2.1.43.11.1.1.9.1.1", 4294967293U).Snapshot();

  EXPECT_EQ(snapshot.supplies(0).level().state(), Level::STATE_AT_LEAST_SOME);
}

TEST(SnapshotTest, ColumnsThatAlertRowsLackAreTheMibsOwnWordsForIt) {
  const auto snapshot = Said()
                            .Number("1.3.6.1.2.1.43.18.1.1.2.1.1855", 5)
                            .Number("1.3.6.1.2.1.43.18.1.1.7.1.1855", 501)
                            .Text("1.3.6.1.2.1.43.18.1.1.8.1.1855", "Lower lever")
                            .Snapshot();

  ASSERT_EQ(snapshot.alerts_size(), 1);
  EXPECT_EQ(snapshot.alerts(0).index(), 1855);
  EXPECT_EQ(snapshot.alerts(0).severity(), event::v1::ALERT_SEVERITY_WARNING_BINARY);
  EXPECT_EQ(snapshot.alerts(0).code(), 501);
  EXPECT_EQ(snapshot.alerts(0).group_index(), -1);
  EXPECT_EQ(snapshot.alerts(0).location(), -2);
  EXPECT_FALSE(snapshot.alerts(0).has_time_ticks());
}

TEST(SnapshotTest, AnEmptyAlertTableIsGoodNewsOnlyWhereAlertsAreCounted) {
  EXPECT_NE(WhyMissing(Said().Printer(1).Snapshot(), "alerts"), "");
  EXPECT_EQ(
      WhyMissing(Said().Printer(1).Count("1.3.6.1.2.1.43.5.1.1.19.1", 0).Snapshot(), "alerts"), "");
}

TEST(SnapshotTest, TextIsDecodedByTheCurrentLocalization) {
  const auto snapshot = Said()
                            .Printer(1)
                            .Number("1.3.6.1.2.1.43.5.1.1.2.1", 2)
                            .Number("1.3.6.1.2.1.43.7.1.1.4.1.1", 2004)
                            .Number("1.3.6.1.2.1.43.7.1.1.4.1.2", 5)
                            .Text("1.3.6.1.2.1.43.16.5.1.2.1.1",
                                  "OSZCZ\xca"
                                  "DZANIE   ")
                            .Snapshot();

  EXPECT_THAT(snapshot.status().console_lines(), ElementsAre("OSZCZĘDZANIE"));
}

TEST(SnapshotTest, ExceptionsAreNotValues) {
  const auto snapshot =
      Said()
          .Nothing("1.3.6.1.2.1.43.11.1.1.9.1.1", snmp::ValueType::kNoSuchInstance)
          .Nothing("1.3.6.1.2.1.1.1.0", snmp::ValueType::kNoSuchObject)
          .Snapshot();

  EXPECT_EQ(snapshot.supplies_size(), 0);
  EXPECT_EQ(snapshot.identity().sys_descr(), "");
}

TEST(SnapshotTest, WhatIsMissingHasAReason) {
  const auto snapshot = Said().Text("1.3.6.1.2.1.1.1.0", "Some printer").Snapshot();

  EXPECT_EQ(WhyMissing(snapshot, "serial"), "no standard value and no profile for this model");
  EXPECT_NE(WhyMissing(snapshot, "model"), "");
  EXPECT_NE(WhyMissing(snapshot, "meters.total"), "");
  EXPECT_NE(WhyMissing(snapshot, "supplies"), "");
}

TEST(SnapshotTest, OnlyThePartsAskedForAreReadAndMissed) {
  const auto sorted = Said().Printer(1).Text(kErrorState, "\x04").Sorted();

  const auto snapshot = MakeSnapshot({.readings = sorted, .parts = Part::kStatus});

  EXPECT_EQ(snapshot.status().error_states_size(), 1);
  EXPECT_EQ(WhyMissing(snapshot, "serial"), "");
  EXPECT_EQ(WhyMissing(snapshot, "supplies"), "");
}

TEST(SnapshotTest, EveryValueCanBeTracedToItsOidAndRule) {
  Trace trace;

  Said().Printer(1).Text("1.3.6.1.2.1.43.5.1.1.17.1", "X1").Snapshot(nullptr, &trace);

  bool found = false;
  for (const TraceEntry& entry : trace.entries()) {
    if (entry.field != "identity.serial_number") continue;
    found = true;
    EXPECT_EQ(entry.oid, "1.3.6.1.2.1.43.5.1.1.17.1");
    EXPECT_EQ(entry.rule, "printer-mib/prtGeneralSerialNumber");
  }
  EXPECT_TRUE(found);
}

TEST(SnapshotTest, ATableOfAThousandsOfRowsIsCutAndSaysSo) {
  Said said;
  for (int i = 1; i <= 600; ++i) {
    said.Number("1.3.6.1.2.1.43.11.1.1.9.1." + std::to_string(i), 1);
  }

  const auto snapshot = said.Snapshot();

  EXPECT_EQ(snapshot.supplies_size(), 512);
  EXPECT_THAT(WhyMissing(snapshot, "supplies"), HasSubstr("left out"));
}

TEST(SnapshotTest, SeveralMarkersAreSeveralMeters) {
  const auto snapshot = Said()
                            .Number("1.3.6.1.2.1.43.10.2.1.3.1.1", 7)
                            .Count("1.3.6.1.2.1.43.10.2.1.4.1.1", 100)
                            .Number("1.3.6.1.2.1.43.10.2.1.3.1.2", 8)
                            .Count("1.3.6.1.2.1.43.10.2.1.4.1.2", 60)
                            .Snapshot();

  ASSERT_EQ(snapshot.meters_size(), 2);
  EXPECT_EQ(snapshot.meters(0).kind().marker(), 1u);
  EXPECT_EQ(snapshot.meters(1).kind().marker(), 2u);
  EXPECT_EQ(snapshot.meters(1).kind().unit(), event::v1::METER_UNIT_SHEETS);
}

}  // namespace
}  // namespace platen::collector::core
