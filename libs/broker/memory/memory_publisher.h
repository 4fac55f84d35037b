// The Publisher of a MemoryBroker.
#pragma once

#include <deque>
#include <memory>
#include <vector>

#include "libs/broker/memory/memory_broker.h"

namespace platen::broker::memory {

// Thread-confined.
class MemoryPublisher final : public Publisher {
 public:
  MemoryPublisher(std::shared_ptr<MemoryState> state, const PublisherOptions& options);

  absl::StatusOr<PublishId> Publish(const OutgoingRecord& record) override;
  std::span<const Delivery> Poll(std::chrono::milliseconds max_wait) override;
  void Purge() override;

  std::size_t in_flight() const override { return taken_.size(); }

  absl::StatusOr<std::int32_t> PartitionCount(std::string_view topic) override;

 private:
  struct Taken {
    PublishId id = 0;
    Partition partition;
    StoredRecord record;
    std::size_t bytes = 0;
    bool refused = false;
    bool appended = false;
  };

  void Append(Taken& taken);
  void Report(std::size_t count);

  const std::shared_ptr<MemoryState> state_;
  const std::size_t queue_bytes_max_;
  std::deque<Taken> taken_;
  std::size_t queue_bytes_ = 0;
  PublishId last_id_ = 0;
  std::vector<Delivery> pending_;
  std::vector<Delivery> deliveries_;
};

}  // namespace platen::broker::memory
