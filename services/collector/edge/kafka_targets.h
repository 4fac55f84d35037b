// Targets from Kafka: a member of the pollers' group on the targets topic. It never commits: on
// assignment it reads its partitions from the beginning.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "libs/broker/broker.h"
#include "services/collector/core/seams.h"

namespace platen::collector::edge {

// Thread-confined.
class KafkaTargets final : public core::TargetSource {
 public:
  explicit KafkaTargets(std::unique_ptr<broker::Subscriber> subscriber, std::string topic);

  absl::Status Poll(std::vector<Step>& steps) override;
  void Release(std::int32_t partition) override;

  // Leaves the group.
  void Close();

  // Records that are no target: skipped.

 private:
  void Take(const broker::RecordBatch& batch, std::vector<Step>& steps);

  std::unique_ptr<broker::Subscriber> subscriber_;
  std::string topic_;
};

}  // namespace platen::collector::edge
