// Tells of holes in sources' numbers that have stood for long (core/sequence_audit.h): each becomes
// a Gap event of the gateway's own in the ledger, once, also across restarts.
#pragma once

#include <cstdint>
#include <map>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "services/gateway/core/sequence_audit.h"
#include "services/gateway/core/source_stream.h"
#include "services/gateway/edge/sequence_table.h"
#include "services/gateway/edge/sqlite.h"

namespace platen::gateway::edge {

// Belongs to the writing thread.
class GapAudit {
 public:
  // What one look has told.
  struct Told {
    core::SourceStream stream;
    core::NumberRange range;
  };

  // Reads which holes were told.
  static absl::StatusOr<GapAudit> Load(Database& database);

  // REQUIRES: within a transaction. What it told counts once Commit() has it.
  absl::StatusOr<std::vector<Told>> Look(Database& database,
                                         const SequenceTable& sequences,
                                         std::int64_t now_ms);
  void Commit(const std::vector<Told>& told);

  // Gaps told since the store was made.
  std::uint64_t told() const { return told_; }

 private:
  std::map<core::SourceStream, core::SequenceAudit> streams_;
  std::uint64_t told_ = 0;
};

}  // namespace platen::gateway::edge
