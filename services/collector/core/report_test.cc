#include "services/collector/core/report.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "services/collector/core/said.h"

namespace platen::collector::core {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

Said Printer() {
  return Said()
      .Printer(1)
      .Text("1.3.6.1.2.1.25.3.2.1.3.1", "Laser 9")
      .Number("1.3.6.1.2.1.25.3.5.1.1.1", 3)
      .Text("1.3.6.1.2.1.25.3.5.1.2.1", "\x04")
      .Text("1.3.6.1.2.1.43.11.1.1.6.1.1", "Black Toner")
      .Number("1.3.6.1.2.1.43.11.1.1.8.1.1", 100)
      .Number("1.3.6.1.2.1.43.11.1.1.9.1.1", 50)
      .Text("1.3.6.1.2.1.43.11.1.1.6.1.2", "Waste Box")
      .Number("1.3.6.1.2.1.43.11.1.1.9.1.2", -3)
      .Number("1.3.6.1.2.1.43.10.2.1.3.1.1", 7)
      .Count("1.3.6.1.2.1.43.10.2.1.4.1.1", 15232);
}

TEST(ReportTest, ExactLevelsHaveBarsAndOthersHaveWords) {
  const std::string page = Report(Printer().Snapshot(), {.unicode = true});

  EXPECT_THAT(page, HasSubstr("Black Toner  ██████████░░░░░░░░░░  50 %"));
  EXPECT_THAT(page, HasSubstr("Waste Box    ╌╌                    some left"));
  EXPECT_THAT(page, HasSubstr("paper jam, idle"));
  EXPECT_THAT(page, HasSubstr("15,232 impressions"));
  EXPECT_THAT(page, HasSubstr("Not available: serial, no standard value and no profile"));
}

TEST(ReportTest, WhatSpeaksAgainstTheReadingIsSaid) {
  EXPECT_THAT(Report(Printer().Snapshot(), {}), HasSubstr("Read with care: it is jammed."));
  const std::string asleep = Report(Said()
                                        .Printer(1)
                                        .Number("1.3.6.1.2.1.1.3.0", 3000)
                                        .Number("1.3.6.1.2.1.25.3.2.1.5.1", 2)
                                        .Number("1.3.6.1.2.1.25.3.5.1.1.1", 1)
                                        .Text("1.3.6.1.2.1.25.3.5.1.2.1", "")
                                        .Snapshot(),
                                    {});
  EXPECT_THAT(asleep, HasSubstr("Read with care: the printer is asleep, it has just started."));
  EXPECT_THAT(Report(Said().Printer(1).Snapshot(), {}), Not(HasSubstr("with care")));
}

TEST(ReportTest, AnAlarmHasTheMakersLevelWhereItsProfileHasOne) {
  Profile acme;
  acme.name = "acme";
  acme.version = 3;
  acme.alert_levels = {{.level = 2}};
  const ProfileSet profiles({acme});
  event::v1::DeviceSnapshot snapshot;
  event::v1::AlertRow& row = *snapshot.add_alerts();
  row.set_severity(event::v1::ALERT_SEVERITY_CRITICAL);
  row.set_group(8);
  row.set_code(808);

  EXPECT_THAT(Report(snapshot, {}, &profiles), Not(HasSubstr("level")));
  snapshot.set_profile("acme@3");
  EXPECT_THAT(Report(snapshot, {}, &profiles), HasSubstr("code 808, level 2 (derived)"));
  row.set_code(8);
  EXPECT_THAT(Report(snapshot, {}, &profiles), Not(HasSubstr("level")));
}

TEST(ReportTest, WithoutUnicodeThePageIsAscii) {
  const std::string page = Report(Printer().Snapshot(), {.unicode = false});

  EXPECT_THAT(page, HasSubstr("##########.........."));
  for (const char c : page) EXPECT_GE(c, 0) << page;
}

TEST(ReportTest, WithoutColourThereIsNoEscape) {
  EXPECT_THAT(Report(Printer().Snapshot(), {.colour = false}), Not(HasSubstr("\x1b")));
  EXPECT_THAT(Report(Printer().Snapshot(), {.colour = true}), HasSubstr("\x1b[1mLaser 9"));
}

TEST(ReportTest, ASerialNumberMakesNoLinesOfItsOwn) {
  event::v1::DeviceSnapshot snapshot;
  snapshot.set_address("10.0.0.1");
  snapshot.mutable_identity()->set_serial_number("A1\r\nserial B2");

  EXPECT_EQ(Report(snapshot, {}).find('\r'), std::string::npos);
  EXPECT_THAT(Report(snapshot, {}), HasSubstr("serial A1 serial B2"));
  EXPECT_EQ(ReportLine(snapshot, {}).find('\n'), std::string::npos);
}

TEST(ReportTest, AnEmptySnapshotIsAPageToo) {
  EXPECT_THAT(Report(Said().Snapshot(), {}), HasSubstr("Unknown device"));
}

TEST(ReportTest, ALineNamesTheLowestSupply) {
  EXPECT_THAT(ReportLine(Printer().Snapshot(), {}), HasSubstr("Black Toner 50 %"));
}

TEST(ReportTest, WideCharactersTakeTwoColumns) {
  EXPECT_EQ(DisplayWidth("Toner"), 5U);
  EXPECT_EQ(DisplayWidth("请等"), 4U);
  EXPECT_EQ(DisplayWidth("Gerät"), 5U);
}

TEST(ReportTest, TheTraceShowsWhatWasSent) {
  Trace trace;
  Printer().Snapshot(nullptr, &trace);

  const std::string table = TraceTable(trace, {});

  EXPECT_THAT(table, HasSubstr("1.3.6.1.2.1.43.11.1.1.9.1.2"));
  EXPECT_THAT(table, HasSubstr("level/-3-some-left"));
  EXPECT_THAT(table, HasSubstr("hex 04"));
}

}  // namespace
}  // namespace platen::collector::core
