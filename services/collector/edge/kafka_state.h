// The devices' state in Kafka: a reader without a group over the device-state topic, of which only
// the partitions that are owned (or are to be) flow, and a producer.
//
// A write to a partition that flows counts as durable once it was read back, too: what stands
// behind another's claim is then heard of after that claim, by an owner that it has fenced.
#pragma once

#include <deque>
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

  void Purge() override;

 private:
  // An acknowledged write that was not read back yet.
  struct Unread {
    std::int64_t offset = 0;
    std::uint64_t token = 0;
  };

  // A partition that flows.
  struct Flow {
    bool restoring = true;  // What was there at Open() is still being read.
    std::int64_t next = 0;  // Everything below was read.
    std::deque<Unread> unread;
  };

  void CloseUnread(std::int32_t partition);
  absl::Status PollReader(std::vector<Step>& steps);
  void PollWriter(std::vector<Step>& steps);
  static void OnReadTo(Flow& flow, std::int64_t next, std::vector<Step>& steps);

  std::unique_ptr<broker::Subscriber> subscriber_;
  std::unique_ptr<broker::Publisher> publisher_;
  std::string topic_;

  struct Written {
    std::int32_t partition = 0;
    std::uint64_t token = 0;
  };

  std::map<std::int32_t, Flow> flows_;
  absl::flat_hash_map<broker::PublishId, Written> written_;
  // Acknowledged, and never to be read back: their partition does not flow any more, or they were
  // given up.
  std::vector<core::StatePut> ended_;
};

}  // namespace platen::collector::edge
