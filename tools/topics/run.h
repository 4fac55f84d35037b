// What platen-topics does, on a broker.
#pragma once

#include <functional>
#include <string_view>

#include "absl/status/status.h"
#include "libs/broker/broker.h"
#include "tools/topics/options.h"

namespace platen::topics {

// Receives a line, without its end.
using Print = std::function<void(std::string_view)>;

// Does what `options` say. A tail without `until_end` returns for an error only: a signal ends the
// process. Errors say what to do; kUnavailable where the broker does not answer.
absl::Status Run(const Options& options, broker::Broker& broker, const Print& print);

}  // namespace platen::topics
