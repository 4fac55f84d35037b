// The notifications that the tests of channels send, and how they read what channels write.
#pragma once

#include <string>

#include <google/protobuf/struct.pb.h>
#include <google/protobuf/util/json_util.h>
#include <gtest/gtest.h>

#include "platen/notifier/v1/notification.pb.h"

#include "libs/alerting/identity.h"
#include "libs/alerting/words.h"

namespace platen::notifier::edge {

inline v1::Notification JamNotification(v1::NotificationKind kind,
                                        const std::string& receiver = "desk",
                                        const std::string& alert_id = "jam/1") {
  v1::Notification notification;
  event::v1::Event& event = *notification.mutable_event();
  event.set_tenant("acme");
  event.set_site("hq");
  event.set_device_id(std::string(16, '\x0D'));
  event.mutable_observation_time()->set_seconds(1'700'000'600);
  event::v1::Alert& alert = *event.mutable_alert();
  alert.set_alert_id(alert_id);
  alert.set_category(event::v1::ALERT_CATEGORY_JAM);
  alert.set_severity(event::v1::ALERT_SEVERITY_CRITICAL);
  alert.set_code(8);
  alert.set_group(8);
  alert.set_description("Paper jam <Tray 2>");
  alert.set_where("Tray 2");
  alert.set_paper_source("Tray 2");
  alert.set_console_text("Jam Tray 2\nOpen the rear cover");
  alert.mutable_raise_time()->set_seconds(1'700'000'000);
  alert.mutable_counters()->set_total(48213);
  event::v1::DeviceLabel& device = *alert.mutable_device();
  device.set_manufacturer("Brother");
  device.set_model("HL-L5100DN");
  device.set_serial_number("E78123F4N554711");
  device.set_customer("Acme Ltd");
  device.set_site("Zürich");
  device.set_location("Room 2.14");
  device.set_address("127.1.0.5");
  const base::IncidentId incident =
      alerting::DeriveIncidentId({.device = *base::DeviceId::FromBytes(event.device_id()),
                                  .alert_id = alert_id,
                                  .instance = 1,
                                  .round = 1});
  notification.set_incident_id(std::string(incident.bytes()));
  notification.set_receiver(receiver);
  notification.set_kind(kind);
  notification.set_id(
      std::string(alerting::DeriveNotificationId(receiver, incident, kind).bytes()));
  notification.set_title(alerting::Title(event));
  notification.mutable_decide_time()->set_seconds(1'700'000'601);
  if (kind == v1::NOTIFICATION_KIND_ACKNOWLEDGED) {
    notification.set_author("Alice <a@example.com>");
    notification.set_note("on my way & back\nby noon");
  }
  return notification;
}

// A jam that began and one that is over.
inline v1::Notification DigestNotification() {
  v1::Notification digest = JamNotification(v1::NOTIFICATION_KIND_DIGEST);
  digest.set_title("[Acme Ltd/Zürich] 1 printer: 1 alarms, 1 over");
  digest.set_rule("rules/jams");
  for (const v1::Notification& each :
       {JamNotification(v1::NOTIFICATION_KIND_RAISED, "desk", "jam/2"),
        JamNotification(v1::NOTIFICATION_KIND_CLEARED, "desk", "jam/1")}) {
    v1::DigestMember& member = *digest.add_members();
    member.set_id(each.id());
    member.set_incident_id(each.incident_id());
    member.set_kind(each.kind());
    member.set_title(each.title());
    member.set_device_id(each.event().device_id());
    member.set_alert_id(each.event().alert().alert_id());
    *member.mutable_decide_time() = each.decide_time();
    *member.mutable_event() = each.event();
  }
  return digest;
}

// A JSON object.
inline google::protobuf::Struct Parsed(const std::string& text) {
  google::protobuf::Struct json;
  EXPECT_TRUE(google::protobuf::util::JsonStringToMessage(text, &json).ok()) << text;
  return json;
}

// As many members as a group may have.
inline v1::Notification LongDigest() {
  v1::Notification digest = DigestNotification();
  while (digest.members_size() < 500) *digest.add_members() = digest.members(0);
  return digest;
}

}  // namespace platen::notifier::edge
