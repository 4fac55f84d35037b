// Orders on their way to installations: numbered by installation, kept until each is acknowledged.
// For the writer's transactions.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "platen/ingest/v1/ingest.pb.h"

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "services/gateway/core/registry.h"
#include "services/gateway/edge/sqlite.h"

namespace platen::gateway::edge {

// What a directive is about: a device's target, or, where that is 0, the record of this name.
struct Subject {
  core::DeviceNumber device = 0;
  std::string record;
};

// The directive's number, with its record stored under it. What waits about the same record is not
// sent any more: the newer order says it all.
absl::StatusOr<std::int64_t> AddDirective(Database& database,
                                          const std::string& installation,
                                          const Subject& subject,
                                          platen::ingest::v1::Directive directive);

// An installation has a directive, or refuses it for good (`refusal` says why). Unknown and
// repeated numbers are fine.
absl::Status AcknowledgeDirective(Database& database,
                                  std::string_view installation,
                                  std::uint64_t number,
                                  std::string_view refusal);

}  // namespace platen::gateway::edge
