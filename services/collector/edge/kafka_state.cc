#include "services/collector/edge/kafka_state.h"

#include <utility>

#include "libs/base/status.h"

namespace platen::collector::edge {
namespace {

constexpr int kStepsPerPoll = 64;

}  // namespace

KafkaState::KafkaState(std::unique_ptr<broker::Subscriber> subscriber,
                       std::unique_ptr<broker::Publisher> publisher,
                       std::string topic,
                       std::int32_t partitions)
    : subscriber_(std::move(subscriber)),
      publisher_(std::move(publisher)),
      topic_(std::move(topic)) {
  std::vector<broker::Partition> all;
  for (std::int32_t number = 0; number < partitions; ++number) all.push_back({topic_, number});
  subscriber_->Pause(all);
}

void KafkaState::Open(std::int32_t partition) {
  open_[partition] = true;
  const broker::Partition opened{topic_, partition};
  subscriber_->StartAt({opened, broker::kBeginning});
  subscriber_->Resume({&opened, 1});
}

void KafkaState::Close(std::int32_t partition) {
  open_.erase(partition);
  const broker::Partition closed{topic_, partition};
  subscriber_->Pause({&closed, 1});
}

absl::Status KafkaState::Put(std::int32_t partition,
                             std::string_view key,
                             std::optional<std::string_view> value,
                             std::uint64_t token) {
  broker::OutgoingRecord record;
  record.topic = topic_;
  record.partition = partition;
  record.key = key;
  record.value = value;
  PLATEN_ASSIGN_OR_RETURN(const broker::PublishId id, publisher_->Publish(record));
  tokens_[id] = token;
  return absl::OkStatus();
}

absl::Status KafkaState::Poll(std::vector<Step>& steps) {
  PollWriter(steps);
  return PollReader(steps);
}

void KafkaState::PollWriter(std::vector<Step>& steps) {
  for (const broker::Delivery& delivery : publisher_->Poll(std::chrono::milliseconds(0))) {
    const auto token = tokens_.find(delivery.id);
    if (token == tokens_.end()) continue;
    steps.emplace_back(core::StatePut{token->second, delivery.status});
    tokens_.erase(token);
  }
}

absl::Status KafkaState::PollReader(std::vector<Step>& steps) {
  for (int i = 0; i < kStepsPerPoll; ++i) {
    PLATEN_ASSIGN_OR_RETURN(const broker::Subscriber::Step step,
                            subscriber_->Poll(std::chrono::milliseconds(0)));
    if (const auto* batch = std::get_if<broker::RecordBatch>(&step)) {
      if (batch->records.empty()) return absl::OkStatus();
      if (!open_.contains(batch->partition.number)) continue;
      for (const broker::RecordView& record : batch->records) {
        core::StateRead read{batch->partition.number, std::string(record.key), std::nullopt};
        if (record.value.has_value()) read.value.emplace(*record.value);
        steps.emplace_back(std::move(read));
      }
    } else if (const auto* end = std::get_if<broker::EndReached>(&step)) {
      const auto open = open_.find(end->position.partition.number);
      if (open == open_.end() || !std::exchange(open->second, false)) continue;
      steps.emplace_back(core::StateRestored{open->first});
    } else if (const auto* range = std::get_if<broker::OutOfRange>(&step)) {
      subscriber_->StartAt({range->partition, range->earliest});
    }
  }
  return absl::OkStatus();
}

}  // namespace platen::collector::edge
