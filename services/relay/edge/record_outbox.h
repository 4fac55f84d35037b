// Records on their way into Kafka, each with a name by which its sender knows it.
#pragma once

#include <cstdint>
#include <deque>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "libs/base/time.h"
#include "libs/broker/broker.h"

namespace platen::relay::edge {

// A record to be published; the partition follows from the key.
struct OwnedRecord {
  std::string topic;
  std::string key;
  // Absent: a tombstone.
  std::optional<std::string> value;
  std::vector<std::pair<std::string, std::string>> headers;
};

// Publishes in order, waits while the publisher is full or Kafka is away, and tells the outcome.
// What waits is bounded by its senders: directives by the gateway, dead letters by the core's
// buffer, gaps by the partitions. Thread-confined.
class RecordOutbox {
 public:
  enum class Sender { kDirective, kDeadLetter, kGap, kHeartbeat };

  struct Outcome {
    Sender sender = Sender::kDirective;
    std::uint64_t name = 0;
    // OK: Kafka has it. Otherwise it never will.
    absl::Status status;
  };

  // The publisher is made when the first record comes. `broker` must outlive this.
  RecordOutbox(broker::Broker& broker, broker::PublisherOptions options);

  void Add(Sender sender, std::uint64_t name, OwnedRecord record);

  // What has ended since the last call.
  std::vector<Outcome> Poll(base::MonotonicTime now);

  bool idle() const { return waiting_.empty() && published_.empty(); }

  // Why the first record waits; OK where nothing does.
  const absl::Status& obstacle() const { return obstacle_; }

 private:
  struct Waiting {
    Sender sender;
    std::uint64_t name;
    OwnedRecord record;
  };

  absl::StatusOr<broker::PublishId> Publish(const OwnedRecord& record);
  void PublishWaiting(base::MonotonicTime now, std::vector<Outcome>& outcomes);

  broker::Broker& broker_;
  const broker::PublisherOptions options_;
  std::unique_ptr<broker::Publisher> publisher_;
  std::deque<Waiting> waiting_;
  std::map<broker::PublishId, std::pair<Sender, std::uint64_t>> published_;
  absl::Status obstacle_;
  base::MonotonicTime try_again_at_;
};

}  // namespace platen::relay::edge
