#include "services/notifier/edge/channels/email/message.h"

#include <string>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "libs/base/ids.h"
#include "libs/base/status.h"
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
              HasSubstr("Subject: [Cleared] Re: [Acme/HQ] HL-L5100DN, 4711: jam in tray 2\r\n"));
}

TEST(ComposeMailTest, AnswersTheBeginningWhateverComesLater) {
  const std::string raise_id =
      "<" + IdOf(JamNotification(v1::NOTIFICATION_KIND_RAISED)) + "@example.com>";
  for (const auto& [kind, word] : {std::pair{v1::NOTIFICATION_KIND_ACKNOWLEDGED, "Acknowledged"},
                                   {v1::NOTIFICATION_KIND_ESCALATED, "Escalated"},
                                   {v1::NOTIFICATION_KIND_REMINDED, "Reminder"}}) {
    v1::Notification later = JamNotification(kind);
    later.set_title("[Acme/HQ] HL-L5100DN: jam");

    const std::string mail = ComposeMail(later, kFrame);

    EXPECT_THAT(mail, HasSubstr("In-Reply-To: " + raise_id + "\r\n"));
    EXPECT_THAT(mail, HasSubstr("<incident-" + base::HexEncode(later.incident_id())));
    EXPECT_THAT(
        mail, HasSubstr("Subject: [" + std::string(word) + "] Re: [Acme/HQ] HL-L5100DN: jam\r\n"));
  }
}

TEST(ComposeMailTest, ADigestIsAThreadOfItsOwnAndListsItsMembers) {
  v1::Notification digest = DigestNotification();
  digest.set_title("[Acme/HQ] 1 printer: 1 alarms, 1 over");

  const std::string mail = ComposeMail(digest, kFrame);

  EXPECT_THAT(mail, Not(HasSubstr("References")));
  EXPECT_THAT(mail, HasSubstr("Subject: [Acme/HQ] 1 printer: 1 alarms, 1 over\r\n"));
  const std::string plain = RenderPlain(Describe(digest));
  EXPECT_THAT(plain, HasSubstr("UTC: [Acme Ltd/Z"));
  EXPECT_THAT(plain, HasSubstr("UTC: Cleared: [Acme Ltd/Z"));
}

TEST(ComposeMailTest, NamesADigestsMembersByTheIdsThatTheyHaveAlone) {
  const v1::Notification digest = DigestNotification();

  const std::string mail = ComposeMail(digest, kFrame);

  ASSERT_EQ(digest.members_size(), 2);
  EXPECT_THAT(mail,
              HasSubstr(base::StrCat("\r\nPlaten-Members: ",
                                     base::HexEncode(digest.members(0).id()),
                                     ",\r\n ",
                                     base::HexEncode(digest.members(1).id()),
                                     "\r\n")));
}

TEST(ComposeMailTest, NamesNoMembersWhereItIsNoDigest) {
  EXPECT_THAT(ComposeMail(JamNotification(v1::NOTIFICATION_KIND_RAISED), kFrame),
              Not(HasSubstr("Platen-Members")));
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

TEST(RenderHtmlTest, EscapesWhatTheDeviceSays) {
  const std::string html = RenderHtml(Describe(JamNotification(v1::NOTIFICATION_KIND_RAISED)));
  EXPECT_THAT(html, HasSubstr("Paper jam &lt;Tray 2&gt;"));
}

TEST(RenderHtmlTest, EscapesWhatPeopleWrite) {
  const std::string html =
      RenderHtml(Describe(JamNotification(v1::NOTIFICATION_KIND_ACKNOWLEDGED)));
  EXPECT_THAT(html, HasSubstr("Acknowledged by Alice &lt;a@example.com&gt;: jam in tray 2"));
  EXPECT_THAT(html, HasSubstr("on my way &amp; back by noon"));
}

}  // namespace
}  // namespace platen::notifier::edge
