// Which of its lives a process is in: kept in its state directory, and above the one before even if
// the clock went back.
#pragma once

#include <cstdint>
#include <string>

#include "absl/status/statusor.h"
#include "libs/base/time.h"

namespace platen::service {

// Takes the next epoch (libs/event/sequence.h) and makes it durable in `state_dir`/epoch before it
// returns, so that no two lives say the same number. Makes the directory (0700) where it is
// missing. Errors: kFailedPrecondition (can't be made or written, or what is there is no epoch),
// with the path.
absl::StatusOr<std::uint64_t> TakeEpoch(const std::string& state_dir, base::WallTime now);

}  // namespace platen::service
