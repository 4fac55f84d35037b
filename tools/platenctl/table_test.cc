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
