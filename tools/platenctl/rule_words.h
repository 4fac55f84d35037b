// What the notifier decides, in words for people. Pure.
#pragma once

#include <string>
#include <string_view>

#include "platen/notifier/v1/notification.pb.h"
#include "platen/notifier/v1/state.pb.h"

#include "libs/base/time.h"

namespace platen::platenctl {

// "a silence keeps it quiet", by the reason's number or by its name in lower case.
std::string ReasonWords(notifier::v1::DecisionReason reason);
std::string ReasonWords(std::string_view name);

// What a message tells: "beginning", "end", "passed on", "reminder", "acknowledged", "digest of 3".
std::string MessageWords(const notifier::v1::Notification& message);

// "at once", "after 30 s", "after 10 min", "after 1 h 5 min", "after 2 d 3 h".
std::string AfterWords(base::Duration duration);

}  // namespace platen::platenctl
