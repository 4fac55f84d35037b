// The half of KafkaSubscriber that turns messages into steps.
#include <algorithm>

#include "libs/base/status.h"
#include "libs/broker/kafka/errors.h"
#include "libs/broker/kafka/subscriber.h"

namespace platen::broker::kafka {
namespace {

constexpr std::chrono::milliseconds kWatermarkWait{2000};
// Records that are there arrive sooner, unless librdkafka sleeps.
constexpr std::chrono::milliseconds kSleepSuspected{5};
// How often a renewal is looked after.
constexpr std::chrono::milliseconds kRenewalWait{20};

Partition PartitionOf(const rd_kafka_message_t& message) {
  return {rd_kafka_topic_name(message.rkt), message.partition};
}

std::string_view View(const void* data, std::size_t size) {
  return {static_cast<const char*>(data), size};
}

}  // namespace

absl::StatusOr<Subscriber::Step> KafkaSubscriber::Poll(std::chrono::milliseconds max_wait) {
  FreeRun();
  if (assigned_told_) BeginAssigned();
  GiveUpIfOverdue();
  Renew();
  if (renewal_ != Renewal::kNone) max_wait = std::min(max_wait, kRenewalWait);
  if (renewal_ == Renewal::kLeaving) return AwaitLeft(max_wait);
  SendCommits(/*at_once=*/false);
  if (auto step = NextStep()) return *std::move(step);
  if (!revoking_.empty()) {
    const auto left = std::chrono::duration_cast<std::chrono::milliseconds>(
        std::max(base::Duration(0), release_deadline_ - clock_.Now()));
    max_wait = std::min(max_wait, left);
  }
  if (given_since_wake_ >= options_.prefetch_bytes / 4) WakeFetcher();
  Fetch(max_wait);
  if (auto step = NextStep()) return *std::move(step);
  return RecordBatch{};
}

// The handle takes no other questions any more.
Subscriber::Step KafkaSubscriber::AwaitLeft(std::chrono::milliseconds max_wait) {
  ServeLast(max_wait);
  return RecordBatch{};
}

// consume_batch_queue() waits until the batch is full, so one message is waited for and the rest is
// taken as far as it is there.
void KafkaSubscriber::Fetch(std::chrono::milliseconds max_wait) {
  fetched_.clear();
  run_begin_ = next_fetched_ = 0;
  const std::chrono::milliseconds short_wait = std::min(max_wait, kSleepSuspected);
  rd_kafka_message_t* first = PollOne(short_wait);
  if (first == nullptr) {
    WakeFetcher();
    first = PollOne(max_wait - short_wait);
  }
  if (first == nullptr) return;
  fetched_.resize(std::max<std::size_t>(1, options_.max_batch_records));
  fetched_[0] = first;
  std::size_t count = 1;
  if (fetched_.size() > 1) {
    const ssize_t more =
        rd_kafka_consume_batch_queue(queue_.get(), 0, fetched_.data() + 1, fetched_.size() - 1);
    if (more > 0) count += static_cast<std::size_t>(more);
  }
  fetched_.resize(count);
}

rd_kafka_message_t* KafkaSubscriber::PollOne(std::chrono::milliseconds max_wait) {
  return rd_kafka_consumer_poll(handle_, static_cast<int>(max_wait.count()));
}

// When its queue is full, librdkafka 2.0 stops fetching and looks again a second later, however
// soon there is room again. Any request wakes its broker's thread; asking where partitions end is
// the cheapest, and nobody waits for the answer.
void KafkaSubscriber::WakeFetcher() {
  given_since_wake_ = 0;
  const PartitionListPtr behind(rd_kafka_topic_partition_list_new(static_cast<int>(owned_.size())));
  for (const auto& [partition, owned] : owned_) {
    if (owned.paused || owned.position < 0) continue;
    std::int64_t low = 0;
    std::int64_t high = 0;
    const char* topic = partition.topic.c_str();
    rd_kafka_get_watermark_offsets(handle_, topic, partition.number, &low, &high);
    if (high <= owned.position) continue;
    rd_kafka_topic_partition_list_add(behind.get(), topic, partition.number)->offset =
        RD_KAFKA_OFFSET_END;
  }
  if (behind->cnt > 0) rd_kafka_offsets_for_times(handle_, behind.get(), /*timeout_ms=*/0);
}

void KafkaSubscriber::FreeRun() {
  for (; run_begin_ < next_fetched_; ++run_begin_) rd_kafka_message_destroy(fetched_[run_begin_]);
}

void KafkaSubscriber::DropFetched() {
  next_fetched_ = fetched_.size();
  FreeRun();
}

std::optional<absl::StatusOr<Subscriber::Step>> KafkaSubscriber::NextStep() {
  while (next_fetched_ < fetched_.size()) {
    const rd_kafka_message_t& message = *fetched_[next_fetched_];
    if (message.err == RD_KAFKA_RESP_ERR_NO_ERROR) {
      Step step = TakeRun();
      if (!std::get<RecordBatch>(step).records.empty()) return step;
      continue;
    }
    ++next_fetched_;
    if (auto step = StepOfError(message)) return step;
  }
  if (steps_.empty()) return std::nullopt;
  absl::StatusOr<Step> step = std::move(steps_.front());
  steps_.pop_front();
  assigned_told_ = assigned_told_ || (step.ok() && std::holds_alternative<Assigned>(*step));
  return step;
}

Subscriber::Step KafkaSubscriber::TakeRun() {
  records_.clear();
  headers_.clear();
  header_ranges_.clear();
  const rd_kafka_message_t& first = *fetched_[next_fetched_];
  RecordBatch batch{.partition = PartitionOf(first)};
  const auto owned = owned_.find(batch.partition);
  for (; next_fetched_ < fetched_.size(); ++next_fetched_) {
    const rd_kafka_message_t& message = *fetched_[next_fetched_];
    const bool same = message.err == RD_KAFKA_RESP_ERR_NO_ERROR && message.rkt == first.rkt &&
                      message.partition == first.partition;
    if (!same) break;
    if (owned == owned_.end()) continue;  // Lost since it was fetched.
    AddRecord(message);
    given_since_wake_ += message.len;
    owned->second.position = message.offset + 1;
    if (owned->second.ended < 0) owned->second.ended = message.offset;
  }
  for (std::size_t i = 0; i < records_.size(); ++i) {
    const auto [begin, end] = header_ranges_[i];
    records_[i].headers = std::span<const HeaderView>(headers_).subspan(begin, end - begin);
  }
  batch.records = records_;
  return batch;
}

void KafkaSubscriber::AddRecord(const rd_kafka_message_t& message) {
  RecordView& record = records_.emplace_back();
  record.key = View(message.key, message.key_len);
  if (message.payload != nullptr) record.value = View(message.payload, message.len);
  record.offset = message.offset;
  rd_kafka_timestamp_type_t type = RD_KAFKA_TIMESTAMP_NOT_AVAILABLE;
  record.append_time = base::WallFromMillis(rd_kafka_message_timestamp(&message, &type));
  const std::size_t begin = headers_.size();
  rd_kafka_headers_t* headers = nullptr;
  if (options_.with_headers &&
      rd_kafka_message_headers(&message, &headers) == RD_KAFKA_RESP_ERR_NO_ERROR) {
    const char* name = nullptr;
    const void* value = nullptr;
    std::size_t size = 0;
    for (std::size_t i = 0;
         rd_kafka_header_get_all(headers, i, &name, &value, &size) == RD_KAFKA_RESP_ERR_NO_ERROR;
         ++i) {
      headers_.push_back({name, View(value, size)});
    }
  }
  header_ranges_.emplace_back(begin, headers_.size());
}

std::optional<absl::StatusOr<Subscriber::Step>> KafkaSubscriber::StepOfError(
    const rd_kafka_message_t& message) {
  if (message.rkt != nullptr) {
    const Partition partition = PartitionOf(message);
    if (message.err == RD_KAFKA_RESP_ERR__PARTITION_EOF) {
      const auto owned = owned_.find(partition);
      if (owned != owned_.end()) owned->second.start = message.offset;
      return Step(EndReached{{partition, message.offset}});
    }
    if (message.err == RD_KAFKA_RESP_ERR__AUTO_OFFSET_RESET) {
      return StepOfReset(partition, message.offset);
    }
  }
  const absl::Status status = StatusOf(message.err, "reading");
  if (kafka_options_.log) kafka_options_.log(std::string(status.message()));
  if (absl::IsUnavailable(status)) return std::nullopt;  // librdkafka goes on by itself.
  return absl::StatusOr<Step>(status);
}

std::optional<absl::StatusOr<Subscriber::Step>> KafkaSubscriber::StepOfReset(
    const Partition& partition, std::int64_t wanted) {
  if (!owned_.contains(partition)) return std::nullopt;
  if (wanted < 0) {  // Nothing was committed yet.
    StartAt({partition, kBeginning});
    return std::nullopt;
  }
  std::int64_t low = 0;
  std::int64_t high = 0;
  const rd_kafka_resp_err_t error =
      rd_kafka_query_watermark_offsets(handle_,
                                       partition.topic.c_str(),
                                       partition.number,
                                       &low,
                                       &high,
                                       static_cast<int>(kWatermarkWait.count()));
  if (error != RD_KAFKA_RESP_ERR_NO_ERROR) {
    StartAt({partition, wanted});  // Comes here again.
    return absl::StatusOr<Step>(StatusOf(error, "asking where a partition begins"));
  }
  return Step(OutOfRange{partition, wanted, low});
}

}  // namespace platen::broker::kafka
