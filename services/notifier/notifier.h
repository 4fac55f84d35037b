// The notifier, wired together; read notifier.cc from top to bottom as the pipeline.
#pragma once

#include "platen/config/v1/notifier.pb.h"

#include "absl/status/status.h"
#include "libs/service/main.h"

namespace platen::notifier {

// Runs until a signal. Errors: what keeps it from starting, with what to do about it.
absl::Status RunNotifier(const config::v1::Notifier& config,
                         service::ServiceContext<config::v1::Notifier>& context);

}  // namespace platen::notifier
