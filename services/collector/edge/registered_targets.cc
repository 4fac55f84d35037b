#include "services/collector/edge/registered_targets.h"

#include <map>
#include <set>
#include <utility>

#include "libs/base/status.h"
#include "services/collector/edge/file_ends.h"

namespace platen::collector::edge {
namespace {

using event::v1::Target;

// The last record of a key counts; one without a value ends it.
void Take(const broker::RecordBatch& batch, std::map<std::string, Target>& targets) {
  for (const broker::RecordView& record : batch.records) {
    Target target;
    if (!record.value.has_value()) {
      targets.erase(std::string(record.key));
    } else if (target.ParseFromArray(record.value->data(),
                                     static_cast<int>(record.value->size()))) {
      targets[std::string(record.key)] = std::move(target);
    }
  }
}

}  // namespace

absl::StatusOr<std::vector<Target>> ReadAllTargets(broker::Subscriber& subscriber,
                                                   std::int32_t partitions,
                                                   const std::function<bool()>& stop) {
  std::map<std::string, Target> targets;
  std::set<std::int32_t> read;
  while (std::cmp_less(read.size(), partitions)) {
    if (stop()) return absl::CancelledError("stopped");
    PLATEN_ASSIGN_OR_RETURN(const broker::Subscriber::Step step,
                            subscriber.Poll(std::chrono::milliseconds(100)));
    if (const auto* batch = std::get_if<broker::RecordBatch>(&step)) {
      Take(*batch, targets);
    } else if (const auto* end = std::get_if<broker::EndReached>(&step)) {
      read.insert(end->position.partition.number);
    } else if (const auto* range = std::get_if<broker::OutOfRange>(&step)) {
      subscriber.StartAt({range->partition, range->earliest});
    }
  }
  std::vector<Target> all;
  for (auto& [key, target] : targets) all.push_back(std::move(target));
  return all;
}

absl::StatusOr<std::vector<Target>> ReadTargetsFile(const std::string& path) {
  PLATEN_ASSIGN_OR_RETURN(const auto file, FileTargets::Open(path));
  std::vector<core::TargetSource::Step> steps;
  PLATEN_RETURN_IF_ERROR(file->Poll(steps));
  std::vector<Target> targets;
  for (core::TargetSource::Step& step : steps) {
    auto* changed = std::get_if<core::TargetChanged>(&step);
    if (changed != nullptr && changed->target.has_value()) {
      targets.push_back(*std::move(changed->target));
    }
  }
  return targets;
}

}  // namespace platen::collector::edge
