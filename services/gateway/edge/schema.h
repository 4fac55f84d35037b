// Tables of the store, versioned by SQLite's user_version.
#pragma once

#include "absl/status/status.h"
#include "services/gateway/edge/sqlite.h"

namespace platen::gateway::edge {

// The version that this program reads and writes.
inline constexpr int kSchemaVersion = 7;

// Which events the partial indexes of `events` have, by the numbers of Event's body. SQLite uses
// one only for a query that has its condition word for word. Readings of meters; what became of
// devices; what was lost; what became of alerts.
inline constexpr char kMeterEvents[] = "kind IN (22, 29)";
inline constexpr char kHistoryEvents[] = "kind IN (24, 28, 42, 45, 60, 61)";
inline constexpr char kGapEvents[] = "kind=39";
inline constexpr char kAlertEvents[] = "kind IN (20, 40, 44)";

// Makes the tables of a new file, or brings an older one up to date, in one transaction.
// kFailedPrecondition where the file is of a newer program, or not ours.
absl::Status PrepareSchema(Database& database);

}  // namespace platen::gateway::edge
