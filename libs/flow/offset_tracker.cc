#include "libs/flow/offset_tracker.h"

#include <algorithm>
#include <utility>

#include "absl/base/internal/raw_logging.h"
#include "libs/base/planted_bug.h"

namespace platen::flow {

void OffsetTracker::Begin(std::int64_t offset) {
  ABSL_RAW_CHECK(records_.empty() || records_.back().offset < offset, "offsets must grow");
  records_.push_back({.offset = offset});
  ++open_;
}

void OffsetTracker::End(std::int64_t offset) {
  const auto found = std::lower_bound(
      records_.begin(), records_.end(), offset, [](const Record& record, std::int64_t wanted) {
        return record.offset < wanted;
      });
  if (found == records_.end() || found->offset != offset || found->ended) return;
  found->ended = true;
  --open_;
  if (base::IsPlanted(base::PlantedBug::kCommitsOverHoles))
    next_ = std::max(next_.value_or(0), offset + 1);
  while (!records_.empty() && records_.front().ended) {
    next_ = records_.front().offset + 1;
    records_.pop_front();
  }
}

std::optional<std::int64_t> OffsetTracker::TakeCommit() {
  return std::exchange(next_, std::nullopt);
}

}  // namespace platen::flow
