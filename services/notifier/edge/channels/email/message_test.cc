#include "services/notifier/edge/channels/email/message.h"

#include <string>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "libs/base/ids.h"
#include "services/notifier/edge/channels/email/mail_text.h"
#include "services/notifier/edge/channels/test_notification.h"

namespace platen::notifier::edge {
namespace {

using testing::HasSubstr;
using testing::Not;

const MailFrame kFrame{.from = "Platen <alarms@example.com>",
                       .to = {"desk@example.com", "duty@example.com"},
                       .message_id_domain = "example.com"};

std::string IdOf(const v1::Notification& notification) {
  return base::HexEncode(notification.id());
}

TEST(ComposeMailTest, IsTheSameMailAtEveryTry) {
  const v1::Notification raise = JamNotification(v1::NOTIFICATION_KIND_RAISED);
  EXPECT_EQ(ComposeMail(raise, kFrame), ComposeMail(raise, kFrame));
}

TEST(ComposeMailTest, MakesOneThreadOfAnIncident) {
  const v1::Notification raise = JamNotification(v1::NOTIFICATION_KIND_RAISED);
  const v1::Notification clear = JamNotification(v1::NOTIFICATION_KIND_CLEARED);

  const std::string first = ComposeMail(raise, kFrame);
  const std::string second = ComposeMail(clear, kFrame);

  const std::string incident =
      "<incident-" + base::HexEncode(raise.incident_id()) + "@example.com>";
  const std::string raise_id = "<" + IdOf(raise) + "@example.com>";
  EXPECT_THAT(first, HasSubstr("Message-ID: " + raise_id + "\r\n"));
  EXPECT_THAT(first, HasSubstr("References: " + incident + "\r\n"));
  EXPECT_THAT(first, Not(HasSubstr("In-Reply-To")));
  EXPECT_THAT(second, HasSubstr("Message-ID: <" + IdOf(clear) + "@example.com>\r\n"));
  EXPECT_THAT(second, HasSubstr("In-Reply-To: " + raise_id + "\r\n"));
  EXPECT_THAT(second, HasSubstr("References: " + incident + "\r\n " + raise_id + "\r\n"));
}

TEST(ComposeMailTest, AnswersUnderTheSameSubject) {
  v1::Notification raise = JamNotification(v1::NOTIFICATION_KIND_RAISED);
  raise.set_title("[Acme/HQ] HL-L5100DN, 4711: jam in tray 2");
  v1::Notification clear = JamNotification(v1::NOTIFICATION_KIND_CLEARED);
  clear.set_title(raise.title());

  EXPECT_THAT(ComposeMail(raise, kFrame),
              HasSubstr("Subject: [Acme/HQ] HL-L5100DN, 4711: jam in tray 2\r\n"));
  EXPECT_THAT(ComposeMail(clear, kFrame),
              HasSubstr("Subject: Re: [Acme/HQ] HL-L5100DN, 4711: jam in tray 2\r\n"));
}

TEST(ComposeMailTest, KeepsADeviceFromWritingHeaders) {
  v1::Notification raise = JamNotification(v1::NOTIFICATION_KIND_RAISED);
  raise.set_title("x\r\nBcc: all@example.com");
  raise.mutable_event()->mutable_alert()->set_description("y\r\n--platen-\r\nBcc: z");

  const std::string mail = ComposeMail(raise, kFrame);

  EXPECT_THAT(mail, Not(HasSubstr("\nBcc")));
}

TEST(ComposeMailTest, SaysWhenAndThatAMachineWroteIt) {
  const std::string mail = ComposeMail(JamNotification(v1::NOTIFICATION_KIND_RAISED), kFrame);
  EXPECT_THAT(mail, HasSubstr("Date: Tue, 14 Nov 2023 22:23:21 +0000\r\n"));
  EXPECT_THAT(mail, HasSubstr("Auto-Submitted: auto-generated\r\n"));
  EXPECT_THAT(mail, HasSubstr("To: desk@example.com, duty@example.com\r\n"));
}

TEST(DescribeTest, BeginsWithWhatThePersonNeedsWhoGoesThere) {
  const MailText text = Describe(JamNotification(v1::NOTIFICATION_KIND_RAISED));

  EXPECT_EQ(text.first_line, "Acme Ltd, Room 2.14, serial E78123F4N554711, 48213 pages, Tray 2");
  EXPECT_EQ(text.headline, "Jam in tray 2");
  EXPECT_THAT(text.rows,
              testing::Contains(testing::Pair("Panel says", "Jam Tray 2 / Open the rear cover")));
  EXPECT_THAT(text.rows, testing::Contains(testing::Pair("Raised", "2023-11-14 22:13:20 UTC")));
}

TEST(DescribeTest, SaysThatItIsOver) {
  EXPECT_EQ(Describe(JamNotification(v1::NOTIFICATION_KIND_CLEARED)).headline,
            "Cleared: jam in tray 2");
}

TEST(DescribeTest, LeavesOutWhatIsNotKnown) {
  v1::Notification bare = JamNotification(v1::NOTIFICATION_KIND_RAISED);
  bare.mutable_event()->mutable_alert()->clear_device();
  bare.mutable_event()->mutable_alert()->clear_counters();
  bare.mutable_event()->mutable_alert()->clear_paper_source();
  bare.mutable_event()->mutable_alert()->clear_where();

  const MailText text = Describe(bare);

  EXPECT_EQ(text.first_line, "acme");
  EXPECT_EQ(text.headline, "Jam");
  for (const auto& [label, value] : text.rows) EXPECT_FALSE(value.empty()) << label;
}

TEST(RenderHtmlTest, EscapesWhatTheDeviceSays) {
  const std::string html = RenderHtml(Describe(JamNotification(v1::NOTIFICATION_KIND_RAISED)));
  EXPECT_THAT(html, HasSubstr("Paper jam &lt;Tray 2&gt;"));
}

}  // namespace
}  // namespace platen::notifier::edge
