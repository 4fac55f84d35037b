#include "services/notifier/edge/channels/events_api/events_api_channel.h"

#include <string>

#include <gmock/gmock.h>
#include <google/protobuf/struct.pb.h>
#include <google/protobuf/util/json_util.h>
#include <gtest/gtest.h>

#include "libs/base/ids.h"
#include "services/notifier/edge/channels/events_api/event_body.h"
#include "services/notifier/edge/channels/test_notification.h"

namespace platen::notifier::edge {
namespace {

using testing::HasSubstr;
using testing::Not;

google::protobuf::Struct Parsed(const v1::Notification& notification) {
  const std::string body = ComposeEventBody(notification, "the-key");
  google::protobuf::Struct json;
  EXPECT_TRUE(google::protobuf::util::JsonStringToMessage(body, &json).ok()) << body;
  return json;
}

TEST(ComposeEventBodyTest, TriggersAnIncidentWithWhatHappenedAndWhere) {
  const v1::Notification raise = JamNotification(v1::NOTIFICATION_KIND_RAISED);
  const auto body = Parsed(raise).fields();

  EXPECT_EQ(body.at("routing_key").string_value(), "the-key");
  EXPECT_EQ(body.at("event_action").string_value(), "trigger");
  EXPECT_EQ(body.at("dedup_key").string_value(), base::HexEncode(raise.incident_id()));
  const auto& payload = body.at("payload").struct_value().fields();
  EXPECT_EQ(payload.at("summary").string_value(),
            "[Acme Ltd/Zürich] HL-L5100DN, …4711: jam in tray 2");
  EXPECT_EQ(payload.at("source").string_value(), "E78123F4N554711");
  EXPECT_EQ(payload.at("severity").string_value(), "critical");
  EXPECT_EQ(payload.at("timestamp").string_value(), "2023-11-14T22:13:20.000Z");
  EXPECT_EQ(payload.at("class").string_value(), "jam");
  EXPECT_EQ(payload.at("group").string_value(), "acme/hq");
  const auto& details = payload.at("custom_details").struct_value().fields();
  EXPECT_EQ(details.at("Location").string_value(), "Room 2.14");
}

TEST(ComposeEventBodyTest, SaysAllOfAnIncidentUnderOneKey) {
  const std::string key =
      base::HexEncode(JamNotification(v1::NOTIFICATION_KIND_RAISED).incident_id());
  for (const auto& [kind, action] : {std::pair{v1::NOTIFICATION_KIND_ACKNOWLEDGED, "acknowledge"},
                                     {v1::NOTIFICATION_KIND_ESCALATED, "trigger"},
                                     {v1::NOTIFICATION_KIND_REMINDED, "trigger"},
                                     {v1::NOTIFICATION_KIND_CLEARED, "resolve"}}) {
    const auto body = Parsed(JamNotification(kind)).fields();
    EXPECT_EQ(body.at("event_action").string_value(), action);
    EXPECT_EQ(body.at("dedup_key").string_value(), key);
  }
}

TEST(ComposeEventBodyTest, KnowsTheSeveritiesThatAreThere) {
  v1::Notification raise = JamNotification(v1::NOTIFICATION_KIND_RAISED);
  const auto severity = [&](event::v1::AlertSeverity of) {
    raise.mutable_event()->mutable_alert()->set_severity(of);
    return Parsed(raise).fields().at("payload").struct_value().fields().at("severity");
  };
  EXPECT_EQ(severity(event::v1::ALERT_SEVERITY_WARNING_BINARY).string_value(), "warning");
  EXPECT_EQ(severity(event::v1::ALERT_SEVERITY_OTHER).string_value(), "error");
}

TEST(ComposeEventBodyTest, HasASourceEvenOfADeviceNobodyKnows) {
  v1::Notification raise = JamNotification(v1::NOTIFICATION_KIND_RAISED);
  raise.mutable_event()->mutable_alert()->clear_device();
  EXPECT_EQ(
      Parsed(raise).fields().at("payload").struct_value().fields().at("source").string_value(),
      base::HexEncode(raise.event().device_id()));
}

TEST(ValidateEventsApiTest, NeedsAKeyThatItKeepsSecretAndKnowsWhereToPost) {
  config::v1::EventsApi config;
  const auto faults = [&config] {
    service::FaultList list;
    ValidateEventsApi(config, "receivers[0].events_api", list);
    return list.ToString();
  };
  EXPECT_THAT(faults(), HasSubstr("receivers[0].events_api.routing_key.secret_file"));
  config.mutable_routing_key()->set_value("geheim");
  EXPECT_EQ(faults(), "");
  const HttpAddress address = ToEventsApiOptions(config)->target.address;
  EXPECT_EQ(address.authority, "events.pagerduty.com");
  EXPECT_EQ(address.target, "/v2/enqueue");
  config.set_url("http://oncall.example.com/enqueue");
  EXPECT_THAT(faults(), HasSubstr("receivers[0].events_api.url"));
  EXPECT_THAT(faults(), Not(HasSubstr("geheim")));
}

}  // namespace
}  // namespace platen::notifier::edge
