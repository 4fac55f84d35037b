#include "services/notifier/edge/acknowledge_links.h"

#include <cstdlib>
#include <filesystem>
#include <fstream>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "libs/base/ids.h"
#include "libs/event/timestamps.h"
#include "services/notifier/edge/channels/description.h"
#include "services/notifier/edge/channels/email/mail_text.h"
#include "services/notifier/edge/channels/slack/message.h"
#include "services/notifier/edge/channels/teams/card.h"
#include "services/notifier/edge/channels/test_notification.h"
#include "services/notifier/edge/channels/webhook/body.h"

namespace platen::notifier::edge {
namespace {

using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;
using ::testing::SizeIs;
using ::testing::StartsWith;

constexpr std::string_view kBefore = "https://alerts.example.com/acknowledge/";
const std::string kKey(32, 'k');

AcknowledgeLinks Links() {
  return AcknowledgeLinks(
      "https://alerts.example.com", *links::LinkKeys::Parse(kKey), std::chrono::hours(24));
}

v1::Notification Jam(v1::NotificationKind kind) {
  v1::Notification jam = JamNotification(kind);
  jam.mutable_event()->mutable_alert()->set_instance(3);
  return jam;
}

absl::StatusOr<links::v1::AcknowledgeLink> Opened(const std::string& url,
                                                  const v1::Notification& notification) {
  if (!url.starts_with(kBefore)) return absl::NotFoundError(url);
  return links::LinkKeys::Parse(kKey)->Open(std::string_view(url).substr(kBefore.size()),
                                            event::FromProto(notification.decide_time()));
}

TEST(AcknowledgeLinksTest, ALinkSaysWhoseItIsAndWhatItIsAbout) {
  const v1::Notification jam = Jam(v1::NOTIFICATION_KIND_RAISED);
  const v1::Notification linked = Links().AddTo(jam);
  const auto link = Opened(linked.acknowledge_url(), jam);
  ASSERT_TRUE(link.ok()) << link.status();
  EXPECT_EQ(link->tenant(), "acme");
  EXPECT_EQ(link->site(), "hq");
  EXPECT_EQ(link->device_id(), jam.event().device_id());
  EXPECT_EQ(link->alert_id(), "jam/1");
  EXPECT_EQ(link->instance(), 3u);
  EXPECT_EQ(link->receiver(), "desk");
  EXPECT_EQ(link->notification_id(), jam.id());
  EXPECT_EQ(event::FromProto(link->expire_time()),
            event::FromProto(jam.decide_time()) + std::chrono::hours(24));
  EXPECT_EQ(Links().AddTo(jam).acknowledge_url(), linked.acknowledge_url())
      << "every try says the same";
}

TEST(AcknowledgeLinksTest, OnlyWhatIsOpenHasALinkAndEachMessageItsOwn) {
  EXPECT_THAT(Links().AddTo(Jam(v1::NOTIFICATION_KIND_CLEARED)).acknowledge_url(), IsEmpty());
  EXPECT_THAT(Links().AddTo(Jam(v1::NOTIFICATION_KIND_ACKNOWLEDGED)).acknowledge_url(), IsEmpty());
  EXPECT_THAT(Links().AddTo(JamNotification(v1::NOTIFICATION_KIND_RAISED)).acknowledge_url(),
              IsEmpty())
      << "an alert without an instance";
  const std::string raised = Links().AddTo(Jam(v1::NOTIFICATION_KIND_RAISED)).acknowledge_url();
  const std::string again = Links().AddTo(Jam(v1::NOTIFICATION_KIND_REMINDED)).acknowledge_url();
  EXPECT_THAT(again, StartsWith(std::string(kBefore)));
  EXPECT_NE(raised, again);
}

TEST(AcknowledgeLinksTest, MembersOfADigestHaveLinksUnlessTheyAreOver) {
  v1::Notification digest = DigestNotification();
  for (v1::DigestMember& member : *digest.mutable_members()) {
    member.mutable_event()->mutable_alert()->set_instance(3);
  }
  *digest.add_members() = digest.members(0);  // Begins, and ends further down.
  digest.mutable_members(2)->set_incident_id(digest.members(1).incident_id());
  digest.mutable_members()->SwapElements(1, 2);
  const v1::Notification linked = Links().AddTo(digest);
  EXPECT_THAT(linked.acknowledge_url(), IsEmpty());
  const auto link = Opened(linked.members(0).acknowledge_url(), digest);
  ASSERT_TRUE(link.ok()) << link.status();
  EXPECT_EQ(link->notification_id(), digest.members(0).id());
  EXPECT_THAT(linked.members(1).acknowledge_url(), IsEmpty());
  EXPECT_THAT(linked.members(2).acknowledge_url(), IsEmpty());
  EXPECT_THAT(RenderPlain(Describe(linked)), HasSubstr(linked.members(0).acknowledge_url()));

  const v1::Notification full = Links().AddTo(LongDigest());
  for (const v1::DigestMember& member : full.members()) {
    EXPECT_THAT(member.acknowledge_url(), IsEmpty());
  }
}

TEST(AcknowledgeLinksTest, MailsChatsAndWebhooksShowIt) {
  const v1::Notification plain = Jam(v1::NOTIFICATION_KIND_ESCALATED);
  const v1::Notification linked = Links().AddTo(plain);
  const std::string& url = linked.acknowledge_url();
  EXPECT_THAT(RenderPlain(Describe(linked)), HasSubstr("I take care of it:\n" + url + "\n"));
  EXPECT_THAT(RenderHtml(Describe(linked)), HasSubstr("<a href=\"" + url + "\""));
  EXPECT_THAT(ComposeSlackMessage(linked), HasSubstr("<" + url + "|I take care of it>"));
  EXPECT_EQ(Parsed(ComposeWebhookBody(linked))
                .fields()
                .at("data")
                .struct_value()
                .fields()
                .at("acknowledge_url")
                .string_value(),
            url);
  EXPECT_THAT(ComposeTeamsCard(linked), HasSubstr("\"url\":\"" + url + "\""));

  EXPECT_THAT(Describe(plain).links, SizeIs(0));
  for (const std::string& text : {RenderPlain(Describe(plain)),
                                  RenderHtml(Describe(plain)),
                                  ComposeSlackMessage(plain),
                                  ComposeWebhookBody(plain),
                                  ComposeTeamsCard(plain)}) {
    EXPECT_THAT(text, Not(HasSubstr("acknowledge")));
    EXPECT_THAT(text, Not(HasSubstr("<a ")));
    EXPECT_THAT(text, Not(HasSubstr("OpenUrl")));
  }
}

class LinksConfigTest : public ::testing::Test {
 protected:
  LinksConfigTest() {
    std::string name = std::filesystem::temp_directory_path() / "platen-links-XXXXXX";
    if (mkdtemp(name.data()) == nullptr) std::abort();
    folder_ = name;
    config_.set_url("https://alerts.example.com/");
    config_.set_key_file(folder_ / "keys");
    WriteKeys(kKey);
  }

  ~LinksConfigTest() override {
    std::error_code ignored;
    std::filesystem::remove_all(folder_, ignored);
  }

  void WriteKeys(const std::string& keys) { std::ofstream(folder_ / "keys") << keys << "\n"; }

  std::string Faults() const {
    service::FaultList faults;
    ValidateAcknowledgeLinks(config_, "acknowledge_links", faults);
    return faults.ToString();
  }

  std::filesystem::path folder_;
  config::v1::AcknowledgeLinks config_;
};

TEST_F(LinksConfigTest, LinksAreMadeAsItSays) {
  EXPECT_EQ(Faults(), "");
  const v1::Notification jam = Jam(v1::NOTIFICATION_KIND_RAISED);
  const auto link = Opened(AcknowledgeLinks::Make(config_)->AddTo(jam).acknowledge_url(), jam);
  ASSERT_TRUE(link.ok()) << link.status();
  EXPECT_EQ(event::FromProto(link->expire_time()),
            event::FromProto(jam.decide_time()) + std::chrono::hours(24 * 7));
}

TEST_F(LinksConfigTest, PlainHttpIsForLoopbackOnly) {
  for (const char* good : {"http://127.0.0.1:7480",
                           "http://localhost/x",
                           "http://[::1]",
                           "https://a.example",
                           "https://a.example:8443/platen"}) {
    config_.set_url(good);
    EXPECT_EQ(Faults(), "") << good;
  }
  for (const char* bad : {"",
                          "alerts.example.com",
                          "http://alerts.example.com",
                          "http://127.0.0.1.example.com",
                          "http://localhost@example.com",
                          "https://",
                          "https:///x",
                          "https://a.example/?q=",
                          "https://a.example/#x",
                          "https://a b.example",
                          "https://a.example/\"><script>",
                          "https://a.example\r\nX: y"}) {
    config_.set_url(bad);
    EXPECT_THAT(Faults(), HasSubstr("acknowledge_links.url: ")) << bad;
  }
}

TEST_F(LinksConfigTest, BadKeysAndTimesAreFaultsAndNothingOfAKeyIsSaid) {
  WriteKeys("secret");
  EXPECT_THAT(Faults(), HasSubstr("acknowledge_links.key_file: "));
  EXPECT_THAT(Faults(), Not(HasSubstr("secret")));
  config_.set_key_file("/nowhere/keys");
  EXPECT_THAT(Faults(), HasSubstr("acknowledge_links.key_file: "));
  config_.clear_key_file();
  EXPECT_THAT(Faults(), HasSubstr("acknowledge_links.key_file: "));
  config_.mutable_valid_for()->set_seconds(60);
  EXPECT_THAT(Faults(), HasSubstr("acknowledge_links.valid_for: "));
}

}  // namespace
}  // namespace platen::notifier::edge
