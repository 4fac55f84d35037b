#include "services/collector/edge/kafka_state.h"

#include <algorithm>
#include <utility>

#include "libs/base/planted_bug.h"
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

// What is still to be read back never will be: it is told as it was acknowledged.
void KafkaState::CloseUnread(std::int32_t partition) {
  const auto found = flows_.find(partition);
  if (found == flows_.end()) return;
  for (const Unread& unread : std::exchange(found->second.unread, {})) {
    ended_.push_back({unread.token, absl::OkStatus()});
  }
}

void KafkaState::Purge() {
  publisher_->Purge();
  for (auto& [partition, flow] : flows_) {
    for (const Unread& unread : std::exchange(flow.unread, {})) {
      ended_.push_back({unread.token, absl::CancelledError("not read back")});
    }
  }
}

void KafkaState::Open(std::int32_t partition) {
  CloseUnread(partition);
  flows_[partition] = {};
  const broker::Partition opened{topic_, partition};
  subscriber_->StartAt({opened, broker::kBeginning});
  subscriber_->Resume({&opened, 1});
}

void KafkaState::Close(std::int32_t partition) {
  CloseUnread(partition);
  flows_.erase(partition);
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
  written_[id] = {partition, token};
  return absl::OkStatus();
}

absl::Status KafkaState::Poll(std::vector<Step>& steps) {
  PollWriter(steps);
  return PollReader(steps);
}

void KafkaState::PollWriter(std::vector<Step>& steps) {
  for (core::StatePut& put : std::exchange(ended_, {})) steps.emplace_back(std::move(put));
  for (const broker::Delivery& delivery : publisher_->Poll(std::chrono::milliseconds(0))) {
    const auto found = written_.find(delivery.id);
    if (found == written_.end()) continue;
    const Written written = found->second;
    written_.erase(found);
    const auto flow = flows_.find(written.partition);
    if (delivery.status.ok() && flow != flows_.end() && delivery.offset >= flow->second.next &&
        !base::IsPlanted(base::PlantedBug::kTrustsUnreadWrite)) {
      flow->second.unread.push_back({delivery.offset, written.token});
    } else {
      steps.emplace_back(core::StatePut{written.token, delivery.status});
    }
  }
}

void KafkaState::OnReadTo(Flow& flow, std::int64_t next, std::vector<Step>& steps) {
  flow.next = std::max(flow.next, next);
  while (!flow.unread.empty() && flow.unread.front().offset < flow.next) {
    steps.emplace_back(core::StatePut{flow.unread.front().token, absl::OkStatus()});
    flow.unread.pop_front();
  }
}

absl::Status KafkaState::PollReader(std::vector<Step>& steps) {
  for (int i = 0; i < kStepsPerPoll; ++i) {
    PLATEN_ASSIGN_OR_RETURN(const broker::Subscriber::Step step,
                            subscriber_->Poll(std::chrono::milliseconds(0)));
    if (const auto* batch = std::get_if<broker::RecordBatch>(&step)) {
      if (batch->records.empty()) return absl::OkStatus();
      const auto flow = flows_.find(batch->partition.number);
      if (flow == flows_.end()) continue;
      for (const broker::RecordView& record : batch->records) {
        core::StateRead read{
            batch->partition.number, std::string(record.key), std::nullopt, record.append_time};
        if (record.value.has_value()) read.value.emplace(*record.value);
        steps.emplace_back(std::move(read));
      }
      OnReadTo(flow->second, batch->records.back().offset + 1, steps);
    } else if (const auto* end = std::get_if<broker::EndReached>(&step)) {
      const auto flow = flows_.find(end->position.partition.number);
      if (flow == flows_.end()) continue;
      OnReadTo(flow->second, end->position.offset, steps);
      if (std::exchange(flow->second.restoring, false)) {
        steps.emplace_back(core::StateRestored{flow->first});
      }
    } else if (const auto* range = std::get_if<broker::OutOfRange>(&step)) {
      subscriber_->StartAt({range->partition, range->earliest});
    }
  }
  return absl::OkStatus();
}

}  // namespace platen::collector::edge
