#include "services/notifier/edge/channels/teams/teams_channel.h"

#include <string>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "services/notifier/edge/channels/teams/card.h"
#include "services/notifier/edge/channels/test_notification.h"

namespace platen::notifier::edge {
namespace {

using testing::HasSubstr;
using testing::Not;

google::protobuf::Struct CardOf(const std::string& body) {
  const auto message = Parsed(body);
  EXPECT_EQ(message.fields().at("type").string_value(), "message");
  const auto& attachment =
      message.fields().at("attachments").list_value().values(0).struct_value().fields();
  EXPECT_EQ(attachment.at("contentType").string_value(), "application/vnd.microsoft.card.adaptive");
  return attachment.at("content").struct_value();
}

std::string FirstRun(const google::protobuf::Struct& card, int block) {
  const auto& fields = card.fields().at("body").list_value().values(block).struct_value().fields();
  // Markdown is looked for in a TextBlock, and not in these.
  EXPECT_EQ(fields.at("type").string_value(), "RichTextBlock");
  const auto& run = fields.at("inlines").list_value().values(0).struct_value().fields();
  return run.at("text").string_value();
}

TEST(ComposeTeamsCardTest, SaysWhatHappenedAndWhere) {
  const auto card = CardOf(ComposeTeamsCard(JamNotification(v1::NOTIFICATION_KIND_RAISED)));
  EXPECT_EQ(FirstRun(card, 0), "Jam in tray 2");
  EXPECT_EQ(FirstRun(card, 1), "Acme Ltd, Room 2.14, serial E78123F4N554711, 48213 pages, Tray 2");
  EXPECT_EQ(FirstRun(card, 2), "Printer: ");
}

TEST(ComposeTeamsCardTest, SaysWhoTakesCare) {
  const auto card = CardOf(ComposeTeamsCard(JamNotification(v1::NOTIFICATION_KIND_ACKNOWLEDGED)));
  EXPECT_EQ(FirstRun(card, 0), "Acknowledged by Alice <a@example.com>: jam in tray 2");
}

TEST(ComposeTeamsCardTest, StaysWithinTheSizeThatTeamsTakes) {
  const std::string body = ComposeTeamsCard(LongDigest());
  EXPECT_LE(body.size(), 28u * 1024);
  EXPECT_THAT(body, HasSubstr(" more"));
  CardOf(body);
}

TEST(ComposeTeamsCardTest, TakesNoWordOfADeviceForStructure) {
  v1::Notification raise = JamNotification(v1::NOTIFICATION_KIND_RAISED);
  raise.mutable_event()->mutable_alert()->set_where("\"}],[x](https://evil.example) **y**");
  const auto card = CardOf(ComposeTeamsCard(raise));
  EXPECT_THAT(FirstRun(card, 0), HasSubstr("[x](https://evil.example)"));
}

std::string FaultsOf(const config::v1::Teams& config) {
  service::FaultList faults;
  ValidateTeams(config, "receivers[0].teams", faults);
  return faults.ToString();
}

TEST(ValidateTeamsTest, WantsAnEncryptedAddressThatItKeepsSecret) {
  config::v1::Teams config;
  EXPECT_THAT(FaultsOf(config), HasSubstr("receivers[0].teams.url.secret_file"));
  config.mutable_url()->set_value("http://hooks.example.com/geheim");
  EXPECT_THAT(FaultsOf(config), HasSubstr("receivers[0].teams.url.value"));
  EXPECT_THAT(FaultsOf(config), Not(HasSubstr("geheim")));
  config.mutable_url()->set_value("https://hooks.example.com/geheim");
  EXPECT_EQ(FaultsOf(config), "");
  EXPECT_EQ(ToTeamsTarget(config)->address.target, "/geheim");
}

}  // namespace
}  // namespace platen::notifier::edge
