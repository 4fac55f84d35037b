// The contract with a log of partitions: what a service may say to Kafka and hear from it.
//
// Two adapters keep it: kafka/ (librdkafka) and memory/ (in the process, with seeded faults). Both
// pass one contract suite (tests/contract/broker_contract.h). Shapes are chosen so that a core
// never waits: requests return at once, what comes of them arrives by Poll().
//
// Units: times are base::WallTime (the log's append time), sizes are bytes. Threads: a Publisher
// and a Subscriber are each thread-confined unless a method says otherwise.
#pragma once

#include <chrono>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "libs/base/time.h"

namespace platen::broker {

// A partition of a topic.
struct Partition {
  std::string topic;
  std::int32_t number = 0;

  friend auto operator<=>(const Partition&, const Partition&) = default;
};

// A place in a partition. `offset` is the next record to read.
struct PartitionOffset {
  Partition partition;
  std::int64_t offset = 0;

  friend auto operator<=>(const PartitionOffset&, const PartitionOffset&) = default;
};

struct HeaderView {
  std::string_view name;
  std::string_view value;
};

// Views of headers that live for as long as they are used.
inline std::vector<HeaderView> ViewsOf(
    const std::vector<std::pair<std::string, std::string>>& headers) {
  std::vector<HeaderView> views;
  views.reserve(headers.size());
  for (const auto& [name, value] : headers) views.push_back({name, value});
  return views;
}

// A record to publish. Views need to live until Publish() returns: it copies.
struct OutgoingRecord {
  std::string_view topic;
  // Chosen by the caller (PartitionFor), never by the adapter.
  std::int32_t partition = 0;
  std::string_view key;
  // Absent: a tombstone.
  std::optional<std::string_view> value;
  std::span<const HeaderView> headers;
};

// Names a published record until its Delivery arrives. From 1, growing by one with each accepted
// Publish().
using PublishId = std::uint64_t;

// What became of a published record. Each accepted record has exactly one.
struct Delivery {
  PublishId id = 0;
  // OK: durable as far as the broker promises. kInvalidArgument: the broker refuses this very
  // record (too large, bad timestamp): do not retry. kCancelled: purged. Every other failure is
  // retried inside the adapter without end.
  absl::Status status;
  std::int64_t offset = -1;
};

// How a Publisher sends.
struct PublisherOptions {
  // How long a record may wait for others to share its batch: 0 or 1 ms for alerts, 20 ms for bulk.
  std::chrono::milliseconds linger{5};
  // Records of a partition travel one batch at a time, handed over by Poll(): what comes meanwhile
  // goes with the next. So there are few and full batches when much comes at once, and none waits
  // when little does. For who publishes to many partitions without lingering.
  bool gather = false;
  // Bound of what is taken and has no Delivery: keys, values and headers, in bytes. 0: the broker's
  // own default.
  std::size_t queue_bytes = 0;
};

// Writes records. Order: records of one partition are appended in the order of Publish(), also
// across retries. A batch that the broker refuses for one record is sent again one by one, so that
// one bad record harms no other. After a reconnect or a rebuilt session a record may be appended
// twice (and then everything behind it): its readers know it by its id. Destroying a Publisher
// gives up what is in flight: to drain, Poll() until in_flight() is 0. Thread-confined.
class Publisher {
 public:
  virtual ~Publisher() = default;

  // Takes the record into a bounded queue and returns at once, but for the first record of a topic
  // whose PartitionCount() was not asked before: that one waits for the answer. What is in the
  // queue goes its way while Poll() is called, and may stay there otherwise. An empty key is none.
  // Errors: kResourceExhausted (the queue is full: Poll() and try again), kNotFound (no such topic
  // or partition), kUnavailable (the broker can't be asked for the topic), kInvalidArgument (too
  // large for any broker, or a tombstone of no key).
  virtual absl::StatusOr<PublishId> Publish(const OutgoingRecord& record) = 0;

  // Deliveries that have arrived; waits at most `max_wait` for the first. The span lives until the
  // next call.
  virtual std::span<const Delivery> Poll(std::chrono::milliseconds max_wait) = 0;

  // Gives up what has not been sent or acknowledged: each such record gets a Delivery with
  // kCancelled (it may be durable all the same). For an owner that has lost its partition to a
  // higher term.
  virtual void Purge() = 0;

  // Records taken and without Delivery.
  virtual std::size_t in_flight() const = 0;

  // Partitions of a topic; asked once, then remembered. May block for some seconds. kNotFound where
  // there is none, kUnavailable where the broker can't be asked.
  virtual absl::StatusOr<std::int32_t> PartitionCount(std::string_view topic) = 0;
};

struct RecordView {
  std::string_view key;
  // Absent: a tombstone.
  std::optional<std::string_view> value;
  // By name; the last one of a name counts.
  std::span<const HeaderView> headers;
  std::int64_t offset = 0;
  base::WallTime append_time;
};

// Consecutive records of one partition (offsets may have holes where compaction removed records).
struct RecordBatch {
  Partition partition;
  std::span<const RecordView> records;
};

// The group gives this member partitions. Reading starts at the committed offset, or where
// StartAt() says; without either at the beginning of the partition.
struct Assigned {
  std::vector<Partition> partitions;
};

// The group takes partitions back. The member finishes what is in flight, commits, and calls
// Release(), polling meanwhile; after SubscriberOptions::release_timeout the adapter gives them up
// by itself and says Lost.
struct Revoked {
  std::vector<Partition> partitions;
};

// The partitions are gone without asking (the session ended). Commits for them have no effect any
// more.
struct Lost {
  std::vector<Partition> partitions;
};

// The outcome of one round of commits. What failed is tried again by itself for as long as the
// partition is owned: the status is there to be counted.
struct CommitResult {
  std::vector<PartitionOffset> positions;
  absl::Status status;
};

// The position does not exist: retention has eaten the range [wanted, earliest). The partition
// stands still until StartAt(). A gap to report, never a silent skip.
struct OutOfRange {
  Partition partition;
  std::int64_t wanted = 0;
  std::int64_t earliest = 0;
};

// The partition's end was reached at `offset`; told once each time it is reached. For restores.
struct EndReached {
  PartitionOffset position;
};

// Reads records, for a consumer group or for partitions named by the caller. Thread-confined: one
// thread calls all methods.
class Subscriber {
 public:
  using Step =
      std::variant<RecordBatch, Assigned, Revoked, Lost, CommitResult, OutOfRange, EndReached>;

  virtual ~Subscriber() = default;

  // Waits at most `max_wait`. An empty RecordBatch is not an error. The step's views stay valid
  // until the next call. Goes on being called while partitions are paused, or the group expels this
  // member. Errors: kUnavailable (retry later), kPermissionDenied (fix the ACL; do not retry),
  // kNotFound (no such topic).
  virtual absl::StatusOr<Step> Poll(std::chrono::milliseconds max_wait) = 0;

  // Reads this partition from here on. Between Assigned and the next Poll(), or at any time for an
  // owned partition.
  virtual void StartAt(const PartitionOffset& position) = 0;

  virtual void Pause(std::span<const Partition> partitions) = 0;
  virtual void Resume(std::span<const Partition> partitions) = 0;

  // Asks to record that everything below `next.offset` in its partition has ended. Idempotent,
  // returns at once; the outcome comes as a CommitResult. A position below one asked for before is
  // ignored.
  virtual void Commit(const PartitionOffset& next) = 0;

  // Answers Revoked: these partitions may go.
  virtual void Release(std::span<const Partition> partitions) = 0;

  // Records of the owned partitions that have not ended: those between what Commit() was last told
  // (before that: where reading began) and the partition's end, as last heard. Where committed
  // offsets do not count: those that Poll() has not given. For metrics.
  virtual std::int64_t lag() const = 0;

  // Leaves the group, after pending commits, within `max_wait`. Poll() must not be called
  // afterwards. Destroying without Close() is a crash to the group: it waits for the session's end.
  virtual void Close(std::chrono::milliseconds max_wait) = 0;
};

// What a Subscriber reads.
struct SubscriberOptions {
  // Topics read as a member of `group`.
  std::vector<std::string> topics;
  std::string group;
  // Static membership (stable names); empty: dynamic.
  std::string instance_id;
  // Partitions read without a group instead (then `topics` and `group` are empty); there is no
  // Assigned for them.
  std::vector<PartitionOffset> partitions;
  // Whether committed offsets count. Owners that read compacted topics from the beginning say no
  // and never commit.
  bool use_committed = true;
  // Records fetched ahead of Poll() are bounded by this many bytes.
  std::size_t prefetch_bytes = 8u << 20;
  // Whether records come with their headers. Kafka's client unpacks them one by one, which is half
  // of what reading a record costs: who does not look at them says no.
  bool with_headers = true;
  // Most records a RecordBatch holds.
  std::size_t max_batch_records = 1000;
  // How long Release() may be waited for. Shorter than the session (6 s).
  std::chrono::milliseconds release_timeout{5000};
};

// Offset values with a meaning for StartAt() and SubscriberOptions::partitions.
inline constexpr std::int64_t kBeginning = -2;
inline constexpr std::int64_t kEnd = -1;

// A topic to be made.
struct TopicSpec {
  std::string name;
  std::int32_t partitions = 1;
  std::int16_t replication = 1;
  std::vector<std::pair<std::string, std::string>> config;
};

// Makes clients of one broker. Thread-safe.
class Broker {
 public:
  virtual ~Broker() = default;

  // Both check their options only (kInvalidArgument); a broker that is away shows in Poll().
  virtual absl::StatusOr<std::unique_ptr<Publisher>> NewPublisher(
      const PublisherOptions& options) = 0;
  virtual absl::StatusOr<std::unique_ptr<Subscriber>> NewSubscriber(
      const SubscriberOptions& options) = 0;

  // Makes those topics that do not exist; a topic that exists with another number of partitions is
  // kFailedPrecondition, for the partition of a device must never change. Blocks at most
  // `max_wait`.
  virtual absl::Status EnsureTopics(std::span<const TopicSpec> topics,
                                    std::chrono::milliseconds max_wait) = 0;
};

// murmur2 as Java clients have it, made positive, modulo `partitions`. REQUIRES: partitions > 0.
std::int32_t PartitionFor(std::string_view key, std::int32_t partitions);

}  // namespace platen::broker
