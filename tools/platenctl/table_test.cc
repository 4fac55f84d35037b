#include "tools/platenctl/table.h"

#include <gtest/gtest.h>

namespace platen::platenctl {
namespace {

TEST(TableTest, ColumnsAreAlignedByWhatIsSeen) {
  Table table({{"NAME"}, {"PAGES", Align::kRight}});
  table.Add({"Büro", "7"});
  table.Add({"Hall", "1200"});

  EXPECT_EQ(table.ToText(),
            "NAME  PAGES\n"
            "Büro      7\n"
            "Hall   1200\n");
}

TEST(TableTest, ANarrowTerminalIsSparedTheLastColumns) {
  Table table({{"STATE"}, {"SERIAL"}, {"PAGES", Align::kRight}, {"ID"}});
  table.Add({"ok", "A1", "7", "0123456789"});

  EXPECT_EQ(table.ToText(20), "STATE  SERIAL  PAGES\nok     A1          7\n");
  EXPECT_EQ(table.LeftOut(20), "ID");
  EXPECT_EQ(table.LeftOut(5), "PAGES, ID");
  EXPECT_EQ(table.LeftOut(32), "");
}

TEST(TableTest, ANarrowTerminalGetsProseShortenedBeforeColumnsGo) {
  Table table({{"STATE"}, {"WHAT", Align::kLeft, true}, {"WHERE"}, {"MODEL"}});
  table.Add({"open", "does not answer SNMP: off or disconnected", "Hall", "LaserJet"});

  EXPECT_EQ(table.ToText(50),
            "STATE  WHAT                        WHERE  MODEL\n"
            "open   does not answer SNMP: off…  Hall   LaserJet\n");
  EXPECT_EQ(table.LeftOut(50), "");
  EXPECT_EQ(table.LeftOut(40), "MODEL");
}

TEST(TableTest, RowsAreOrderedByAColumn) {
  Table table({{"ID"}, {"NAME"}});
  table.Add({"1", "b"});
  table.Add({"2", "a"});
  table.Add({"3", "b"});
  table.SortBy(1);
  EXPECT_EQ(table.ToCsv(), "id,name\r\n2,a\r\n1,b\r\n3,b\r\n");
}

TEST(TableTest, ADeviceCanNotSendTheTerminalItsOwnCommands) {
  Table table({{"NAME"}});
  table.Add({"evil\x1b[2J"});
  EXPECT_EQ(table.ToText().find('\x1b'), std::string::npos);
}

TEST(TableTest, CsvQuotesWhatNeedsIt) {
  Table table({{"NAME"}, {"LAST SEEN"}});
  table.Add({"a \"b\", c", "x"});
  EXPECT_EQ(table.ToCsv(), "name,last_seen\r\n\"a \"\"b\"\", c\",x\r\n");
}

TEST(TableTest, ASpreadsheetIsGivenNoFormula) {
  Table table({{"NAME"}});
  table.Add({"=HYPERLINK(1)"});
  EXPECT_EQ(table.ToCsv(), "name\r\n'=HYPERLINK(1)\r\n");
}

TEST(FitTest, LongTextEndsInAnEllipsis) {
  EXPECT_EQ(Fit("short", 10), "short");
  EXPECT_EQ(Fit("Bürogerät", 5), "Büro…");
}

}  // namespace
}  // namespace platen::platenctl
