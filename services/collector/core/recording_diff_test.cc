#include "services/collector/core/recording_diff.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "services/collector/core/said.h"

namespace platen::collector::core {
namespace {

using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;
using ::testing::StartsWith;

constexpr std::string_view kAlert = "1.3.6.1.2.1.43.18.1.1.";

Said Printer(std::uint64_t ticks, std::uint64_t pages, std::int64_t toner) {
  return Said()
      .Printer(1)
      .Count("1.3.6.1.2.1.1.3.0", ticks)
      .Number("1.3.6.1.2.1.25.3.2.1.5.1", 2)
      .Number("1.3.6.1.2.1.25.3.5.1.1.1", 3)
      .Text("1.3.6.1.2.1.43.5.1.1.17.1", "X123456")
      .Number("1.3.6.1.2.1.43.10.2.1.3.1.1", 7)
      .Count("1.3.6.1.2.1.43.10.2.1.4.1.1", pages)
      .Text("1.3.6.1.2.1.43.11.1.1.6.1.1", "Black Toner")
      .Number("1.3.6.1.2.1.43.11.1.1.8.1.1", 100)
      .Number("1.3.6.1.2.1.43.11.1.1.9.1.1", toner);
}

Said& AddJam(Said& said) {
  const auto cell = [](int column) {
    return std::string(kAlert) + std::to_string(column) + ".1.7";
  };
  return said.Number(cell(2), 3)
      .Number(cell(3), 3)
      .Number(cell(4), 8)
      .Number(cell(5), 1)
      .Number(cell(6), 4)
      .Number(cell(7), 8)
      .Text(cell(8), "Jam in tray 1")
      .Count(cell(9), 100);
}

Recorded Understood(const Said& said) {
  return {.snapshot = said.Snapshot(), .rows_complete = true};
}

std::vector<std::string> Told(const Said& a, const Said& b) {
  const Recorded first = Understood(a);
  std::vector<std::string> lines;
  for (const event::v1::Event& event : EventsBetween(first, Understood(b))) {
    EXPECT_EQ(event.id().size(), 16U);
    lines.push_back(EventWords(event, first.snapshot));
  }
  return lines;
}

TEST(RecordingDiffTest, WhatHasNotChangedIsReadAgainAndSaysSo) {
  EXPECT_THAT(
      Told(Printer(1000, 50, 40), Printer(2000, 50, 40)),
      ElementsAre("counters read: nothing has changed", "supplies read: nothing has changed"));
}

TEST(RecordingDiffTest, CountersAndLevelsAreToldAsTheyMoved) {
  const auto lines = Told(Printer(1000, 1500, 40), Printer(2000, 1510, 39));

  EXPECT_THAT(lines, Contains(HasSubstr("1,500 → 1,510 (+10)")));
  EXPECT_THAT(lines, Contains(HasSubstr("Black Toner 40 % → 39 %")));
}

TEST(RecordingDiffTest, ACounterThatFellIsNoNegativeNumber) {
  EXPECT_THAT(Told(Printer(1000, 1500, 40), Printer(2000, 1499, 40)),
              Contains(HasSubstr("1,500 → 1,499 (fell by 1)")));
}

TEST(RecordingDiffTest, AnAlertIsRaisedOneWayAndEndsTheOther) {
  const Said calm = Printer(1000, 50, 40);
  Said jammed = Printer(2000, 50, 40);
  AddJam(jammed);
  Said calm_again = Printer(3000, 50, 40);

  const auto raised = Told(calm, jammed);
  const auto cleared = Told(jammed, calm_again);

  EXPECT_THAT(raised, Contains(AllOf(StartsWith("alert raised: "), HasSubstr("Jam in tray 1"))));
  EXPECT_THAT(cleared, Contains(AllOf(StartsWith("alert cleared: "), HasSubstr("Jam in tray 1"))));
}

TEST(RecordingDiffTest, AnAlarmHasTheMakersLevel) {
  Profile profile;
  profile.alert_levels = {{.level = 2}};
  Recorded before = Understood(Printer(1000, 50, 40));
  Recorded after = before;
  before.profile = after.profile = &profile;
  event::v1::AlertRow& row = *after.snapshot.add_alerts();
  row.set_index(1);
  row.set_severity(event::v1::ALERT_SEVERITY_CRITICAL);
  row.set_group(8);
  row.set_code(808);

  std::string told;
  for (const event::v1::Event& event : EventsBetween(before, after)) {
    if (event.has_alert()) told += EventWords(event, before.snapshot);
  }

  EXPECT_THAT(told, HasSubstr("can't print, level 2 (derived)"));
}

TEST(RecordingDiffTest, CountersAreJudgedByTheMakersOwnBounds) {
  Profile profile;
  profile.counters.save_step = 1;
  const auto is_rolled_back = [](const Profile* by) {
    Recorded before = Understood(Printer(1000, 1500, 40));
    Recorded after = Understood(Printer(2000, 1495, 40));
    before.profile = after.profile = by;
    for (const event::v1::Event& event : EventsBetween(before, after)) {
      if (!event.has_meter_reading()) continue;
      const auto& quality = event.meter_reading().meters(0).quality();
      return std::count(quality.begin(), quality.end(), event::v1::READING_QUALITY_ROLLED_BACK) > 0;
    }
    return false;
  };

  EXPECT_TRUE(is_rolled_back(nullptr));
  EXPECT_FALSE(is_rolled_back(&profile));
}

TEST(RecordingDiffTest, AnAlertTableThatWasNotRecordedEndsNothing) {
  Said jammed = Printer(1000, 50, 40);
  AddJam(jammed);
  Recorded later = Understood(Printer(2000, 50, 40));
  later.rows_complete = false;

  for (const event::v1::Event& event : EventsBetween(Understood(jammed), later)) {
    EXPECT_FALSE(event.has_alert());
  }
}

TEST(RecordingDiffTest, ARestartSupersedesWhatWasOpenAndIsGone) {
  Said jammed = Printer(900'000, 50, 40);
  AddJam(jammed);

  EXPECT_THAT(Told(jammed, Printer(100, 50, 40)),
              Contains(StartsWith("alert superseded (the printer has restarted)")));
}

TEST(RecordingDiffTest, AnotherNameIsAChangeOfIdentity) {
  Said other = Printer(2000, 50, 40);
  other.Text("1.3.6.1.2.1.1.5.0", "hall");

  EXPECT_THAT(Told(Printer(1000, 50, 40), other),
              Contains("identity changed: name nothing → \"hall\""));
  EXPECT_THAT(Told(other, other), Not(Contains(StartsWith("identity"))));
}

TEST(RecordingDiffTest, ASupplyThatWasReplacedIsToldByItsSerialNumberOrItsLevel) {
  const auto toner = [](std::string_view number, std::uint64_t pages, std::int64_t level) {
    return Printer(900'000, pages, level)
        .Text("1.3.6.1.2.1.43.11.1.1.6.1.2", "Black Toner, PN 006R01509;SN" + std::string(number))
        .Number("1.3.6.1.2.1.43.11.1.1.8.1.2", 100)
        .Number("1.3.6.1.2.1.43.11.1.1.9.1.2", level);
  };

  EXPECT_THAT(Told(toner("A1B2", 50, 40), toner("C3D4", 60, 40)),
              Contains(StartsWith("supply replaced, by its serial number \"A1B2\" → \"C3D4\": ")));
  EXPECT_THAT(Told(Printer(900'000, 50, 4), Printer(900'000, 60, 97)),
              Contains("supply replaced, by its level, if that stands: Black Toner 4 % → 97 %; its "
                       "yield is not known: nobody saw when the one before was put in"));
}

TEST(RecordingDiffTest, NothingReadMakesNothing) {
  EXPECT_THAT(EventsBetween({}, {}), IsEmpty());
}

}  // namespace
}  // namespace platen::collector::core
