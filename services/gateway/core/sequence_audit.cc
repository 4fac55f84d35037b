#include "services/gateway/core/sequence_audit.h"

#include <algorithm>
#include <utility>

namespace platen::gateway::core {

std::vector<DueHole> SequenceAudit::FindDue(const IntervalSet& seen,
                                            const SourceLife& life,
                                            std::int64_t now_ms) {
  std::vector<DueHole> due;
  std::map<std::uint64_t, std::int64_t> since_ms;
  for (const NumberRange& hole : seen.MissingIn({1, std::max(seen.highest(), life.claimed)})) {
    for (const NumberRange& untold : told_.MissingIn(hole)) {
      const auto known = since_ms_.find(untold.first);
      const std::int64_t since = known == since_ms_.end() ? now_ms : known->second;
      const bool lived_on = !life.ended && life.heard_ms > since;
      const bool is_over = life.ended || now_ms - std::max(since, life.heard_ms) >= kSilenceMs;
      since_ms[untold.first] = since;
      if (now_ms - since >= kPatienceMs && (lived_on || is_over)) due.push_back({untold, lived_on});
    }
  }
  since_ms_ = std::move(since_ms);
  return due;
}

}  // namespace platen::gateway::core
