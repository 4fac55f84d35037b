// What people and evidence change about devices: moves, merges, splits, confirmed epochs, readings
// that a person has made. For the writer's transactions; each change that is one of a device's
// history is an event of the ledger.
//
// Errors: kNotFound for a device or target that is not there; kFailedPrecondition and
// kInvalidArgument say what is against it and what to do; kAlreadyExists where an address is taken.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "platen/event/v1/event.pb.h"
#include "platen/fleet/v1/fleet.pb.h"

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "services/gateway/core/names.h"
#include "services/gateway/core/registry.h"
#include "services/gateway/edge/sqlite.h"
#include "services/gateway/edge/target_table.h"

namespace platen::gateway::edge {

// Who orders a change, when, and why.
struct Change {
  std::string author;
  std::string reason;
  std::int64_t now_ms = 0;
};

// What has to be told once a change is committed.
struct Changed {
  std::vector<std::string> installations;  // They have new directives.
  std::vector<core::DeviceNumber> merged;  // Their alerts were ended.
  std::vector<Registered> registered;      // New devices.
};

// The fields of `wanted` that `mask` names, for the target of `name`.
absl::StatusOr<platen::fleet::v1::Target> UpdateTarget(Database& database,
                                                       const core::DevicePlace& name,
                                                       const platen::fleet::v1::Target& wanted,
                                                       const google::protobuf::FieldMask& mask,
                                                       const Change& change,
                                                       Changed& changed);

// `other` turns out to be `name`.
absl::Status MergeDevices(Database& database,
                          const core::DevicePlace& name,
                          const core::DevicePlace& other,
                          const Change& change,
                          Changed& changed);

// `name` turns out to be two. `fresh`: the id for a new device, where one is needed. Returns the id
// of the device that has become one of its own.
absl::StatusOr<base::DeviceId> SplitDevice(Database& database,
                                           const core::DevicePlace& name,
                                           const base::DeviceId& fresh,
                                           const Change& change,
                                           Changed& changed);

// Orders that the epochs that the device's last reading proposes be in force; only of counters read
// from `oids`, where there are any.
absl::StatusOr<platen::fleet::v1::ConfirmMetersResponse> ConfirmMeters(
    Database& database,
    const core::DevicePlace& name,
    const std::vector<std::string>& oids,
    bool check_only,
    const Change& change,
    Changed& changed);

// A person's reading. `request_key`: the same one again is the same reading.
absl::StatusOr<platen::fleet::v1::MeterReadingRecord> EnterReading(
    Database& database,
    const core::DevicePlace& name,
    const platen::fleet::v1::EnterMeterReadingRequest& request,
    const std::string& request_key,
    const Change& change);

// Devices that have moved, by the evidence of `device`'s identity or silence (core::HasMoved()).
// Never two of which a person has said that they are two.
absl::Status MergeByEvidence(Database& database,
                             core::DeviceNumber device,
                             std::int64_t now_ms,
                             Changed& changed);

}  // namespace platen::gateway::edge
