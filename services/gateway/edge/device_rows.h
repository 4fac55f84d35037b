// A device's row and the events that the gateway itself says of it. For the writer's transactions.
#pragma once

#include <cstdint>
#include <string>

#include "platen/event/v1/event.pb.h"
#include "platen/fleet/v1/fleet.pb.h"

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "services/gateway/core/names.h"
#include "services/gateway/core/registry.h"
#include "services/gateway/core/same_device.h"
#include "services/gateway/edge/sqlite.h"

namespace platen::gateway::edge {

struct DeviceRow {
  core::DeviceNumber number = 0;
  base::DeviceId id;
  core::PlaceNumber place_number = 0;
  core::Place place;
  std::string address;
  core::DeviceNumber merged_into = 0;
  std::int64_t meters_seq = 0;
  bool has_target = false;
  core::DeviceEvidence evidence;
};

// kNotFound.
absl::StatusOr<DeviceRow> FindDevice(Database& database, const core::DevicePlace& name);
absl::StatusOr<DeviceRow> FindDevice(Database& database, core::DeviceNumber number);

// kNotFound.
absl::StatusOr<platen::fleet::v1::Target> FindTarget(Database& database, const DeviceRow& device);

// Puts an event of the gateway's own, about no device, into the ledger: `event` with its
// occurrence, completed. Twice the same is once.
absl::Status AddOwnEvent(Database& database, platen::event::v1::Event event, std::int64_t now_ms);

// Puts an event of the gateway's own into the ledger: `body` with its occurrence, completed. Twice
// the same, at the same occurrence_time or none, is once. Returns its id.
absl::StatusOr<base::EventId> AddEvent(Database& database,
                                       const DeviceRow& device,
                                       platen::event::v1::Event body,
                                       std::int64_t now_ms);

}  // namespace platen::gateway::edge
