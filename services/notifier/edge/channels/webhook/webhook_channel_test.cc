#include "services/notifier/edge/channels/webhook/webhook_channel.h"

#include <string>
#include <vector>

#include <gmock/gmock.h>
#include <google/protobuf/struct.pb.h>
#include <google/protobuf/util/json_util.h>
#include <gtest/gtest.h>

#include "services/notifier/edge/channels/test_notification.h"
#include "services/notifier/edge/channels/webhook/body.h"
#include "services/notifier/edge/channels/webhook/signature.h"

namespace platen::notifier::edge {
namespace {

using testing::HasSubstr;
using testing::Not;

TEST(ComposeWebhookBodyTest, IsACloudEventWithWhatHappenedAndWhere) {
  google::protobuf::Struct json;
  ASSERT_TRUE(google::protobuf::util::JsonStringToMessage(
                  ComposeWebhookBody(JamNotification(v1::NOTIFICATION_KIND_RAISED)), &json)
                  .ok());

  const auto& fields = json.fields();
  EXPECT_EQ(fields.at("specversion").string_value(), "1.0");
  EXPECT_EQ(fields.at("type").string_value(), "platen.alert.raised.v1");
  EXPECT_EQ(fields.at("id").string_value().size(), 32u);
  EXPECT_EQ(fields.at("source").string_value(), "/acme/hq");
  EXPECT_EQ(fields.at("time").string_value(), "2023-11-14T22:23:21.000Z");
  const auto& data = fields.at("data").struct_value().fields();
  EXPECT_EQ(data.at("transition").string_value(), "raised");
  const auto& alert = data.at("alert").struct_value().fields();
  EXPECT_EQ(alert.at("category").string_value(), "jam");
  EXPECT_EQ(alert.at("severity").string_value(), "critical");
  EXPECT_EQ(alert.at("total_pages").number_value(), 48213);
  EXPECT_EQ(alert.at("console_text").string_value(), "Jam Tray 2\nOpen the rear cover");
  EXPECT_FALSE(alert.contains("training"));
  EXPECT_EQ(data.at("device").struct_value().fields().at("site").string_value(), "Zürich");
}

google::protobuf::Struct Parsed(const v1::Notification& notification) {
  google::protobuf::Struct json;
  EXPECT_TRUE(
      google::protobuf::util::JsonStringToMessage(ComposeWebhookBody(notification), &json).ok());
  return json;
}

TEST(ComposeWebhookBodyTest, SaysWhoAcknowledgedIt) {
  const auto json = Parsed(JamNotification(v1::NOTIFICATION_KIND_ACKNOWLEDGED));
  EXPECT_EQ(json.fields().at("type").string_value(), "platen.alert.acknowledged.v1");
  const auto& data = json.fields().at("data").struct_value().fields();
  EXPECT_EQ(data.at("transition").string_value(), "acknowledged");
  EXPECT_EQ(data.at("author").string_value(), "Alice <a@example.com>");
  EXPECT_EQ(data.at("note").string_value(), "on my way & back\nby noon");
}

TEST(ComposeWebhookBodyTest, ADigestHasItsMembersEachAsWholeAsAlone) {
  const auto json = Parsed(DigestNotification());
  EXPECT_EQ(json.fields().at("type").string_value(), "platen.alert.digest.v1");
  const auto& data = json.fields().at("data").struct_value().fields();
  EXPECT_EQ(data.at("rule").string_value(), "rules/jams");
  EXPECT_FALSE(data.contains("alert"));
  const auto& members = data.at("members").list_value();
  ASSERT_EQ(members.values_size(), 2);
  const auto& over = members.values(1).struct_value().fields();
  EXPECT_EQ(over.at("transition").string_value(), "cleared");
  EXPECT_EQ(over.at("id").string_value().size(), 32u);
  EXPECT_EQ(over.at("alert").struct_value().fields().at("category").string_value(), "jam");
  EXPECT_EQ(over.at("device").struct_value().fields().at("model").string_value(), "HL-L5100DN");
}

// printf '1700000000.{"a":1}' | openssl dgst -sha256 -hmac key
TEST(SignWebhookTest, IsTheHmacOfTimestampAndBody) {
  base::HmacSha256 signer("key");
  EXPECT_EQ(SignWebhook(signer, "1700000000", "{\"a\":1}"),
            "v1=a438e398bfafc57e4396bb7fc2304422f0f768e965d073ca313cb52e22e6ad03");
  EXPECT_NE(SignWebhook(signer, "1700000001", "{\"a\":1}"),
            SignWebhook(signer, "1700000000", "{\"a\":1}"));
}

config::v1::Webhook GoodConfig() {
  config::v1::Webhook config;
  config.set_url("https://hooks.example.com/platen");
  config.mutable_signing_key()->set_value("k");
  return config;
}

std::string FaultsOf(const config::v1::Webhook& config) {
  service::FaultList faults;
  ValidateWebhook(config, "receivers[0].webhook", faults);
  return faults.ToString();
}

TEST(ValidateWebhookTest, AcceptsAGoodOne) {
  EXPECT_EQ(FaultsOf(GoodConfig()), "");
}

TEST(ValidateWebhookTest, RefusesPlainHttpUnlessAllowed) {
  config::v1::Webhook config = GoodConfig();
  config.set_url("http://127.0.0.1:8080/");
  EXPECT_THAT(FaultsOf(config), HasSubstr("receivers[0].webhook.url"));

  config.set_allow_plaintext(true);
  EXPECT_EQ(FaultsOf(config), "");
}

TEST(ValidateWebhookTest, ListsAllFaultsWithoutTheirSecrets) {
  config::v1::Webhook config;
  config.set_url("https://user:geheim@host/");
  (*config.mutable_headers())["Platen-Signature"] = "geheim";
  (*config.mutable_headers())["X-Token"] = "geheim\r\nX: y";
  config.mutable_timeout()->set_seconds(-1);

  const std::string faults = FaultsOf(config);

  for (const char* path : {".url", ".signing_key.secret_file", ".headers", ".timeout"}) {
    EXPECT_THAT(faults, HasSubstr(std::string("receivers[0].webhook") + path));
  }
  EXPECT_THAT(faults, Not(HasSubstr("geheim")));
}

}  // namespace
}  // namespace platen::notifier::edge
