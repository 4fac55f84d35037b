// A batch on its way: the bytes that the gateway will read, and where each event came from.
//
// The payload is a serialised platen.ingest.v1.BatchPayload, written around the bytes of Kafka's
// records: field 1, length-delimited, once an event. No event is parsed here.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "libs/base/time.h"
#include "libs/broker/broker.h"
#include "libs/flow/offset_tracker.h"

namespace platen::relay::core {

// A partition from when this relay got it until it gave it back. Got again, it is another one.
struct PartitionWork : std::enable_shared_from_this<PartitionWork> {
  enum class Phase {
    kOwned,
    // Asked back: what is on the way may end, nothing new is sent.
    kDraining,
    // Given back or lost: what becomes of its records is no longer this relay's business.
    kGone,
  };

  broker::Partition partition;
  Phase phase = Phase::kOwned;
  flow::OffsetTracker tracker;
  std::size_t open = 0;  // Records taken in that have not ended.
  base::MonotonicTime release_by;
};

using PartitionWorkPtr = std::shared_ptr<PartitionWork>;

// Thread-confined.
class Batch {
 public:
  struct Item {
    PartitionWork* work = nullptr;
    std::int64_t offset = 0;
    std::string_view key;
    std::string_view event;
  };

  void Add(const PartitionWorkPtr& work,
           std::int64_t offset,
           std::string_view key,
           std::string_view event);

  // Empties it, and keeps its memory for the next events, unless somebody has the payload still.
  void Clear();

  // REQUIRES: index < size(). The views live until the next call that changes the batch.
  Item At(std::size_t index) const;

  // Takes out the events for which `unwanted` says so. Returns how many.
  std::size_t Remove(const std::function<bool(const Item&)>& unwanted);

  std::size_t size() const { return entries_.size(); }

  bool empty() const { return entries_.empty(); }

  // What goes over the wire, before compression.
  const std::string& payload() const { return *payload_; }

  // The same for whoever still sends it when the batch has ended or changed: these bytes stay as
  // they are.
  std::shared_ptr<const std::string> shared_payload() const { return payload_; }

  // What it holds in memory.
  std::size_t bytes() const { return payload_->size() + keys_.size(); }

 private:
  struct Entry {
    std::int64_t offset;
    std::uint32_t work;
    std::uint32_t event_begin;
    std::uint32_t event_size;
    std::uint32_t key_begin;
    std::uint32_t key_size;
  };

  std::uint32_t IndexOf(const PartitionWorkPtr& work);

  // Nobody shares it while events are added.
  std::shared_ptr<std::string> payload_ = std::make_shared<std::string>();
  std::string keys_;
  std::vector<Entry> entries_;
  std::vector<PartitionWorkPtr> works_;
  std::uint32_t last_work_ = 0;
};

// The same events in order, in batches of at most `payload_bytes_max`; those that are too large for
// any are shown to `too_large` instead.
std::vector<std::unique_ptr<Batch>> Split(const Batch& batch,
                                          std::size_t payload_bytes_max,
                                          const std::function<void(const Batch::Item&)>& too_large);

// What an event of this size adds to a payload.
std::size_t PayloadBytes(std::size_t event_bytes);

}  // namespace platen::relay::core
