// The decision about one event of one alert: what becomes of its record, who is told, and why.
// Pure and total; every outcome carries a reason that appears unchanged in state, metrics and logs.
#pragma once

#include <cstdint>

#include "platen/event/v1/event.pb.h"
#include "platen/notifier/v1/state.pb.h"

#include "libs/alerting/alert_record.h"

namespace platen::alerting {

enum class Action {
  // The record stays as it is.
  kIgnore,
  // The event is put aside with the dead letters.
  kQuarantine,
  // It is open, and people are told as the rules say (telling.h).
  kBegin,
  // It is open again; people think of it as open anyway.
  kReopen,
  // It goes on as something else.
  kRefresh,
  // It is closed, and those who were told of it are told.
  kTellCleared,
  // It is closed without a word.
  kCloseSilently,
};

struct Verdict {
  Action action = Action::kIgnore;
  notifier::v1::DecisionReason reason = notifier::v1::DECISION_REASON_UNSPECIFIED;

  friend bool operator==(const Verdict&, const Verdict&) = default;
};

struct DecideInput {
  const event::v1::Event& event;
  // What is known of this alert; null where nothing is.
  const AlertRecord* known = nullptr;
  // Highest ownership term heard of for the device; 0 where none.
  std::uint64_t device_term = 0;
  // Whether any rule takes this alert.
  bool is_taken = true;
};

Verdict Decide(const DecideInput& input);

// Codes of prtAlertTable rows that are lines of status, not faults: a cover that was closed, a
// printer that is ready, asleep or warming up, a change of configuration.
bool IsStatusLine(std::int32_t code);

}  // namespace platen::alerting
