// The names of reasons, as metrics and logs show them.
#pragma once

#include <string>

#include "platen/notifier/v1/state.pb.h"

namespace platen::alerting {

// "end_before_raise" for DECISION_REASON_END_BEFORE_RAISE. "unspecified" for a number without a
// name.
std::string ReasonName(notifier::v1::DecisionReason reason);

}  // namespace platen::alerting
