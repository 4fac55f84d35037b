// Reads the partitions that a consumer group gives, each only after the matching partition of a
// state topic was read to its end. What both pipelines have in common: assignment, restore,
// back-pressure, hand-over, commits.
#pragma once

#include <cstdint>
#include <list>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/status.h"
#include "libs/broker/broker.h"

namespace platen::notifier::edge {

// What the reader tells. Called from within Step() and BeginDrain().
class PartitionHandler {
 public:
  virtual ~PartitionHandler() = default;

  virtual void OnAssigned(std::int32_t partition) = 0;
  // One record of the state topic; `value` absent: a tombstone.
  virtual void OnRestored(std::int32_t partition,
                          std::string_view key,
                          std::optional<std::string_view> value) = 0;
  virtual void OnRestoreEnd(std::int32_t partition) = 0;
  virtual void OnRecord(std::int32_t partition, std::int64_t offset, std::string_view value) = 0;
  // Retention has eaten inputs [wanted, earliest).
  virtual void OnGap(std::int32_t partition, std::int64_t wanted, std::int64_t earliest) = 0;
  // The partition is to be given back: nothing more comes of it, and nothing new may begin for it.
  virtual void OnDrain(std::int32_t partition) = 0;
  // Whether what had begun for a draining partition has ended and asked for its commits.
  virtual bool IsIdle(std::int32_t partition) = 0;
  // The partition is somebody else's.
  virtual void OnGone(std::int32_t partition) = 0;
};

struct PartitionReaderOptions {
  std::string input_topic;
  std::string group;
  // Has as many partitions as the input.
  std::string state_topic;
};

// Thread-confined.
class PartitionReader {
 public:
  // Both must outlive this.
  PartitionReader(broker::Broker& broker,
                  PartitionReaderOptions options,
                  PartitionHandler& handler);
  ~PartitionReader();

  // Polls once, waiting at most `max_wait`, and gives back what has become idle. Errors are those
  // of Subscriber::Poll(): all but kPermissionDenied and kNotFound pass by themselves.
  absl::Status Step(std::chrono::milliseconds max_wait);

  // Stops and resumes the input of all partitions, for as long as what it leads to has no room.
  void SetThrottled(bool throttled);

  void Commit(std::int32_t partition, std::int64_t next);

  // Drains all partitions. Afterwards Step() goes on being called until is_drained().
  void BeginDrain();
  bool is_drained() const;

  // Commits, leaves the group. Nothing may be called afterwards.
  void Close(std::chrono::milliseconds max_wait);

  std::size_t owned() const { return owned_.size(); }

  std::size_t restoring() const;

  std::int64_t lag() const { return subscriber_ == nullptr ? 0 : subscriber_->lag(); }

 private:
  // State partitions that are read to their end together.
  struct Restore {
    std::unique_ptr<broker::Subscriber> subscriber;
    std::set<std::int32_t> left;
  };

  absl::Status Open();
  absl::Status OnStep(const broker::Subscriber::Step& step);
  absl::Status OnAssigned(const std::vector<broker::Partition>& partitions);
  void OnRecords(const broker::RecordBatch& batch);
  void Gone(const std::vector<broker::Partition>& partitions);
  absl::Status PollRestores(std::chrono::milliseconds wait);
  absl::Status PollRestore(Restore& restore, std::chrono::milliseconds wait);
  void EndRestore(std::int32_t partition);
  void ReleaseIdle();
  bool is_reading(std::int32_t partition) const;

  broker::Partition Input(std::int32_t partition) const {
    return {options_.input_topic, partition};
  }

  broker::Broker& broker_;
  const PartitionReaderOptions options_;
  PartitionHandler& handler_;
  std::unique_ptr<broker::Subscriber> subscriber_;
  std::list<Restore> restores_;
  std::set<std::int32_t> owned_;
  std::set<std::int32_t> draining_;
  bool throttled_ = false;
  bool stopping_ = false;
};

}  // namespace platen::notifier::edge
