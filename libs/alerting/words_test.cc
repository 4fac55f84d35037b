#include "libs/alerting/words.h"

#include <gtest/gtest.h>

namespace platen::alerting {
namespace {

event::v1::Event Jam() {
  event::v1::Event event;
  event.set_tenant("acme");
  event.set_site("hq");
  event::v1::Alert& alert = *event.mutable_alert();
  alert.set_category(event::v1::ALERT_CATEGORY_JAM);
  alert.set_description("Paper Jam: open the rear cover");
  alert.set_where("Tray 2");
  alert.mutable_device()->set_customer("Acme Ltd");
  alert.mutable_device()->set_site("Head office");
  alert.mutable_device()->set_model("HL-L5100DN");
  alert.mutable_device()->set_serial_number("E78123F4N554711");
  return event;
}

TEST(TitleTest, SaysWhoseWhichAndWhat) {
  EXPECT_EQ(Title(Jam()), "[Acme Ltd/Head office] HL-L5100DN, …4711: jam in tray 2");
}

TEST(TitleTest, LeavesOutWhatIsNotKnown) {
  event::v1::Event event = Jam();
  event.mutable_alert()->clear_device();
  event.mutable_alert()->clear_where();

  EXPECT_EQ(Title(event), "[acme/hq] printer: jam");
}

TEST(TitleTest, StaysOneLineWhateverTheDeviceSays) {
  event::v1::Event event = Jam();
  event.mutable_alert()->mutable_device()->set_model("X\r\nBcc: all@example.com\t\x01");
  event.mutable_alert()->mutable_device()->set_serial_number(std::string(5000, '9'));
  event.mutable_alert()->set_where(std::string(5000, 'w'));

  const std::string title = Title(event);

  EXPECT_EQ(title.find_first_of("\r\n\t\x01"), std::string::npos);
  EXPECT_LE(title.size(), kTitleBytesMax);
  EXPECT_EQ(title.rfind("[Acme Ltd/Head office] X Bcc: all@example.com, …9999: jam in www", 0), 0u);
}

TEST(WhatHappenedTest, TakesTheFirstThatSaysSomething) {
  event::v1::Alert alert;
  alert.set_category(event::v1::ALERT_CATEGORY_ALARM);
  EXPECT_EQ(WhatHappened(alert), "alarm");

  alert.set_reason_keyword("toner-low");
  EXPECT_EQ(WhatHappened(alert), "toner low");

  alert.set_description("Toner Low");
  EXPECT_EQ(WhatHappened(alert), "toner Low");

  alert.set_where("Black toner");
  EXPECT_EQ(WhatHappened(alert), "toner Low in black toner");

  alert.set_description("Black Toner low");
  EXPECT_EQ(WhatHappened(alert), "black Toner low");
}

TEST(OneLineTest, CutsAtACharactersEnd) {
  EXPECT_EQ(OneLine("äöü", 5), "äö");
  EXPECT_EQ(OneLine("  a \n\n b  ", 100), "a b");
}

TEST(OneLineTest, LeavesOutWhatTurnsTheDirectionOfWriting) {
  EXPECT_EQ(
      OneLine("a\u202A\u202B\u202C\u202D\u202Eb\u2066\u2067\u2068\u2069\u200E\u200F\u061Cc", 100),
      "abc");
  EXPECT_EQ(OneLine("a\u0085b\u009Bc\u2028d\u2029e\x1B[31mf", 100), "a b c d e [31mf");
  EXPECT_EQ(OneLine("מדפסת ‐ € طابعة", 100), "מדפסת ‐ € طابعة") << "who writes from the right does";
  EXPECT_EQ(OneLine("a\xE2\x80", 100), "a\xE2\x80");
}

}  // namespace
}  // namespace platen::alerting
