// The program behind main(): what the command line asks for, from start to end.
#pragma once

#include "absl/status/status.h"
#include "libs/base/time.h"
#include "tools/fleetsim/options.h"

namespace platen::fleetsim {

// Runs a fleet until `stop_fd` becomes readable, or does the one thing that was asked for. Writes
// to standard output where a fleet listens, and what was asked for.
absl::Status Run(const Options& options, const base::Clock& clock, int stop_fd);

}  // namespace platen::fleetsim
