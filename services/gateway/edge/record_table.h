// Records of platen.rules.v1 as people have set them, and the orders that carry them to every
// installation that serves their tenant. For the writer's transactions.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "platen/rules/v1/rules_service.pb.h"

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "libs/base/time.h"
#include "services/gateway/core/record_orders.h"
#include "services/gateway/edge/sqlite.h"

namespace platen::gateway::edge {

// An installation of which a relay is configured.
struct ServedInstallation {
  std::string name;
  // Whose records it is given; empty: all.
  std::vector<std::string> tenants;
};

// From now on these installations are given records. Whoever is new, or may see other tenants than
// before, gets what it lacks, and a tombstone for what is not for it any more. `told`, here and
// below, gains the names of those that have new directives.
absl::Status ServeInstallations(Database& database,
                                const std::vector<ServedInstallation>& installations,
                                std::int64_t now_ms,
                                std::vector<std::string>& told);

// Sets what was checked by core::CheckApply(). kFailedPrecondition where there would be too many
// records; REQUIRES: a savepoint that is rolled back then.
absl::StatusOr<platen::rules::v1::ApplyRecordsResponse> ApplyRecords(
    Database& database,
    const core::RecordOrder& order,
    std::int64_t now_ms,
    std::vector<std::string>& told);

// kNotFound.
absl::Status DeleteRecord(Database& database,
                          const std::string& name,
                          std::int64_t now_ms,
                          std::vector<std::string>& told);

// Sets the acknowledgement of an alert (core::MakeAcknowledgement()) for the instance that is open.
// kNotFound where there is no such alert; kFailedPrecondition where it has ended, or is of another
// instance than `instance` (0: any), or where there would be too many records.
absl::StatusOr<platen::rules::v1::Record> Acknowledge(Database& database,
                                                      const core::AlertPlace& alert,
                                                      std::uint64_t instance,
                                                      platen::rules::v1::Record record,
                                                      std::int64_t now_ms,
                                                      std::vector<std::string>& told);

// Takes back records that nobody needs any more, some hundreds at the most. Returns how many.
absl::StatusOr<int> DropUselessRecords(Database& database,
                                       std::int64_t now_ms,
                                       std::vector<std::string>& told);

}  // namespace platen::gateway::edge
