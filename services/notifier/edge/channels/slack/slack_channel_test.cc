#include "services/notifier/edge/channels/slack/slack_channel.h"

#include <string>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "services/notifier/edge/channels/slack/message.h"
#include "services/notifier/edge/channels/test_notification.h"

namespace platen::notifier::edge {
namespace {

using testing::HasSubstr;
using testing::Not;

TEST(ComposeSlackMessageTest, SaysWhatHappenedAndWhere) {
  const auto message = Parsed(ComposeSlackMessage(JamNotification(v1::NOTIFICATION_KIND_RAISED)));

  EXPECT_EQ(message.fields().at("text").string_value(),
            "[Acme Ltd/Zürich] HL-L5100DN, …4711: jam in tray 2");
  const auto& blocks = message.fields().at("blocks").list_value().values();
  const auto text_of = [&](int block) {
    return blocks.at(block).struct_value().fields().at("text").struct_value().fields();
  };
  EXPECT_EQ(text_of(0).at("type").string_value(), "plain_text");
  EXPECT_EQ(text_of(0).at("text").string_value(), "Jam in tray 2");
  EXPECT_EQ(text_of(1).at("text").string_value(),
            "Acme Ltd, Room 2.14, serial E78123F4N554711, 48213 pages, Tray 2");
  EXPECT_THAT(text_of(2).at("text").string_value(),
              HasSubstr("*Serial number:* E78123F4N554711\n"));
}

TEST(ComposeSlackMessageTest, MentionsNobodyWhateverADeviceSays) {
  v1::Notification raise = JamNotification(v1::NOTIFICATION_KIND_RAISED);
  raise.set_title("<!channel>");
  raise.mutable_event()->mutable_alert()->set_where("<@U123> & <https://evil.example|here>");

  const std::string message = ComposeSlackMessage(raise);

  const auto parsed = Parsed(message);
  EXPECT_EQ(parsed.fields().at("text").string_value(), "&lt;!channel&gt;");
  EXPECT_THAT(parsed.fields().at("blocks").list_value().values(2).ShortDebugString(),
              Not(HasSubstr("<")));
}

TEST(ComposeSlackMessageTest, SaysThatItIsOver) {
  const auto message = Parsed(ComposeSlackMessage(JamNotification(v1::NOTIFICATION_KIND_CLEARED)));
  EXPECT_THAT(message.fields().at("text").string_value(), testing::StartsWith("Cleared: "));
}

TEST(ComposeSlackMessageTest, StaysWithinSlacksLimits) {
  const auto message = Parsed(ComposeSlackMessage(LongDigest()));
  const auto& blocks = message.fields().at("blocks").list_value().values();
  EXPECT_LE(blocks.size(), 50);
  for (const auto& block : blocks) {
    const auto& text = block.struct_value().fields().at("text").struct_value().fields();
    EXPECT_LE(text.at("text").string_value().size(), 3000u);
  }
  EXPECT_THAT(blocks.rbegin()->ShortDebugString(), HasSubstr(" more"));
}

std::string FaultsOf(const config::v1::Slack& config) {
  service::FaultList faults;
  ValidateSlack(config, "receivers[0].slack", faults);
  return faults.ToString();
}

TEST(ValidateSlackTest, WantsAnEncryptedAddressThatItKeepsSecret) {
  config::v1::Slack config;
  EXPECT_THAT(FaultsOf(config), HasSubstr("receivers[0].slack.url.secret_file"));
  config.mutable_url()->set_value("http://hooks.example.com/geheim");
  EXPECT_THAT(FaultsOf(config), HasSubstr("receivers[0].slack.url.value"));
  EXPECT_THAT(FaultsOf(config), Not(HasSubstr("geheim")));
  config.mutable_url()->set_value("https://hooks.example.com/geheim");
  EXPECT_EQ(FaultsOf(config), "");
  EXPECT_EQ(ToSlackTarget(config)->address.target, "/geheim");
}

}  // namespace
}  // namespace platen::notifier::edge
