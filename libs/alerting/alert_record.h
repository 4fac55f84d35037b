// What decide keeps of one alert: the resident form of platen.notifier.v1.AlertState.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "platen/event/v1/event.pb.h"
#include "platen/notifier/v1/state.pb.h"

#include "absl/status/statusor.h"
#include "libs/base/ids.h"
#include "libs/base/time.h"

namespace platen::alerting {

// Decided and not yet with Kafka. `serial` names it within this process; `unacknowledged` counts
// the records that say it and are on their way, once it is said.
struct PendingEntry {
  std::uint64_t serial = 0;
  notifier::v1::OutboxEntry entry;
  std::size_t unacknowledged = 0;
};

// People are still to be told, by one rule (platen.notifier.v1.TellingPlan).
struct Plan {
  std::string rule;
  std::uint32_t step = 0;
  std::int64_t due_millis = 0;
  notifier::v1::DecisionReason held = notifier::v1::DECISION_REASON_UNSPECIFIED;
  std::int64_t told_millis = 0;
};

// A beginning, for rates and damping.
struct PastRaise {
  std::int64_t millis = 0;
  std::optional<std::uint64_t> pages;
};

inline constexpr std::size_t kPastRaisesMax = 32;

// In which group's messages somebody is told, as platen.notifier.v1.GroupTerms has it; an empty key
// where each goes alone.
struct ToldGroup {
  std::string key;
  base::Duration wait{};
  base::Duration interval{};
  // SiteTerms; `at_least` 0: none.
  std::uint32_t at_least = 0;
  std::uint32_t percent = 0;
  std::uint32_t devices = 0;
  std::string subnet;
  std::uint32_t subnet_devices = 0;
};

ToldGroup ToldGroupOf(const notifier::v1::GroupTerms& terms);
notifier::v1::GroupTerms TermsOf(const ToldGroup& group);

// Somebody who was told that it began.
struct Told {
  std::string name;
  // Of a contact.
  std::vector<std::string> emails;
  ToldGroup group;
};

// Somebody takes care of it.
struct Care {
  std::string author;
  std::string note;
  std::int64_t expire_millis = 0;
  std::int64_t set_millis = 0;
};

// A value type; some 700 bytes with its strings while it is open, half of them the event.
struct AlertRecord {
  std::uint64_t instance = 0;
  std::uint32_t round = 0;
  bool open = false;
  event::v1::AlertEnd end = event::v1::ALERT_END_UNSPECIFIED;
  event::v1::AlertCategory category = event::v1::ALERT_CATEGORY_UNSPECIFIED;
  notifier::v1::DecisionReason reason = notifier::v1::DECISION_REASON_UNSPECIFIED;
  base::EventId raise_event;
  base::EventId end_event;
  // Observation of the last event, and when the record changed; 0 where not known.
  std::int64_t observed_millis = 0;
  std::int64_t changed_millis = 0;
  // Every input of the alerts partition below this offset is included.
  std::int64_t next_input = 0;
  // Who was told that it began and not yet that it ended, in the order in which they were.
  std::vector<Told> told;
  std::string title;
  // The event that began it, serialised, without what only its way needed; empty once it is closed.
  std::string event;
  // What is still to be told; empty once it is closed.
  std::vector<Plan> plans;
  // Oldest first, at most kPastRaisesMax; kept across instances.
  std::vector<PastRaise> raises;
  // Null where nobody does, as of most: room for it in each record would be a tenth of that.
  std::shared_ptr<const Care> care;
  // Messages and decisions about this round so far.
  std::uint32_t sayings = 0;
  std::vector<PendingEntry> outbox;

  // When it is to be looked at next; nothing where time changes nothing.
  std::optional<std::int64_t> due_millis() const;
};

// What is more to know of somebody than the name; nothing where that is all.
std::optional<notifier::v1::ToldReceiver> DetailsOf(const Told& told);

// The record as it is kept in Kafka.
notifier::v1::AlertState ToState(const base::DeviceId& device,
                                 const std::string& alert_id,
                                 std::uint64_t term,
                                 const AlertRecord& record);

// The other way. Serials of the outbox are 0. kInvalidArgument where an id has a wrong length.
absl::StatusOr<AlertRecord> FromState(const notifier::v1::AlertState& state);

// Key of a record of platen.notifier-state.v1: device id in hexadecimal, "/", alert id.
std::string StateKey(const base::DeviceId& device, const std::string& alert_id);

}  // namespace platen::alerting
