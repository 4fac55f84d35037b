#include "services/notifier/core/reason.h"

#include "absl/strings/ascii.h"

namespace platen::notifier::core {

std::string ReasonName(v1::DecisionReason reason) {
  constexpr std::size_t kPrefix = sizeof("DECISION_REASON_") - 1;
  if (!v1::DecisionReason_IsValid(reason)) reason = v1::DECISION_REASON_UNSPECIFIED;
  return absl::AsciiStrToLower(v1::DecisionReason_Name(reason).substr(kPrefix));
}

}  // namespace platen::notifier::core
