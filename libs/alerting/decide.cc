#include "libs/alerting/decide.h"

#include <algorithm>
#include <array>

#include "libs/alerting/outage_alert.h"
#include "libs/event/timestamps.h"

namespace platen::alerting {
namespace {

using event::v1::Alert;
using event::v1::Event;

constexpr std::size_t kAlertIdBytesMax = 256;

// PrtAlertCodeTC (IANA-PRINTER-MIB).
constexpr std::array<std::int32_t, 15> kStatusLines = {
    1,     // other
    2,     // unknown
    4,     // coverClosed
    6,     // interlockClosed
    7,     // configurationChange
    19,    // closed
    20,    // turnedOn
    23,    // powerSaver
    24,    // warmingUp
    502,   // doorClosed
    503,   // powerUp
    505,   // printerNMSReset
    506,   // printerManualReset
    507,   // printerReadyToPrint
    1801,  // alertRemovalOfBinaryChangeEntry
};

bool IsWellFormed(const Event& event) {
  const Alert& alert = event.alert();
  if (event.device_id().size() != base::DeviceId::kSize) return false;
  if (event.id().size() != base::EventId::kSize) return false;
  if (alert.alert_id().empty() || alert.alert_id().size() > kAlertIdBytesMax) return false;
  switch (alert.transition()) {
    case event::v1::ALERT_TRANSITION_RAISED:
    case event::v1::ALERT_TRANSITION_CHANGED:
      return true;
    case event::v1::ALERT_TRANSITION_ENDED:
      return alert.end() != event::v1::ALERT_END_UNSPECIFIED;
    default:
      return false;
  }
}

// Why nobody wants to hear of it, or UNSPECIFIED.
notifier::v1::DecisionReason WhyNotWorthTelling(const DecideInput& input) {
  const Alert& alert = input.event.alert();
  if (IsStatusLine(alert.code())) return notifier::v1::DECISION_REASON_STATUS_LINE;
  if (alert.severity() == event::v1::ALERT_SEVERITY_OTHER) {
    return notifier::v1::DECISION_REASON_SEVERITY_OTHER;
  }
  // People are told of it already, by the rule that took its devices.
  if (IsOutage(alert.alert_id())) return notifier::v1::DECISION_REASON_UNSPECIFIED;
  if (!input.is_taken) return notifier::v1::DECISION_REASON_NO_RECEIVER;
  return notifier::v1::DECISION_REASON_UNSPECIFIED;
}

// Whether `event` was observed no later than the last event that `known` includes. Not known: no,
// for a message too many is better than one too few.
bool IsOlder(const Event& event, const AlertRecord& known) {
  return event.has_observation_time() && known.observed_millis != 0 &&
         base::ToMillis(event::FromProto(event.observation_time())) <= known.observed_millis;
}

Verdict DecideBeginning(const DecideInput& input, const AlertRecord* known) {
  if (known != nullptr && known->open) {
    const bool changed = input.event.alert().transition() == event::v1::ALERT_TRANSITION_CHANGED;
    return {changed ? Action::kRefresh : Action::kIgnore, notifier::v1::DECISION_REASON_CHANGED};
  }
  if (known != nullptr && !known->open) {
    const bool is_late = IsOlder(input.event, *known) || IsOutage(input.event.alert().alert_id());
    if (is_late) return {Action::kIgnore, notifier::v1::DECISION_REASON_ALREADY_ENDED};
    if (known->end == event::v1::ALERT_END_SUPERSEDED && !known->told.empty()) {
      return {Action::kReopen, notifier::v1::DECISION_REASON_REOPENED};
    }
  }
  if (const auto why = WhyNotWorthTelling(input);
      why != notifier::v1::DECISION_REASON_UNSPECIFIED) {
    return {Action::kIgnore, why};
  }
  return {Action::kBegin, notifier::v1::DECISION_REASON_RAISED};
}

Verdict DecideSilentEnd(event::v1::AlertEnd end) {
  switch (end) {
    case event::v1::ALERT_END_SUPERSEDED:
      return {Action::kCloseSilently, notifier::v1::DECISION_REASON_SUPERSEDED};
    case event::v1::ALERT_END_EXPIRED:
      return {Action::kCloseSilently, notifier::v1::DECISION_REASON_EXPIRED};
    default:
      return {Action::kCloseSilently, notifier::v1::DECISION_REASON_WITHDRAWN};
  }
}

Verdict DecideEnd(const DecideInput& input, const AlertRecord* known) {
  if (known == nullptr) {
    const auto why = WhyNotWorthTelling(input);
    if (why != notifier::v1::DECISION_REASON_UNSPECIFIED) return {Action::kIgnore, why};
    return {Action::kCloseSilently, notifier::v1::DECISION_REASON_END_BEFORE_RAISE};
  }
  const bool cleared = input.event.alert().end() == event::v1::ALERT_END_CLEARED;
  const bool is_told_elsewhere = IsOutage(input.event.alert().alert_id());
  // A silent close may turn out to have been the end after all: those who were told are told.
  if (cleared && !known->told.empty() && !is_told_elsewhere)
    return {Action::kTellCleared, notifier::v1::DECISION_REASON_CLEARED};
  if (!known->open) return {Action::kIgnore, notifier::v1::DECISION_REASON_ALREADY_ENDED};
  if (cleared) {
    return {Action::kCloseSilently,
            is_told_elsewhere ? notifier::v1::DECISION_REASON_CLEARED
                              : notifier::v1::DECISION_REASON_ENDED_UNTOLD};
  }
  return DecideSilentEnd(input.event.alert().end());
}

}  // namespace

bool IsStatusLine(std::int32_t code) {
  return std::find(kStatusLines.begin(), kStatusLines.end(), code) != kStatusLines.end();
}

Verdict Decide(const DecideInput& input) {
  const Event& event = input.event;
  if (!event.has_alert()) return {Action::kIgnore, notifier::v1::DECISION_REASON_NOT_AN_ALERT};
  if (!IsWellFormed(event)) return {Action::kQuarantine, notifier::v1::DECISION_REASON_MALFORMED};
  // A pushed fact has no owner and therefore no term.
  if (event.term() != 0 && event.term() < input.device_term) {
    return {Action::kIgnore, notifier::v1::DECISION_REASON_LOWER_TERM};
  }
  const AlertRecord* known = input.known;
  if (known != nullptr && event.alert().instance() < known->instance) {
    return {Action::kIgnore, notifier::v1::DECISION_REASON_EARLIER_INSTANCE};
  }
  if (known != nullptr && event.alert().instance() > known->instance) known = nullptr;
  if (known != nullptr &&
      (event.id() == known->raise_event.bytes() || event.id() == known->end_event.bytes())) {
    return {Action::kIgnore, notifier::v1::DECISION_REASON_DUPLICATE};
  }
  return event.alert().transition() == event::v1::ALERT_TRANSITION_ENDED
             ? DecideEnd(input, known)
             : DecideBeginning(input, known);
}

}  // namespace platen::alerting
