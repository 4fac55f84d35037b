#include "tools/platenctl/rule_words.h"

#include "libs/alerting/reason.h"
#include "libs/base/status.h"

namespace platen::platenctl {

using notifier::v1::DecisionReason;

std::string ReasonWords(DecisionReason reason) {
  switch (reason) {
    case notifier::v1::DECISION_REASON_RAISED:
      return "people are told";
    case notifier::v1::DECISION_REASON_STATUS_LINE:
      return "it is a line of status, no fault: its code says so";
    case notifier::v1::DECISION_REASON_SEVERITY_OTHER:
      return "it is a line of status, no fault: its severity is \"other\"";
    case notifier::v1::DECISION_REASON_NO_RECEIVER:
      return "no rule sends it to anybody";
    case notifier::v1::DECISION_REASON_MALFORMED:
      return "it lacks what every alert must have";
    case notifier::v1::DECISION_REASON_WAITING:
      return "it has to be open for longer";
    case notifier::v1::DECISION_REASON_OUTSIDE_HOURS:
      return "it waits for the rule's hours";
    case notifier::v1::DECISION_REASON_BELOW_RATE:
      return "it does not happen often enough";
    case notifier::v1::DECISION_REASON_FLAPPING:
      return "it comes and goes; it has to be quiet first";
    case notifier::v1::DECISION_REASON_SILENCED:
      return "a silence keeps it quiet";
    case notifier::v1::DECISION_REASON_INHIBITED:
      return "something else that is open on the device keeps it quiet";
    case notifier::v1::DECISION_REASON_ACKNOWLEDGED:
      return "somebody takes care of it";
    case notifier::v1::DECISION_REASON_ESCALATED:
      return "nobody has acknowledged it";
    case notifier::v1::DECISION_REASON_REMINDED:
      return "it still goes on, and nobody has acknowledged it";
    case notifier::v1::DECISION_REASON_RULE_GONE:
      return "the rule does not hold any more";
    case notifier::v1::DECISION_REASON_SITE_SILENT:
      return "its whole site does not answer, and people are told of the site";
    default:
      return alerting::ReasonName(reason);
  }
}

std::string ReasonWords(std::string_view name) {
  for (int number = 0; number <= notifier::v1::DecisionReason_MAX; ++number) {
    const auto reason = static_cast<DecisionReason>(number);
    if (alerting::ReasonName(reason) == name) return ReasonWords(reason);
  }
  return std::string(name);
}

std::string MessageWords(const notifier::v1::Notification& message) {
  switch (message.kind()) {
    case notifier::v1::NOTIFICATION_KIND_RAISED:
      return "beginning";
    case notifier::v1::NOTIFICATION_KIND_CLEARED:
      return "end";
    case notifier::v1::NOTIFICATION_KIND_ACKNOWLEDGED:
      return "acknowledged";
    case notifier::v1::NOTIFICATION_KIND_ESCALATED:
      return "passed on";
    case notifier::v1::NOTIFICATION_KIND_REMINDED:
      return "reminder";
    case notifier::v1::NOTIFICATION_KIND_DIGEST:
      return base::StrCat("digest of ", message.members_size());
    default:
      return "nothing";
  }
}

std::string AfterWords(base::Duration duration) {
  constexpr std::pair<std::int64_t, std::string_view> kUnits[] = {
      {86'400, "d"}, {3'600, "h"}, {60, "min"}, {1, "s"}};
  std::int64_t left = std::chrono::duration_cast<std::chrono::seconds>(duration).count();
  std::string words;
  int parts = 0;
  for (const auto& [seconds, unit] : kUnits) {
    const std::int64_t count = left / seconds;
    if (parts > 0) ++parts;
    if (parts > 2) break;
    if (count == 0) continue;
    parts = std::max(parts, 1);
    words += base::StrCat(" ", count, " ", unit);
    left -= count * seconds;
  }
  return words.empty() ? "at once" : "after" + words;
}

}  // namespace platen::platenctl
