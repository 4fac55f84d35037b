#include "libs/broker/memory/memory_publisher.h"

#include "libs/base/status.h"

namespace platen::broker::memory {
namespace {

constexpr std::size_t kDefaultQueueBytes = 64u << 20;
constexpr std::size_t kRecordBytesMax = 1'000'000;

std::size_t SizeOf(const OutgoingRecord& record) {
  std::size_t size = record.key.size() + record.value.value_or("").size();
  for (const HeaderView& header : record.headers) size += header.name.size() + header.value.size();
  return size;
}

StoredRecord Copy(const OutgoingRecord& record) {
  StoredRecord stored;
  stored.key = record.key;
  if (record.value.has_value()) stored.value = *record.value;
  for (const HeaderView& header : record.headers) {
    stored.headers.emplace_back(header.name, header.value);
  }
  return stored;
}

}  // namespace

MemoryPublisher::MemoryPublisher(std::shared_ptr<MemoryState> state,
                                 const PublisherOptions& options)
    : state_(std::move(state)),
      queue_bytes_max_(options.queue_bytes > 0 ? options.queue_bytes : kDefaultQueueBytes) {}

absl::StatusOr<PublishId> MemoryPublisher::Publish(const OutgoingRecord& record) {
  const std::lock_guard lock(state_->mutex);
  const Topic* topic = state_->topics.Find(record.topic);
  const Partition partition{std::string(record.topic), record.partition};
  if (topic == nullptr || state_->topics.Find(partition) == nullptr) {
    return base::NotFound("memory: topic ", record.topic, " has no partition ", record.partition);
  }
  const std::size_t bytes = SizeOf(record);
  if (bytes > kRecordBytesMax)
    return base::InvalidArgument("memory: a record of ", bytes, " bytes");
  if (record.key.empty() && !record.value.has_value()) {
    return base::InvalidArgument("memory: a tombstone without a key for ", record.topic);
  }
  const bool full = queue_bytes_ + bytes > queue_bytes_max_ && !taken_.empty();
  if (full || state_->random.Chance(state_->faults.full_queue)) {
    return base::ResourceExhausted("memory: the publisher's queue is full");
  }
  Taken& taken = taken_.emplace_back();
  taken.id = ++last_id_;
  taken.partition = partition;
  taken.record = Copy(record);
  taken.bytes = bytes;
  taken.refused = (topic->compacted && record.key.empty()) || bytes > topic->record_bytes_max ||
                  (state_->faults.refuses && state_->faults.refuses(record)) ||
                  state_->random.Chance(state_->faults.refused_record);
  queue_bytes_ += bytes;
  return taken.id;
}

void MemoryPublisher::Append(Taken& taken) {
  taken.appended = true;
  if (taken.refused) return;
  taken.record.append_time = state_->clock.WallNow();
  taken.record.offset = state_->topics.Find(taken.partition)->Append(taken.record);
}

void MemoryPublisher::Report(std::size_t count) {
  for (; count > 0; --count) {
    Taken& first = taken_.front();
    absl::Status status;
    if (first.refused) {
      status = base::InvalidArgument("memory: refused by topic ", first.partition.topic);
    }
    pending_.push_back({first.id, status, first.refused ? -1 : first.record.offset});
    queue_bytes_ -= first.bytes;
    taken_.pop_front();
  }
}

std::span<const Delivery> MemoryPublisher::Poll(std::chrono::milliseconds max_wait) {
  std::unique_lock lock(state_->mutex);
  if (max_wait.count() > 0 && taken_.empty() && pending_.empty()) {
    state_->changed.wait_for(lock, max_wait);
  }
  if (!taken_.empty() && !state_->random.Chance(state_->faults.delayed_delivery)) {
    for (Taken& taken : taken_) {
      if (!taken.appended) Append(taken);
    }
    if (state_->random.Chance(state_->faults.repeated_append)) {
      for (Taken& taken : taken_) Append(taken);
    }
    // With slow deliveries only some of what was appended is reported now; the rest may come twice.
    std::size_t reported = taken_.size();
    if (state_->random.Chance(state_->faults.delayed_delivery)) {
      reported = state_->random.Below(reported + 1);
    }
    Report(reported);
    state_->changed.notify_all();
  }
  deliveries_.clear();
  deliveries_.swap(pending_);
  return deliveries_;
}

void MemoryPublisher::Purge() {
  for (const Taken& taken : taken_) {
    pending_.push_back({taken.id, absl::CancelledError("memory: purged"), -1});
  }
  taken_.clear();
  queue_bytes_ = 0;
}

absl::StatusOr<std::int32_t> MemoryPublisher::PartitionCount(std::string_view topic) {
  const std::lock_guard lock(state_->mutex);
  const Topic* found = state_->topics.Find(topic);
  if (found == nullptr) return base::NotFound("memory: no topic ", topic);
  return static_cast<std::int32_t>(found->partitions.size());
}

}  // namespace platen::broker::memory
