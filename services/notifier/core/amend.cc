#include "services/notifier/core/amend.h"

#include <string>

#include "libs/event/timestamps.h"
#include "services/notifier/core/identity.h"
#include "services/notifier/core/words.h"

namespace platen::notifier::core {
namespace {

using event::v1::Event;

// REQUIRES: Decide() has found the event well-formed, so its ids have 16 bytes.
template <class Id>
Id IdOf(const std::string& bytes) {
  return *Id::FromBytes(bytes);
}

v1::OutboxEntry Tell(base::WallTime now,
                     const Event& event,
                     v1::NotificationKind kind,
                     const AlertRecord& record) {
  v1::OutboxEntry entry;
  v1::Notification& notification = *entry.mutable_notification();
  const base::IncidentId incident =
      DeriveIncidentId({.device = IdOf<base::DeviceId>(event.device_id()),
                        .alert_id = event.alert().alert_id(),
                        .instance = record.instance,
                        .round = record.round});
  notification.set_incident_id(std::string(incident.bytes()));
  notification.set_kind(kind);
  notification.set_title(record.title);
  *notification.mutable_event() = event;
  *notification.mutable_decide_time() = event::ToProto(now);
  for (const std::string& receiver : record.told) entry.add_receivers(receiver);
  return entry;
}

void Open(const Event& event, AlertRecord& record) {
  record.open = true;
  record.end = event::v1::ALERT_END_UNSPECIFIED;
  record.raise_event = IdOf<base::EventId>(event.id());
}

void Close(const Event& event, AlertRecord& record) {
  record.open = false;
  record.end = event.alert().end();
  record.end_event = IdOf<base::EventId>(event.id());
}

}  // namespace

std::optional<v1::OutboxEntry> Amend(base::WallTime now,
                                     const Event& event,
                                     const Verdict& verdict,
                                     const Routing& routing,
                                     AlertRecord& record) {
  if (record.instance != event.alert().instance()) {
    // A new instance: nothing of the one before counts, but what is still to be said of it.
    record = AlertRecord{.next_input = record.next_input, .outbox = std::move(record.outbox)};
    record.instance = event.alert().instance();
  }
  record.reason = verdict.reason;
  record.changed_millis = base::ToMillis(now);
  if (event.has_observation_time())
    record.observed_millis = base::ToMillis(event::FromProto(event.observation_time()));
  switch (verdict.action) {
    case Action::kTellRaised:
      Open(event, record);
      ++record.round;
      record.told = routing.ReceiversOf(event);
      record.title = Title(event);
      return Tell(now, event, v1::NOTIFICATION_KIND_RAISED, record);
    case Action::kReopen:
      Open(event, record);
      return std::nullopt;
    case Action::kTellCleared: {
      Close(event, record);
      v1::OutboxEntry entry = Tell(now, event, v1::NOTIFICATION_KIND_CLEARED, record);
      record.told.clear();
      return entry;
    }
    case Action::kCloseSilently:
      Close(event, record);
      return std::nullopt;
    case Action::kIgnore:
    case Action::kQuarantine:
      break;
  }
  return std::nullopt;
}

}  // namespace platen::notifier::core
