// Ids of incidents and notifications: derived, so that whoever says the same thing again, at
// another try or after a crash, says it under the same id.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "platen/notifier/v1/notification.pb.h"

#include "libs/base/ids.h"

namespace platen::alerting {

// An alert from its beginning to its end, as people think of it.
struct Incident {
  base::DeviceId device;
  std::string_view alert_id;
  std::uint64_t instance = 0;
  // How often this instance began anew after people were told of its end; from 1.
  std::uint32_t round = 1;
};

base::IncidentId DeriveIncidentId(const Incident& incident);

// `ordinal`: which of its kind, where there may be several; 0 otherwise.
base::NotificationId DeriveNotificationId(std::string_view receiver,
                                          const base::IncidentId& incident,
                                          notifier::v1::NotificationKind kind,
                                          std::uint32_t ordinal = 0);

// What a message has as ids; folded to 16 bytes where somebody wrote others.
base::NotificationId IdOf(const notifier::v1::Notification& notification);
base::IncidentId IncidentOf(const notifier::v1::Notification& notification);
base::DeviceId DeviceOf(const notifier::v1::Notification& notification);

// Key and partition key of a record of platen.notifications.v1: what one receiver hears of one
// incident, or of one group, lies in one partition, in order. A record for several receivers has
// the key of one of them.
std::string NotificationKey(const notifier::v1::Notification& notification);

}  // namespace platen::alerting
