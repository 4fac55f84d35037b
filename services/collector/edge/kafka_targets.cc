#include "services/collector/edge/kafka_targets.h"

#include <utility>

#include "libs/base/status.h"

namespace platen::collector::edge {
namespace {

// Enough to empty what a poll of Kafka brings, few enough to keep the loop turning.
constexpr int kStepsPerPoll = 64;

}  // namespace

KafkaTargets::KafkaTargets(std::unique_ptr<broker::Subscriber> subscriber, std::string topic)
    : subscriber_(std::move(subscriber)), topic_(std::move(topic)) {}

absl::Status KafkaTargets::Poll(std::vector<Step>& steps) {
  for (int i = 0; i < kStepsPerPoll; ++i) {
    PLATEN_ASSIGN_OR_RETURN(const broker::Subscriber::Step step,
                            subscriber_->Poll(std::chrono::milliseconds(0)));
    if (const auto* batch = std::get_if<broker::RecordBatch>(&step)) {
      if (batch->records.empty()) return absl::OkStatus();
      Take(*batch, steps);
    } else if (const auto* assigned = std::get_if<broker::Assigned>(&step)) {
      for (const broker::Partition& partition : assigned->partitions) {
        steps.emplace_back(core::PartitionGiven{partition.number});
      }
    } else if (const auto* revoked = std::get_if<broker::Revoked>(&step)) {
      for (const broker::Partition& partition : revoked->partitions) {
        steps.emplace_back(core::PartitionTaken{partition.number});
      }
    } else if (const auto* lost = std::get_if<broker::Lost>(&step)) {
      for (const broker::Partition& partition : lost->partitions) {
        steps.emplace_back(core::PartitionLost{partition.number});
      }
    } else if (const auto* range = std::get_if<broker::OutOfRange>(&step)) {
      // Compaction keeps the last record of each key, so nothing is lost by going to the earliest.
      subscriber_->StartAt({range->partition, range->earliest});
    }
  }
  return absl::OkStatus();
}

void KafkaTargets::Take(const broker::RecordBatch& batch, std::vector<Step>& steps) {
  for (const broker::RecordView& record : batch.records) {
    core::TargetChanged changed;
    changed.partition = batch.partition.number;
    const absl::StatusOr<base::DeviceId> device = base::DeviceId::FromBytes(record.key);
    if (!device.ok()) {
      steps.emplace_back(core::TargetUndecodable{batch.partition.number});
      continue;
    }
    changed.device = *device;
    if (record.value.has_value()) {
      const bool decoded = changed.target.emplace().ParseFromArray(
          record.value->data(), static_cast<int>(record.value->size()));
      if (!decoded || changed.target->device_id() != record.key) {
        steps.emplace_back(core::TargetUndecodable{batch.partition.number});
        continue;
      }
    }
    steps.emplace_back(std::move(changed));
  }
}

void KafkaTargets::Release(std::int32_t partition) {
  const broker::Partition released{topic_, partition};
  subscriber_->Release({&released, 1});
}

void KafkaTargets::Close() {
  subscriber_->Close(std::chrono::seconds(8));
}

}  // namespace platen::collector::edge
