#include "libs/alerting/reason.h"

#include "libs/event/enum_names.h"

namespace platen::alerting {

std::string ReasonName(notifier::v1::DecisionReason reason) {
  if (!notifier::v1::DecisionReason_IsValid(reason))
    reason = notifier::v1::DECISION_REASON_UNSPECIFIED;
  return event::ShortEnumName(
      *notifier::v1::DecisionReason_descriptor()->FindValueByNumber(reason));
}

}  // namespace platen::alerting
