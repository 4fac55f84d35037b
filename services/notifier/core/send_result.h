// What became of one try to hand a notification to its receiver.
#pragma once

#include <optional>
#include <string>

#include "libs/base/time.h"

namespace platen::notifier::core {

enum class SendOutcome {
  // The receiver has taken it.
  kDelivered,
  // It may be taken another time: no connection, no answer, a server that is busy or broken.
  kRetry,
  // The receiver will never take it; trying again would not help.
  kRefused,
};

struct SendResult {
  SendOutcome outcome = SendOutcome::kRetry;
  // How long the receiver asks to be left alone.
  std::optional<base::Duration> retry_after;
  // One line for people: what was said, never a payload or a secret.
  std::string detail;
};

}  // namespace platen::notifier::core
