// Records on their way into Kafka: waits where the publisher is full or Kafka is away, keeps the
// order, and tells each sender what became of its record.
#pragma once

#include <cstdint>
#include <deque>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "absl/status/status.h"
#include "libs/broker/broker.h"

namespace platen::notifier::edge {

struct OwnedRecord {
  std::string topic;
  std::int32_t partition = 0;
  std::string key;
  // Absent: a tombstone.
  std::optional<std::string> value;
  std::vector<std::pair<std::string, std::string>> headers;
};

// Thread-confined. What waits is bounded by its senders, who stop reading while waiting() is high.
class PublishQueue {
 public:
  // OK: Kafka has it. Anything else: it never will.
  using Done = std::function<void(const absl::Status&)>;

  explicit PublishQueue(std::unique_ptr<broker::Publisher> publisher)
      : publisher_(std::move(publisher)) {}

  // Hands the record to the publisher, now or in a later Poll().
  void Add(OwnedRecord record, Done done);

  // Hands over what waits and calls `done` for what has ended; the calls may Add(). Waits at most
  // `max_wait` for the first where something is on its way.
  void Poll(std::chrono::milliseconds max_wait);

  // Records that the publisher has no room for, and all that have not ended.
  std::size_t waiting() const { return waiting_.size(); }

  std::size_t in_flight() const { return waiting_.size() + published_.size(); }

  // Why the first record waits; OK where none does.
  const absl::Status& obstacle() const { return obstacle_; }

  broker::Publisher& publisher() { return *publisher_; }

 private:
  struct Waiting {
    OwnedRecord record;
    Done done;
  };

  absl::StatusOr<broker::PublishId> Publish(const OwnedRecord& record);
  void PublishWaiting(std::vector<std::pair<Done, absl::Status>>& ended);

  const std::unique_ptr<broker::Publisher> publisher_;
  std::deque<Waiting> waiting_;
  absl::flat_hash_map<broker::PublishId, Done> published_;
  absl::Status obstacle_;
};

}  // namespace platen::notifier::edge
