#include "services/notifier/edge/channels/alertmanager/alertmanager_channel.h"

#include <string>
#include <vector>

#include <gmock/gmock.h>
#include <google/protobuf/struct.pb.h>
#include <google/protobuf/util/json_util.h>
#include <gtest/gtest.h>

#include "libs/base/ids.h"
#include "services/notifier/edge/channels/test_notification.h"

namespace platen::notifier::edge {
namespace {

using testing::HasSubstr;

using Alert = google::protobuf::Map<std::string, google::protobuf::Value>;

std::vector<Alert> AlertsOf(const v1::Notification& notification,
                            const AlertmanagerTerms& terms = {}) {
  const std::string body = ComposeAlerts(notification, terms);
  google::protobuf::ListValue list;
  EXPECT_TRUE(google::protobuf::util::JsonStringToMessage(body, &list).ok()) << body;
  std::vector<Alert> alerts;
  for (const auto& value : list.values()) alerts.push_back(value.struct_value().fields());
  return alerts;
}

std::string LabelsOf(const Alert& alert) {
  return alert.at("labels").struct_value().ShortDebugString();
}

TEST(ComposeAlertsTest, AnAlertIsOpenUntilItIsOver) {
  const Alert raised = AlertsOf(JamNotification(v1::NOTIFICATION_KIND_RAISED)).at(0);
  const Alert cleared = AlertsOf(JamNotification(v1::NOTIFICATION_KIND_CLEARED)).at(0);

  EXPECT_EQ(raised.at("startsAt").string_value(), "2023-11-14T22:13:20.000Z");
  EXPECT_EQ(raised.at("endsAt").string_value(), "2023-11-21T22:23:21.000Z");
  EXPECT_EQ(cleared.at("endsAt").string_value(), "2023-11-14T22:23:21.000Z");
  EXPECT_EQ(LabelsOf(raised), LabelsOf(cleared)) << "it would be another alert there";
  const auto& labels = raised.at("labels").struct_value().fields();
  EXPECT_EQ(labels.at("alertname").string_value(), "PrinterJam");
  EXPECT_EQ(labels.at("tenant").string_value(), "acme");
  const auto& annotations = raised.at("annotations").struct_value().fields();
  EXPECT_EQ(annotations.at("description").string_value(),
            "Jam in tray 2: Acme Ltd, Room 2.14, serial E78123F4N554711, 48213 pages, Tray 2");
}

TEST(ComposeAlertsTest, ItsLabelsStayTheSameWhenItsPrinterIsMovedOrItGetsWorse) {
  v1::Notification moved = JamNotification(v1::NOTIFICATION_KIND_CLEARED);
  moved.mutable_event()->mutable_alert()->mutable_device()->set_location("Room 3");
  moved.mutable_event()->mutable_alert()->set_severity(event::v1::ALERT_SEVERITY_WARNING);
  moved.set_title("another");
  EXPECT_EQ(LabelsOf(AlertsOf(moved).at(0)),
            LabelsOf(AlertsOf(JamNotification(v1::NOTIFICATION_KIND_RAISED)).at(0)));
}

TEST(ComposeAlertsTest, NeverEndsBeforeItBegins) {
  v1::Notification clear = JamNotification(v1::NOTIFICATION_KIND_CLEARED);
  clear.mutable_event()->mutable_alert()->mutable_raise_time()->set_seconds(1'800'000'000);
  const Alert cleared = AlertsOf(clear).at(0);
  EXPECT_EQ(cleared.at("startsAt").string_value(), cleared.at("endsAt").string_value());
}

TEST(ComposeAlertsTest, SaysWhoTakesCareOfIt) {
  const Alert alert = AlertsOf(JamNotification(v1::NOTIFICATION_KIND_ACKNOWLEDGED)).at(0);
  EXPECT_EQ(alert.at("annotations").struct_value().fields().at("acknowledged_by").string_value(),
            "Alice <a@example.com>");
}

TEST(ComposeAlertsTest, ADigestIsTheAlertsThatItStandsFor) {
  const auto alerts = AlertsOf(DigestNotification());
  ASSERT_EQ(alerts.size(), 2u);
  EXPECT_EQ(LabelsOf(alerts[1]),
            LabelsOf(AlertsOf(JamNotification(v1::NOTIFICATION_KIND_RAISED)).at(0)));
}

TEST(ComposeAlertsTest, LinksToWhereItIsTold) {
  const v1::Notification raise = JamNotification(v1::NOTIFICATION_KIND_RAISED);
  const Alert alert =
      AlertsOf(raise, {.generator_url = "https://desk.example.com/{device}#{incident}"}).at(0);
  EXPECT_EQ(alert.at("generatorURL").string_value(),
            "https://desk.example.com/" + base::HexEncode(raise.event().device_id()) + "#" +
                base::HexEncode(raise.incident_id()));
}

TEST(ValidateAlertmanagerTest, ListsAllFaultsAndFindsTheApi) {
  config::v1::Alertmanager config;
  const auto faults = [&config] {
    service::FaultList list;
    ValidateAlertmanager(config, "receivers[0].alertmanager", list);
    return list.ToString();
  };
  config.mutable_bearer_token();
  config.mutable_open_for()->set_seconds(1);
  for (const char* path : {".url", ".bearer_token.secret_file", ".open_for"}) {
    EXPECT_THAT(faults(), HasSubstr(std::string("receivers[0].alertmanager") + path));
  }
  config.clear_open_for();
  config.mutable_bearer_token()->set_value("geheim");
  config.set_url("https://alerts.example.com:9093/");
  EXPECT_EQ(faults(), "");
  const HttpAddress address = ToAlertmanagerOptions(config)->target.address;
  EXPECT_EQ(address.authority, "alerts.example.com:9093");
  EXPECT_EQ(address.target, "/api/v2/alerts");
}

}  // namespace
}  // namespace platen::notifier::edge
