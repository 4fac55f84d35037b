// The Subscriber of a MemoryBroker.
#pragma once

#include <deque>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <vector>

#include "libs/broker/memory/memory_broker.h"

namespace platen::broker::memory {

// Thread-confined.
class MemorySubscriber final : public Subscriber {
 public:
  MemorySubscriber(std::shared_ptr<MemoryState> state, const SubscriberOptions& options);
  ~MemorySubscriber() override;

  absl::StatusOr<Step> Poll(std::chrono::milliseconds max_wait) override;
  void StartAt(const PartitionOffset& position) override;
  void Pause(std::span<const Partition> partitions) override;
  void Resume(std::span<const Partition> partitions) override;
  void Commit(const PartitionOffset& next) override;
  void Release(std::span<const Partition> partitions) override;
  std::int64_t lag() const override;
  void Close(std::chrono::milliseconds max_wait) override;

 private:
  struct Reading {
    std::optional<std::int64_t> start;     // What StartAt() or the options said.
    std::optional<std::int64_t> position;  // Next offset, once begun.
    std::int64_t began = 0;                // Where that was first.
    std::int64_t end_told = -1;
    bool paused = false;
    base::MonotonicTime stalled_until;
    bool out_of_range = false;
  };

  Group& group() { return state_->groups[options_.group]; }

  bool in_group() const { return !options_.group.empty(); }

  std::vector<Partition> PartitionsOfTopics() const;
  void KeepSession();
  void MeetFaults();
  void HearNews();
  void GiveUpIfOverdue();
  void SendCommits();
  void Forget(const std::vector<Partition>& partitions);
  std::optional<Step> NextStep();
  std::optional<Step> Read(const Partition& partition, Reading& reading);
  std::int64_t StartOf(const Partition& partition, const Reading& reading, const Log& log);
  RecordBatch Give(const Partition& partition, Reading& reading, const Log& log);

  const std::shared_ptr<MemoryState> state_;
  const SubscriberOptions options_;
  MemberId member_ = 0;
  bool closed_ = false;
  std::map<Partition, Reading> readings_;
  Partition last_read_;
  std::set<Partition> revoking_;
  base::MonotonicTime release_deadline_;
  std::map<Partition, std::int64_t> asked_;
  std::map<Partition, std::int64_t> waiting_;
  std::deque<Step> steps_;

  std::vector<StoredRecord> given_;
  std::vector<std::vector<HeaderView>> given_headers_;
  std::vector<RecordView> views_;
};

}  // namespace platen::broker::memory
