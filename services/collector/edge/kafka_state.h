// The devices' state in Kafka: a reader without a group over the device-state topic, of which only
// the partitions that are owned (or are to be) flow, and a producer.
#pragma once

#include <map>
#include <memory>
#include <string>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "libs/broker/broker.h"
#include "services/collector/core/seams.h"

namespace platen::collector::edge {

// Thread-confined.
class KafkaState final : public core::StateStore {
 public:
  // `subscriber` reads every partition of `topic`; all are paused here at first.
  KafkaState(std::unique_ptr<broker::Subscriber> subscriber,
             std::unique_ptr<broker::Publisher> publisher,
             std::string topic,
             std::int32_t partitions);

  void Open(std::int32_t partition) override;
  void Close(std::int32_t partition) override;
  absl::Status Put(std::int32_t partition,
                   std::string_view key,
                   std::optional<std::string_view> value,
                   std::uint64_t token) override;
  absl::Status Poll(std::vector<Step>& steps) override;

  void Purge() override { publisher_->Purge(); }

 private:
  absl::Status PollReader(std::vector<Step>& steps);
  void PollWriter(std::vector<Step>& steps);

  std::unique_ptr<broker::Subscriber> subscriber_;
  std::unique_ptr<broker::Publisher> publisher_;
  std::string topic_;
  // Open partitions; true while what was there at Open() is still being read.
  std::map<std::int32_t, bool> open_;
  absl::flat_hash_map<broker::PublishId, std::uint64_t> tokens_;
};

}  // namespace platen::collector::edge
