// Tells of holes in sources' numbers that have stood for long (core/sequence_audit.h): each becomes
// a Gap event of the gateway's own in the ledger, once, also across restarts.
#pragma once

#include <cstdint>
#include <map>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "services/gateway/core/sequence_audit.h"
#include "services/gateway/edge/sequence_table.h"
#include "services/gateway/edge/sqlite.h"

namespace platen::gateway::edge {

// Belongs to the writing thread. A value: what a transaction does to a copy counts once it is
// committed.
class GapAudit {
 public:
  // Reads which holes were told.
  static absl::StatusOr<GapAudit> Load(Database& database);

  // REQUIRES: within a transaction.
  absl::Status Look(Database& database, const SequenceTable& sequences, std::int64_t now_ms);

  // Gaps told since the store was made.
  std::uint64_t told() const { return told_; }

 private:
  std::map<std::string, core::SequenceAudit> streams_;
  std::uint64_t told_ = 0;
};

}  // namespace platen::gateway::edge
