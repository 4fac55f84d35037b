// What a target must be before it is registered, and the order that it becomes.
#pragma once

#include <string>

#include "platen/event/v1/pipeline.pb.h"
#include "platen/fleet/v1/fleet.pb.h"

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "services/gateway/core/names.h"

namespace platen::gateway::core {

inline constexpr std::string_view kDefaultInstallation = "default";

// The target as it will be registered: address in its canonical form, installation filled, what
// only the registry says (name, uid, times) left out. kInvalidArgument names the field and its
// bounds.
absl::StatusOr<platen::fleet::v1::Target> CheckTarget(const platen::fleet::v1::Target& target);

// A UUID, or empty. kInvalidArgument otherwise.
absl::Status CheckRequestId(std::string_view request_id);

// What goes down to the collectors.
platen::event::v1::Target MakeOrder(const platen::fleet::v1::Target& target,
                                    const Place& place,
                                    const base::DeviceId& device);

}  // namespace platen::gateway::core
