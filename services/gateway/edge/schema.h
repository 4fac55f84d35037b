// Tables of the store, versioned by SQLite's user_version.
#pragma once

#include "absl/status/status.h"
#include "services/gateway/edge/sqlite.h"

namespace platen::gateway::edge {

// The version that this program reads and writes.
inline constexpr int kSchemaVersion = 3;

// Makes the tables of a new file, or brings an older one up to date, in one transaction.
// kFailedPrecondition where the file is of a newer program, or not ours.
absl::Status PrepareSchema(Database& database);

}  // namespace platen::gateway::edge
