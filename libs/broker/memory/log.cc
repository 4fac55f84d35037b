#include "libs/broker/memory/log.h"

#include "absl/base/internal/raw_logging.h"
#include "libs/base/status.h"

namespace platen::broker::memory {

std::int64_t Log::Append(StoredRecord record) {
  record.offset = next_++;
  records_.push_back(std::move(record));
  return records_.back().offset;
}

void Log::DeleteBelow(std::int64_t offset) {
  while (!records_.empty() && records_.front().offset < offset) records_.pop_front();
}

const StoredRecord& Log::At(std::int64_t offset) const {
  ABSL_RAW_CHECK(offset >= earliest() && offset < next_, "Log::At: no such offset");
  return records_[static_cast<std::size_t>(offset - earliest())];
}

absl::Status Topics::Ensure(const TopicSpec& spec) {
  if (spec.partitions < 1) {
    return base::InvalidArgument("memory: topic ", spec.name, " needs a partition");
  }
  const auto [it, inserted] = topics_.try_emplace(spec.name);
  const auto wanted = static_cast<std::size_t>(spec.partitions);
  if (!inserted) {
    if (it->second.partitions.size() == wanted) return absl::OkStatus();
    return base::FailedPrecondition("memory: topic ",
                                    spec.name,
                                    " has ",
                                    it->second.partitions.size(),
                                    " partitions, not ",
                                    wanted);
  }
  it->second.partitions.resize(wanted);
  for (const auto& [name, value] : spec.config) {
    if (name == "cleanup.policy") it->second.compacted = value == "compact";
    if (name == "max.message.bytes") it->second.record_bytes_max = std::stoul(value);
  }
  return absl::OkStatus();
}

const Topic* Topics::Find(std::string_view topic) const {
  const auto found = topics_.find(topic);
  return found == topics_.end() ? nullptr : &found->second;
}

Log* Topics::Find(const Partition& partition) {
  const auto found = topics_.find(partition.topic);
  if (found == topics_.end() || partition.number < 0 ||
      static_cast<std::size_t>(partition.number) >= found->second.partitions.size()) {
    return nullptr;
  }
  return &found->second.partitions[static_cast<std::size_t>(partition.number)];
}

}  // namespace platen::broker::memory
