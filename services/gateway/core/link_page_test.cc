#include "services/gateway/core/link_page.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "libs/event/timestamps.h"

namespace platen::gateway::core {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

const base::WallTime kNow = base::WallFromMillis(1767225600000);  // 2026-01-01.

links::v1::AcknowledgeLink Link() {
  links::v1::AcknowledgeLink link;
  link.set_tenant("acme");
  link.set_site("hq");
  link.set_device_id(std::string(16, '\1'));
  link.set_alert_id("jam/1");
  link.set_instance(3);
  link.set_receiver("contacts/alice");
  return link;
}

LinkedAlert Open() {
  LinkedAlert alert{.is_open = true};
  alert.last.emplace();
  alert.last->mutable_alert()->set_category(event::v1::ALERT_CATEGORY_JAM);
  alert.last->mutable_alert()->set_where("Tray 2");
  alert.last->mutable_alert()->set_instance(3);
  alert.last->mutable_alert()->mutable_device()->set_model("HL-1");
  return alert;
}

std::string Page(LinkOutcome outcome, const LinkedAlert& alert, std::string_view fault = {}) {
  const links::v1::AcknowledgeLink link = Link();
  return RenderLinkPage(outcome, &link, &alert, fault, kNow);
}

TEST(LinkPageTest, ALinkIsGoodForTheInstanceThatItWasMadeForWhileThatIsOpen) {
  EXPECT_EQ(JudgeLink(Link(), Open()), LinkOutcome::kShown);
  LinkedAlert alert = Open();
  alert.is_open = false;
  EXPECT_EQ(JudgeLink(Link(), alert), LinkOutcome::kOver);
  alert = Open();
  alert.last->mutable_alert()->set_instance(4);
  EXPECT_EQ(JudgeLink(Link(), alert), LinkOutcome::kOver);
  EXPECT_EQ(JudgeLink(Link(), {}), LinkOutcome::kUnknown);
  alert = Open();
  alert.use_ms = 1;
  EXPECT_EQ(JudgeLink(Link(), alert), LinkOutcome::kUsed);
}

TEST(LinkPageTest, AFormIsThereOnlyWhereItCanBeUsed) {
  EXPECT_THAT(Page(LinkOutcome::kShown, Open()), HasSubstr("<form method=\"post\">"));
  EXPECT_THAT(Page(LinkOutcome::kShown, Open()), HasSubstr("You do so as contacts/alice by link."));
  for (const LinkOutcome outcome :
       {LinkOutcome::kAcknowledged, LinkOutcome::kUsed, LinkOutcome::kOver}) {
    EXPECT_THAT(Page(outcome, Open()), Not(HasSubstr("<form")));
  }
  for (std::size_t i = 0; i < kLinkOutcomes; ++i) {
    const auto outcome = static_cast<LinkOutcome>(i);
    if (outcome == LinkOutcome::kShown || outcome == LinkOutcome::kUsed) continue;
    const std::string bare = RenderLinkPage(outcome, nullptr, nullptr, "a fault", kNow);
    EXPECT_THAT(bare, HasSubstr("</html>")) << i;
    EXPECT_GE(HttpStatusOf(outcome), 200);
    EXPECT_THAT(bare, Not(HasSubstr("<form"))) << i;
  }
}

TEST(LinkPageTest, WhatDevicesAndPeopleSayIsText) {
  const std::string evil = "<script>alert('1')</script>";
  LinkedAlert alert = Open();
  event::v1::Alert& said = *alert.last->mutable_alert();
  said.set_category(event::v1::ALERT_CATEGORY_ALARM);
  said.set_description(evil);
  said.set_where(evil);
  said.mutable_device()->set_model(evil);
  said.mutable_device()->set_display_name(evil);
  said.mutable_device()->set_serial_number(evil);
  said.mutable_device()->set_customer(evil);
  said.mutable_device()->set_site(evil);
  said.mutable_device()->set_location("\"><img src=x onerror=alert(1)>");
  alert.care.emplace();
  alert.care->set_author(evil);
  alert.care->mutable_acknowledgement()->set_instance(3);
  alert.care->mutable_acknowledgement()->set_note(evil);
  *alert.care->mutable_acknowledgement()->mutable_expire_time() =
      event::ToProto(kNow + std::chrono::hours(1));
  links::v1::AcknowledgeLink link = Link();
  link.set_receiver(evil);
  const std::string page = RenderLinkPage(LinkOutcome::kShown, &link, &alert, {}, kNow) +
                           RenderLinkPage(LinkOutcome::kBadForm, &link, &alert, evil, kNow);
  EXPECT_THAT(page, Not(HasSubstr("<script")));
  EXPECT_THAT(page, Not(HasSubstr("<img")));
  EXPECT_THAT(page, HasSubstr("&lt;script&gt;"));
}

TEST(LinkPageTest, SaysWhoTakesCareOfItOnlyWhileThatHolds) {
  LinkedAlert alert = Open();
  alert.care.emplace();
  alert.care->set_author("bob");
  rules::v1::Acknowledgement& care = *alert.care->mutable_acknowledgement();
  care.set_instance(3);
  care.set_note("have the part");
  *care.mutable_expire_time() = event::ToProto(kNow + std::chrono::minutes(90));
  EXPECT_THAT(Page(LinkOutcome::kShown, alert),
              HasSubstr("bob takes care of it until 2026-01-01 01:30 UTC: have the part"));
  care.set_instance(2);
  EXPECT_THAT(Page(LinkOutcome::kShown, alert), Not(HasSubstr("bob")));
  care.set_instance(3);
  *care.mutable_expire_time() = event::ToProto(kNow);
  EXPECT_THAT(Page(LinkOutcome::kShown, alert), Not(HasSubstr("bob")));
}

TEST(LinkPageTest, ASecondUseIsToldWhenAndByWhomTheFirstWas) {
  LinkedAlert alert = Open();
  alert.use_ms = base::ToMillis(kNow);
  EXPECT_THAT(Page(LinkOutcome::kUsed, alert),
              HasSubstr("It was used at 2026-01-01 00:00 UTC, as contacts/alice by link."));
}

TEST(LinkPageTest, TheFormsChoicesAreTakenAndNothingElse) {
  for (const std::string_view text : {"1h", "4h", "24h", "72h", ""}) {
    const std::string page = Page(LinkOutcome::kShown, Open());
    EXPECT_TRUE(ReadChoice(text).ok()) << text;
    if (!text.empty()) {
      EXPECT_THAT(page, HasSubstr("value=\"" + std::string(text) + "\""));
    }
  }
  for (const std::string_view text : {"0h", "1000h", "4", "forever"}) {
    EXPECT_FALSE(ReadChoice(text).ok()) << text;
  }
}

TEST(LinkPageTest, ALinkWithoutADeviceIsAboutNothing) {
  links::v1::AcknowledgeLink link = Link();
  EXPECT_EQ(PlaceOfLink(link)->alert_id, "jam/1");
  link.set_device_id("short");
  EXPECT_FALSE(PlaceOfLink(link).ok());
}

}  // namespace
}  // namespace platen::gateway::core
