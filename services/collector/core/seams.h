// The three seams through which the collector's core sees the world: what to poll, what is known,
// where events go.
//
// Role `poll` puts Kafka behind all three (edge/kafka_*), a run from a file puts files there
// (edge/file_*). Nothing here waits: Poll() says what has come and returns. A partition is the unit
// of ownership; a source without partitions has one, number 0.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "platen/event/v1/event.pb.h"
#include "platen/event/v1/pipeline.pb.h"

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "libs/base/ids.h"
#include "libs/base/time.h"

namespace platen::collector::core {

// We are to own this partition's devices; its targets follow.
struct PartitionGiven {
  std::int32_t partition = 0;
};

// The partition goes to another: finish, then Release().
struct PartitionTaken {
  std::int32_t partition = 0;
};

// The partition has gone already.
struct PartitionLost {
  std::int32_t partition = 0;
};

// A target was read; none: it is to be polled no longer.
struct TargetChanged {
  std::int32_t partition = 0;
  base::DeviceId device;
  std::optional<event::v1::Target> target;
};

// A record of the targets says nothing that can be understood: it is left alone.
struct TargetUndecodable {
  std::int32_t partition = 0;
};

// What to poll. Thread-confined.
class TargetSource {
 public:
  using Step =
      std::variant<PartitionGiven, PartitionTaken, PartitionLost, TargetChanged, TargetUndecodable>;

  virtual ~TargetSource() = default;

  // Appends what has come to `steps`. kUnavailable: try again later; anything else is for an
  // administrator.
  virtual absl::Status Poll(std::vector<Step>& steps) = 0;

  // Answers PartitionTaken.
  virtual void Release(std::int32_t partition) = 0;
};

// A record of the state was read, in the order of writing. `key` is a device id's 16 bytes or
// kOwnerKey.
struct StateRead {
  std::int32_t partition = 0;
  std::string key;
  std::optional<std::string> value;
  // When the log took it, by the broker's clock.
  base::WallTime time;
};

// What was there when Open() was called has been read.
struct StateRestored {
  std::int32_t partition = 0;
};

// A Put() has become durable, or never will (kCancelled, kInvalidArgument).
struct StatePut {
  std::uint64_t token = 0;
  absl::Status status;
};

inline constexpr std::string_view kOwnerKey = "!owner";

// What is known. Thread-confined.
class StateStore {
 public:
  using Step = std::variant<StateRead, StateRestored, StatePut>;

  virtual ~StateStore() = default;

  // Reads the partition from its beginning and goes on reading until Close(): also what others
  // write.
  virtual void Open(std::int32_t partition) = 0;
  virtual void Close(std::int32_t partition) = 0;

  // Writes a record (no value: removes it); a StatePut with `token` follows. kResourceExhausted:
  // try again later.
  virtual absl::Status Put(std::int32_t partition,
                           std::string_view key,
                           std::optional<std::string_view> value,
                           std::uint64_t token) = 0;

  // Appends what has come to `steps`.
  virtual absl::Status Poll(std::vector<Step>& steps) = 0;

  // Gives up all writes without StatePut; each gets one with kCancelled.
  virtual void Purge() = 0;

  // Whether all that was put is where a later owner of the partition finds it. Where it is not, the
  // partition should not be given up yet.
  virtual bool IsSettled(std::int32_t /*partition*/) const { return true; }
};

// An event is durable at the next hop, or refused there.
struct Published {
  std::uint64_t token = 0;
  absl::Status status;
};

// Where events go. Thread-confined.
class EventPublisher {
 public:
  virtual ~EventPublisher() = default;

  // Takes a stamped event; a Published with `token` follows. Order is kept for each device and
  // lane. kResourceExhausted: try again later.
  virtual absl::Status Publish(const event::v1::Event& event, std::uint64_t token) = 0;

  // Appends what has come to `published`.
  virtual absl::Status Poll(std::vector<Published>& published) = 0;

  // Gives up all events without Published; each gets one with kCancelled.
  virtual void Purge() = 0;
};

}  // namespace platen::collector::core
