// What decide keeps of one alert: the resident form of platen.notifier.v1.AlertState.
#pragma once

#include <cstdint>
#include <deque>
#include <string>
#include <vector>

#include "platen/event/v1/alert.pb.h"
#include "platen/notifier/v1/state.pb.h"

#include "absl/status/statusor.h"
#include "libs/base/ids.h"
#include "libs/base/time.h"

namespace platen::notifier::core {

// Decided and not yet with Kafka. `serial` names it within this process; `unacknowledged` counts
// the receivers whose notification is on its way, once it is said.
struct PendingEntry {
  std::uint64_t serial = 0;
  v1::OutboxEntry entry;
  std::size_t unacknowledged = 0;
};

// A value type; a few hundred bytes with its strings.
struct AlertRecord {
  std::uint64_t instance = 0;
  std::uint32_t round = 0;
  bool open = false;
  event::v1::AlertEnd end = event::v1::ALERT_END_UNSPECIFIED;
  v1::DecisionReason reason = v1::DECISION_REASON_UNSPECIFIED;
  base::EventId raise_event;
  base::EventId end_event;
  // Observation of the last event, and when the record changed; 0 where not known.
  std::int64_t observed_millis = 0;
  std::int64_t changed_millis = 0;
  // Every input of the alerts partition below this offset is included.
  std::int64_t next_input = 0;
  // Who was told that it began and not yet that it ended.
  std::vector<std::string> told;
  std::string title;
  std::deque<PendingEntry> outbox;
};

// The record as it is kept in Kafka.
v1::AlertState ToState(const base::DeviceId& device,
                       const std::string& alert_id,
                       std::uint64_t term,
                       const AlertRecord& record);

// The other way. Serials of the outbox are 0. kInvalidArgument where an id has a wrong length.
absl::StatusOr<AlertRecord> FromState(const v1::AlertState& state);

// Key of a record of platen.notifier-state.v1: device id in hexadecimal, "/", alert id.
std::string StateKey(const base::DeviceId& device, const std::string& alert_id);

}  // namespace platen::notifier::core
