// Events into the lanes of Kafka, partitioned by device.
#pragma once

#include <array>
#include <memory>
#include <string>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "libs/broker/broker.h"
#include "libs/event/lanes.h"
#include "services/collector/core/seams.h"

namespace platen::collector::edge {

// Thread-confined.
class KafkaEvents final : public core::EventPublisher {
 public:
  // Asks the broker how many partitions each lane has. kNotFound where a topic is missing.
  static absl::StatusOr<std::unique_ptr<KafkaEvents>> Create(
      std::unique_ptr<broker::Publisher> publisher, const event::Topics& topics);

  absl::Status Publish(const event::v1::Event& event, std::uint64_t token) override;
  absl::Status Poll(std::vector<core::Published>& published) override;

  void Purge() override { publisher_->Purge(); }

 private:
  struct Lane {
    std::string topic;
    std::int32_t partitions = 0;
  };

  KafkaEvents() = default;

  std::unique_ptr<broker::Publisher> publisher_;
  std::array<Lane, event::v1::Lane_ARRAYSIZE> lanes_;
  absl::flat_hash_map<broker::PublishId, std::uint64_t> tokens_;
};

}  // namespace platen::collector::edge
