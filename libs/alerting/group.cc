#include "libs/alerting/group.h"

#include "libs/alerting/identity.h"
#include "libs/base/ids.h"

namespace platen::alerting {

std::vector<KeyedNotification> Group(const notifier::v1::OutboxEntry& entry) {
  std::vector<KeyedNotification> grouped;
  const auto incident = base::IncidentId::FromBytes(entry.notification().incident_id());
  if (!incident.ok()) return grouped;
  for (const std::string& receiver : entry.receivers()) {
    notifier::v1::Notification notification = entry.notification();
    notification.set_receiver(receiver);
    for (const notifier::v1::ToldReceiver& details : entry.details()) {
      if (details.receiver() != receiver) continue;
      *notification.mutable_emails() = details.emails();
      if (details.has_group()) *notification.mutable_group() = details.group();
    }
    // A beginning and an end are told once, whatever else is said of the incident.
    const bool is_once = notification.kind() == notifier::v1::NOTIFICATION_KIND_RAISED ||
                         notification.kind() == notifier::v1::NOTIFICATION_KIND_CLEARED;
    notification.set_id(std::string(
        DeriveNotificationId(
            receiver, *incident, notification.kind(), is_once ? 0 : notification.ordinal())
            .bytes()));
    std::string key = NotificationKey(notification);
    grouped.push_back({.key = std::move(key), .notification = std::move(notification)});
  }
  return grouped;
}

}  // namespace platen::alerting
