#include "services/gateway/core/sequence_audit.h"

#include <algorithm>
#include <utility>

namespace platen::gateway::core {

std::vector<NumberRange> SourceNumbers::HolesIn(NumberRange range) const {
  std::vector<NumberRange> holes;
  for (const NumberRange& unseen : seen.MissingIn(range)) {
    for (const NumberRange& hole : excused.MissingIn(unseen)) holes.push_back(hole);
  }
  return holes;
}

std::uint64_t SourceNumbers::Missing(std::uint64_t up_to) const {
  const std::uint64_t end = std::max(seen.highest(), up_to);
  std::uint64_t missing = seen.Missing(up_to);
  for (const NumberRange& told : excused.RangesIn({1, end})) {
    for (const NumberRange& unseen : seen.MissingIn(told)) missing -= unseen.count();
  }
  return missing;
}

std::uint64_t SequenceAudit::ClaimedLongAgo(std::uint64_t claimed, std::int64_t now_ms) {
  if (claims_.empty() || claims_.back().second != claimed) claims_.emplace_back(now_ms, claimed);
  while (claims_.size() > 1 && claims_[1].first <= now_ms - kPatienceMs) claims_.pop_front();
  return claims_.front().first <= now_ms - kPatienceMs ? claims_.front().second : 0;
}

std::vector<DueHole> SequenceAudit::FindDue(const SourceNumbers& numbers,
                                            const SourceLife& life,
                                            std::int64_t now_ms) {
  std::vector<DueHole> due;
  std::map<std::uint64_t, std::int64_t> since_ms;
  const auto look_at = [&](const NumberRange& part, bool is_lost, bool may_come) {
    if (part.first > part.last) return;
    for (const NumberRange& hole : numbers.HolesIn(part)) {
      for (const NumberRange& untold : told_.MissingIn(hole)) {
        const auto known = since_ms_.find(untold.first);
        const std::int64_t since = known == since_ms_.end() ? now_ms : known->second;
        since_ms[untold.first] = since;
        const bool is_over = life.ended || now_ms - std::max(since, life.heard_ms) >= kSilenceMs;
        if (now_ms - since < kPatienceMs || (may_come && !is_over)) continue;
        due.push_back({untold, is_lost});
      }
    }
  };
  const std::uint64_t claimed = ClaimedLongAgo(life.claimed, now_ms);
  look_at({1, claimed}, true, false);
  look_at({claimed + 1, life.claimed}, true, true);
  look_at({life.claimed + 1, numbers.seen.highest()}, false, true);
  since_ms_ = std::move(since_ms);
  return due;
}

}  // namespace platen::gateway::core
