// A person's reading of a device's counters: what it must be, and how it stands beside what the
// device has said. Pure.
#pragma once

#include <string>

#include "platen/event/v1/meter.pb.h"
#include "platen/fleet/v1/fleet.pb.h"

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "libs/base/time.h"

namespace platen::gateway::core {

inline constexpr int kManualMetersMax = 64;
inline constexpr std::size_t kReasonBytesMax = 255;

// The reading as it is stored: source MANUAL, epoch 0 (nobody has compared it, so nobody is charged
// by it alone). `before`: the newest reading of the device itself; default where there is none. A
// counter does not go back: a value below one that was read earlier, or above one that was read
// later, is kInvalidArgument, which names both.
absl::StatusOr<platen::event::v1::MeterReading> MakeManualReading(
    const platen::fleet::v1::EnterMeterReadingRequest& request,
    const platen::event::v1::MeterReading& before,
    const std::string& author,
    base::WallTime now);

// At most kReasonBytesMax bytes, without control characters; not empty where `required`.
absl::Status CheckReason(const std::string& reason, bool required);

}  // namespace platen::gateway::core
