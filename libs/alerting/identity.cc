#include "libs/alerting/identity.h"

#include <algorithm>

#include "libs/base/field_digest.h"
#include "libs/base/status.h"

namespace platen::alerting {
namespace {

template <class Id>
Id FirstHalf(const base::FieldDigest& fields) {
  const auto digest = fields.Sha256();
  Id id;
  std::copy_n(digest.begin(), Id::kSize, id.raw().begin());
  return id;
}

template <class Id>
Id Folded(std::string_view bytes) {
  Id id;
  for (std::size_t i = 0; i < bytes.size(); ++i) {
    id.raw()[i % Id::kSize] ^= static_cast<std::uint8_t>(bytes[i]);
  }
  return id;
}

}  // namespace

base::IncidentId DeriveIncidentId(const Incident& incident) {
  base::FieldDigest fields;
  fields.Text("incident");
  fields.Text(incident.device.bytes());
  fields.Text(incident.alert_id);
  fields.Number(incident.instance);
  fields.Number(incident.round);
  return FirstHalf<base::IncidentId>(fields);
}

base::NotificationId DeriveNotificationId(std::string_view receiver,
                                          const base::IncidentId& incident,
                                          notifier::v1::NotificationKind kind,
                                          std::uint32_t ordinal) {
  base::FieldDigest fields;
  fields.Text("notification");
  fields.Text(receiver);
  fields.Text(incident.bytes());
  fields.Signed(kind);
  if (ordinal != 0) fields.Number(ordinal);
  return FirstHalf<base::NotificationId>(fields);
}

base::NotificationId IdOf(const notifier::v1::Notification& notification) {
  return Folded<base::NotificationId>(notification.id());
}

base::IncidentId IncidentOf(const notifier::v1::Notification& notification) {
  return Folded<base::IncidentId>(notification.incident_id());
}

base::DeviceId DeviceOf(const notifier::v1::Notification& notification) {
  return Folded<base::DeviceId>(notification.event().device_id());
}

std::string NotificationKey(const notifier::v1::Notification& notification) {
  if (notification.has_group()) {
    return base::StrCat(notification.receiver(), "/", notification.group().key());
  }
  return base::StrCat(notification.receiver(), "/", base::HexEncode(notification.incident_id()));
}

}  // namespace platen::alerting
