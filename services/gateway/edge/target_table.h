// Registration: devices, targets, and the orders that tell an installation of them. For the
// writer's transactions.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "platen/fleet/v1/fleet.pb.h"

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "services/gateway/core/names.h"
#include "services/gateway/core/registry.h"
#include "services/gateway/edge/sqlite.h"

namespace platen::gateway::edge {

struct Registration {
  core::Place place;
  platen::fleet::v1::Target target;  // Checked by core::CheckTarget().
  base::DeviceId device;             // Fresh; not used where the request was answered before.
  std::string request_key;           // The caller and its request_id; empty: none.
};

struct Registered {
  platen::fleet::v1::Target target;
  base::DeviceId device;
  core::DeviceNumber number = 0;
  core::PlaceNumber place_number = 0;
  core::Place place;
  bool fresh = true;  // False: an earlier call with this request_id did it.
};

// Whether what is registered stays, or was only checked (AIP-163).
enum class Registering { kKeep, kCheckOnly };

// All or none. kAlreadyExists where an address or expected serial number is registered at the site;
// kInvalidArgument where a request_id was used for something else. Errors name the position.
absl::StatusOr<std::vector<Registered>> RegisterTargets(Database& database,
                                                        const std::vector<Registration>& batch,
                                                        Registering mode,
                                                        std::int64_t now_ms);

// The target of a device that is registered and has none: its row, and the order that carries it.
// `target.name` and the like are filled in.
absl::Status AttachTarget(Database& database,
                          const core::Place& place,
                          const base::DeviceId& device,
                          core::DeviceNumber number,
                          platen::fleet::v1::Target& target,
                          std::int64_t now_ms);

// Other values for a device's target: its row, the device's address, and an order. kAlreadyExists
// where another target has the address or serial number; kNotFound where the device has no target.
absl::Status ChangeTarget(Database& database,
                          const core::Place& place,
                          const base::DeviceId& device,
                          platen::fleet::v1::Target target,
                          std::int64_t now_ms);

// kNotFound. Returns the installation that has to be told.
absl::StatusOr<std::string> RemoveTarget(Database& database,
                                         const core::Place& place,
                                         const base::DeviceId& device,
                                         std::int64_t now_ms);

}  // namespace platen::gateway::edge
