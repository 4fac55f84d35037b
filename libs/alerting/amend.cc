#include "libs/alerting/amend.h"

#include <string>
#include <utility>

#include "libs/alerting/outbox_entry.h"
#include "libs/alerting/rate.h"
#include "libs/alerting/words.h"
#include "libs/event/timestamps.h"

namespace platen::alerting {
namespace {

using event::v1::Event;

// REQUIRES: Decide() has found the event well-formed, so its ids have 16 bytes.
template <class Id>
Id IdOf(const std::string& bytes) {
  return *Id::FromBytes(bytes);
}

// What is kept of the event until the alert is over.
void Keep(const Event& event, AlertRecord& record) {
  Event kept = event;
  kept.clear_occurrence();
  kept.clear_traceparent();
  kept.mutable_source()->clear_instance();
  kept.mutable_source()->clear_epoch();
  kept.mutable_source()->clear_sequence();
  record.event = kept.SerializeAsString();
  record.category = event.alert().category();
  record.title = Title(event);
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
  record.plans.clear();
  record.care.reset();
  record.event.clear();
}

}  // namespace

std::optional<notifier::v1::OutboxEntry> Amend(base::WallTime now,
                                               const Event& event,
                                               const Verdict& verdict,
                                               AlertRecord& record) {
  if (record.instance != event.alert().instance()) {
    // A new instance: nothing of the one before counts, but what is still to be said of it, and how
    // often it begins.
    record = AlertRecord{.next_input = record.next_input,
                         .raises = std::move(record.raises),
                         .outbox = std::move(record.outbox)};
    record.instance = event.alert().instance();
  }
  record.reason = verdict.reason;
  record.changed_millis = base::ToMillis(now);
  if (event.has_observation_time()) {
    record.observed_millis = base::ToMillis(event::FromProto(event.observation_time()));
  }
  switch (verdict.action) {
    case Action::kBegin:
      Open(event, record);
      ++record.round;
      record.sayings = 0;
      record.told.clear();
      AddRaise(event, now, record);
      Keep(event, record);
      break;
    case Action::kReopen:
      Open(event, record);
      Keep(event, record);
      break;
    case Action::kRefresh:
      Keep(event, record);
      break;
    case Action::kTellCleared: {
      Close(event, record);
      notifier::v1::OutboxEntry entry =
          MakeEntry(now, event, notifier::v1::NOTIFICATION_KIND_CLEARED, record);
      AddReceivers(std::exchange(record.told, {}), "", entry);
      return entry;
    }
    case Action::kCloseSilently:
      Close(event, record);
      break;
    case Action::kIgnore:
    case Action::kQuarantine:
      break;
  }
  return std::nullopt;
}

}  // namespace platen::alerting
