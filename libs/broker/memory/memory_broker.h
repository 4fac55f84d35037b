// A broker inside the process, with faults on demand: for tests and simulations.
//
// It keeps the contract of broker.h as the Kafka adapter does (one suite proves both), and lets a
// test look behind the scene. Retention by time or size and compaction do not happen by themselves.
#pragma once

#include <condition_variable>
#include <cstdint>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "libs/base/random.h"
#include "libs/base/time.h"
#include "libs/broker/broker.h"
#include "libs/broker/memory/faults.h"
#include "libs/broker/memory/group.h"
#include "libs/broker/memory/log.h"

namespace platen::broker::memory {

// What all clients share. Guarded by `mutex`.
struct MemoryState {
  MemoryState(const base::Clock& clock_in, std::uint64_t seed) : clock(clock_in), random(seed) {}

  const base::Clock& clock;
  std::mutex mutex;
  std::condition_variable changed;  // Records, deliveries or memberships.
  base::Random random;
  Faults faults;
  Topics topics;
  std::map<std::string, Group> groups;
  MemberId last_member = 0;
};

// Thread-safe. `clock` must outlive the broker and its clients; it gives append times only. Poll()
// waits in real time, so a simulation polls with 0.
class MemoryBroker final : public Broker {
 public:
  explicit MemoryBroker(const base::Clock& clock, std::uint64_t seed = 1);

  absl::StatusOr<std::unique_ptr<Publisher>> NewPublisher(const PublisherOptions& options) override;
  absl::StatusOr<std::unique_ptr<Subscriber>> NewSubscriber(
      const SubscriberOptions& options) override;
  absl::Status EnsureTopics(std::span<const TopicSpec> topics,
                            std::chrono::milliseconds max_wait) override;

  void set_faults(Faults faults);
  // Ends the session of every member of the group, as if none had been heard of for long.
  void ExpireSessions(const std::string& group);
  // What retention does. No effect on a partition that does not exist.
  void DeleteBelow(const PartitionOffset& position);

  // Copies of what a partition holds.
  std::vector<StoredRecord> RecordsOf(const Partition& partition) const;
  std::optional<std::int64_t> Committed(const std::string& group, const Partition& partition) const;

 private:
  const std::shared_ptr<MemoryState> state_;
};

}  // namespace platen::broker::memory
