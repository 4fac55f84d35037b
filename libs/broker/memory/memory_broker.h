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

// A group's member, as the group knows it.
struct Session {
  std::string group;
  base::MonotonicTime heard;
  bool gone = false;  // Crashed: nobody will hear of the session's end.
};

// What all clients share. Guarded by `mutex`.
struct MemoryState {
  MemoryState(const base::Clock& clock_in, std::uint64_t seed) : clock(clock_in), random(seed) {}

  // The sessions of members that have not been heard of for `session_timeout` end.
  void EndSilentSessions();

  const base::Clock& clock;
  std::mutex mutex;
  std::condition_variable changed;  // Records, deliveries or memberships.
  base::Random random;
  Faults faults;
  Topics topics;
  std::map<std::string, Group> groups;
  MemberId last_member = 0;
  base::Duration session_timeout{0};  // 0: sessions do not end by themselves.
  std::map<MemberId, Session> sessions;
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
  // From now on a member of a group that is not polled for this long is expelled, and one that is
  // destroyed without Close() keeps its partitions until then. Otherwise sessions end by
  // ExpireSessions() and Faults::lost_session only. Set it before the first subscriber is made.
  void set_session_timeout(base::Duration timeout);
  // Ends the session of every member of the group, as if none had been heard of for long.
  void ExpireSessions(const std::string& group);
  // What retention does. No effect on a partition that does not exist.
  void DeleteBelow(const PartitionOffset& position);

  // Copies of what a partition holds, or of what of it lies at or behind an offset.
  std::vector<StoredRecord> RecordsOf(const Partition& partition) const;
  std::vector<StoredRecord> RecordsFrom(const PartitionOffset& position) const;
  std::optional<std::int64_t> Committed(const std::string& group, const Partition& partition) const;

 private:
  const std::shared_ptr<MemoryState> state_;
};

}  // namespace platen::broker::memory
