#include "services/notifier/edge/partition_reader.h"

#include <algorithm>
#include <utility>

#include "libs/base/status.h"

namespace platen::notifier::edge {
namespace {

// A restore is read in few large steps; the group is heard in between.
constexpr int kRestoreStepsMax = 16;
constexpr std::chrono::milliseconds kRestoreWait{1};

template <class... Visitors>
struct Overloaded : Visitors... {
  using Visitors::operator()...;
};
template <class... Visitors>
Overloaded(Visitors...) -> Overloaded<Visitors...>;

}  // namespace

PartitionReader::PartitionReader(broker::Broker& broker,
                                 PartitionReaderOptions options,
                                 PartitionHandler& handler)
    : broker_(broker), options_(std::move(options)), handler_(handler) {}

PartitionReader::~PartitionReader() = default;

absl::Status PartitionReader::Open() {
  broker::SubscriberOptions options;
  options.topics = {options_.input_topic};
  options.group = options_.group;
  PLATEN_ASSIGN_OR_RETURN(subscriber_, broker_.NewSubscriber(options));
  return absl::OkStatus();
}

absl::Status PartitionReader::Step(std::chrono::milliseconds max_wait) {
  if (subscriber_ == nullptr) PLATEN_RETURN_IF_ERROR(Open());
  PLATEN_RETURN_IF_ERROR(PollRestores(std::min(max_wait, kRestoreWait)));
  const auto wait = restores_.empty() ? max_wait : std::chrono::milliseconds(0);
  PLATEN_ASSIGN_OR_RETURN(const broker::Subscriber::Step step, subscriber_->Poll(wait));
  const absl::Status status = OnStep(step);
  ReleaseIdle();
  return status;
}

absl::Status PartitionReader::OnStep(const broker::Subscriber::Step& step) {
  return std::visit(
      Overloaded{[&](const broker::RecordBatch& batch) {
                   OnRecords(batch);
                   return absl::OkStatus();
                 },
                 [&](const broker::Assigned& assigned) { return OnAssigned(assigned.partitions); },
                 [&](const broker::Revoked& revoked) {
                   for (const broker::Partition& partition : revoked.partitions) {
                     EndRestore(partition.number);
                     draining_.insert(partition.number);
                     handler_.OnDrain(partition.number);
                   }
                   subscriber_->Pause(revoked.partitions);
                   return absl::OkStatus();
                 },
                 [&](const broker::Lost& lost) {
                   Gone(lost.partitions);
                   return absl::OkStatus();
                 },
                 [&](const broker::CommitResult&) { return absl::OkStatus(); },
                 [&](const broker::OutOfRange& gap) {
                   handler_.OnGap(gap.partition.number, gap.wanted, gap.earliest);
                   subscriber_->StartAt({gap.partition, gap.earliest});
                   return absl::OkStatus();
                 },
                 [&](const broker::EndReached&) { return absl::OkStatus(); }},
      step);
}

absl::Status PartitionReader::OnAssigned(const std::vector<broker::Partition>& partitions) {
  subscriber_->Pause(partitions);
  broker::SubscriberOptions options;
  options.use_committed = false;
  Restore restore;
  for (const broker::Partition& partition : partitions) {
    owned_.insert(partition.number);
    draining_.erase(partition.number);
    handler_.OnAssigned(partition.number);
    restore.left.insert(partition.number);
    options.partitions.push_back({{options_.state_topic, partition.number}, broker::kBeginning});
  }
  if (partitions.empty()) return absl::OkStatus();
  PLATEN_ASSIGN_OR_RETURN(restore.subscriber, broker_.NewSubscriber(options));
  restores_.push_back(std::move(restore));
  return absl::OkStatus();
}

void PartitionReader::OnRecords(const broker::RecordBatch& batch) {
  if (!is_reading(batch.partition.number)) return;
  for (const broker::RecordView& record : batch.records) {
    handler_.OnRecord(batch.partition.number, record.offset, record.value.value_or(""));
  }
}

bool PartitionReader::is_reading(std::int32_t partition) const {
  return owned_.contains(partition) && !draining_.contains(partition) &&
         std::none_of(restores_.begin(), restores_.end(), [&](const Restore& restore) {
           return restore.left.contains(partition);
         });
}

void PartitionReader::Gone(const std::vector<broker::Partition>& partitions) {
  for (const broker::Partition& partition : partitions) {
    EndRestore(partition.number);
    draining_.erase(partition.number);
    if (owned_.erase(partition.number) > 0) handler_.OnGone(partition.number);
  }
}

absl::Status PartitionReader::PollRestores(std::chrono::milliseconds wait) {
  for (Restore& restore : restores_) {
    for (int i = 0; i < kRestoreStepsMax && !restore.left.empty(); ++i) {
      PLATEN_RETURN_IF_ERROR(PollRestore(restore, wait));
    }
  }
  restores_.remove_if([](Restore& restore) {
    if (!restore.left.empty()) return false;
    restore.subscriber->Close(std::chrono::milliseconds(0));
    return true;
  });
  return absl::OkStatus();
}

absl::Status PartitionReader::PollRestore(Restore& restore, std::chrono::milliseconds wait) {
  PLATEN_ASSIGN_OR_RETURN(const broker::Subscriber::Step step, restore.subscriber->Poll(wait));
  if (const auto* const batch = std::get_if<broker::RecordBatch>(&step)) {
    if (!restore.left.contains(batch->partition.number)) return absl::OkStatus();
    for (const broker::RecordView& record : batch->records) {
      handler_.OnRestored(batch->partition.number, record.key, record.value);
    }
  } else if (const auto* const end = std::get_if<broker::EndReached>(&step)) {
    const std::int32_t number = end->position.partition.number;
    if (restore.left.erase(number) == 0) return absl::OkStatus();
    handler_.OnRestoreEnd(number);
    if (!throttled_) subscriber_->Resume(std::vector{Input(number)});
  } else if (const auto* const gap = std::get_if<broker::OutOfRange>(&step)) {
    restore.subscriber->StartAt({gap->partition, gap->earliest});
  }
  return absl::OkStatus();
}

void PartitionReader::EndRestore(std::int32_t partition) {
  for (Restore& restore : restores_) restore.left.erase(partition);
}

std::size_t PartitionReader::restoring() const {
  std::size_t left = 0;
  for (const Restore& restore : restores_) left += restore.left.size();
  return left;
}

void PartitionReader::SetThrottled(bool throttled) {
  if (throttled == throttled_ || subscriber_ == nullptr) return;
  throttled_ = throttled;
  std::vector<broker::Partition> partitions;
  for (const std::int32_t number : owned_) {
    if (is_reading(number)) partitions.push_back(Input(number));
  }
  if (throttled) {
    subscriber_->Pause(partitions);
  } else {
    subscriber_->Resume(partitions);
  }
}

void PartitionReader::Commit(std::int32_t partition, std::int64_t next) {
  subscriber_->Commit({Input(partition), next});
}

void PartitionReader::ReleaseIdle() {
  if (stopping_) return;  // Close() gives everything back at once.
  std::vector<broker::Partition> idle;
  for (const std::int32_t number : draining_) {
    if (handler_.IsIdle(number)) idle.push_back(Input(number));
  }
  if (idle.empty()) return;
  subscriber_->Release(idle);
  Gone(idle);
}

void PartitionReader::BeginDrain() {
  if (stopping_) return;
  stopping_ = true;
  std::vector<broker::Partition> partitions;
  for (const std::int32_t number : owned_) {
    EndRestore(number);
    handler_.OnDrain(number);
    draining_.insert(number);
    partitions.push_back(Input(number));
  }
  if (subscriber_ != nullptr) subscriber_->Pause(partitions);
}

bool PartitionReader::is_drained() const {
  return std::all_of(
      owned_.begin(), owned_.end(), [&](std::int32_t number) { return handler_.IsIdle(number); });
}

void PartitionReader::Close(std::chrono::milliseconds max_wait) {
  if (subscriber_ != nullptr) subscriber_->Close(max_wait);
}

}  // namespace platen::notifier::edge
