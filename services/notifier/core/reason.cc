#include "services/notifier/core/reason.h"

#include "libs/event/enum_names.h"

namespace platen::notifier::core {

std::string ReasonName(v1::DecisionReason reason) {
  if (!v1::DecisionReason_IsValid(reason)) reason = v1::DECISION_REASON_UNSPECIFIED;
  return event::ShortEnumName(*v1::DecisionReason_descriptor()->FindValueByNumber(reason));
}

}  // namespace platen::notifier::core
