#include "libs/alerting/group.h"

#include <string_view>
#include <utility>

#include "absl/container/flat_hash_map.h"
#include "libs/alerting/identity.h"
#include "libs/alerting/shared_event.h"
#include "libs/base/ids.h"

namespace platen::alerting {

std::vector<KeyedNotification> Group(const notifier::v1::OutboxEntry& entry) {
  std::vector<KeyedNotification> grouped;
  const auto incident = base::IncidentId::FromBytes(entry.notification().incident_id());
  if (!incident.ok()) return grouped;
  absl::flat_hash_map<std::string_view, const notifier::v1::ToldReceiver*> details_of;
  for (const notifier::v1::ToldReceiver& details : entry.details()) {
    details_of[details.receiver()] = &details;
  }
  notifier::v1::Notification rest = entry.notification();
  const SharedEvent event = TakeEvent(rest);
  for (const std::string& receiver : entry.receivers()) {
    const std::shared_ptr<notifier::v1::Notification> shared = WithEvent(rest, event);
    notifier::v1::Notification& notification = *shared;
    notification.set_receiver(receiver);
    if (const auto found = details_of.find(receiver); found != details_of.end()) {
      const notifier::v1::ToldReceiver& details = *found->second;
      *notification.mutable_emails() = details.emails();
      if (details.has_group()) *notification.mutable_group() = details.group();
      if (!details.rule().empty()) notification.set_rule(details.rule());
    }
    // A beginning and an end are told once, whatever else is said of the incident.
    const bool is_once = notification.kind() == notifier::v1::NOTIFICATION_KIND_RAISED ||
                         notification.kind() == notifier::v1::NOTIFICATION_KIND_CLEARED;
    notification.set_id(std::string(
        DeriveNotificationId(
            receiver, *incident, notification.kind(), is_once ? 0 : notification.ordinal())
            .bytes()));
    std::string key = NotificationKey(notification);
    grouped.push_back({.key = std::move(key), .notification = shared});
  }
  return grouped;
}

}  // namespace platen::alerting
