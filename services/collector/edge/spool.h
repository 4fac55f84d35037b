// The two ends of Kafka with a spool before them: what the core publishes and keeps goes straight
// to Kafka while Kafka is there, and to the spool first while it is deemed away. Nothing else of
// the collector knows.
//
//   core ──▶ SpooledEvents, SpooledState ──▶ KafkaEvents, KafkaState
//                     │      ▲
//                     ▼      │ alerts first
//                    Spool (edge/spool_log.h, core/outage.h)
//
// When an outage begins, both producers are emptied: what they had not acknowledged is said again
// by the core, and so comes to the spool as well. docs/decisions/0007-spool.md says why, and what
// holds for states and terms.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "absl/container/flat_hash_set.h"
#include "libs/base/time.h"
#include "services/collector/core/outage.h"
#include "services/collector/core/seams.h"
#include "services/collector/core/settlement.h"
#include "services/collector/edge/spool_log.h"

namespace platen::collector::edge {

// The bit by which tokens of what is given out of the spool differ from those that the core gives.
inline constexpr std::uint64_t kOfSpool = std::uint64_t{1} << 63;

struct SpoolOptions {
  SpoolLogOptions log;
  core::OutageOptions outage;
  // Of device-state.
  std::int32_t partitions = 1;
};

struct SpoolFigures {
  SpoolLogFigures log;
  core::Outage::Phase phase = core::Outage::Phase::kThere;
  std::uint64_t outages = 0;
};

// What both ends share. Thread-confined but for Check(). `clock` must outlive it.
class Spool {
 public:
  static absl::StatusOr<std::unique_ptr<Spool>> Open(const SpoolOptions& options,
                                                     const base::Clock& clock);

  SpoolLog& log() { return *log_; }

  const SpoolLog& log() const { return *log_; }

  bool is_direct() const { return outage_.phase() == core::Outage::Phase::kThere; }

  bool is_away() const { return outage_.phase() == core::Outage::Phase::kAway; }

  std::int32_t partitions() const { return options_.partitions; }

  // Kafka has acknowledged something.
  void OnSign() { outage_.OnSign(clock_.Now()); }

  // How much each end has given to Kafka without acknowledgement.
  struct Waiting {
    std::size_t events = 0;
    std::size_t states = 0;
  };

  Waiting waiting;

  // Lets time pass, and writes what is due. Both ends call it.
  void OnTurn();

  // What has ended since; the caller takes its own part.
  SpoolLog::Ended& ended() { return ended_; }

  std::uint64_t outages() const { return outage_.outages(); }

  // Groups of states written so far.
  std::uint64_t states_written() const { return states_written_; }

  // Nothing is left to deliver, or Kafka is not there to take it.
  bool IsDrained() const;

  SpoolFigures figures();

  // For readiness: OK, or why nothing can be written. Thread-safe.
  absl::Status Check() const;

 private:
  Spool(const SpoolOptions& options, const base::Clock& clock, std::unique_ptr<SpoolLog> log)
      : options_(options), clock_(clock), log_(std::move(log)), outage_(options.outage) {}

  const SpoolOptions options_;
  const base::Clock& clock_;
  const std::unique_ptr<SpoolLog> log_;
  core::Outage outage_;
  SpoolLog::Ended ended_;
  std::uint64_t states_written_ = 0;
  mutable std::mutex mutex_;
  absl::Status trouble_;  // Guarded by mutex_.
};

// Thread-confined. `spool` must outlive it.
class SpooledEvents final : public core::EventPublisher {
 public:
  SpooledEvents(Spool& spool, std::unique_ptr<core::EventPublisher> kafka)
      : spool_(spool), kafka_(std::move(kafka)) {}

  absl::Status Publish(const event::v1::Event& event, std::uint64_t token) override;
  absl::Status Poll(std::vector<core::Published>& published) override;
  void Purge() override;

 private:
  std::int32_t PartitionOf(const event::v1::Event& event) const;
  bool MayGoDirectly(const event::v1::Event& event) const;
  void TakeReports(std::vector<core::Published>& published);
  void TakeBack();
  void Drain();
  bool Give(SpoolRow& row);

  Spool& spool_;
  std::unique_ptr<core::EventPublisher> kafka_;
  // What Kafka was given out of the spool and has not acknowledged, without bytes.
  absl::flat_hash_map<std::uint64_t, SpoolRow> given_;
  std::uint64_t given_bytes_ = 0;
  std::uint64_t last_given_ = 0;
  // What it was given past the spool.
  std::size_t direct_ = 0;
  std::uint64_t outages_seen_ = 0;
  std::vector<core::Published> reports_;
};

// Thread-confined. `spool` must outlive it.
class SpooledState final : public core::StateStore {
 public:
  SpooledState(Spool& spool, std::unique_ptr<core::StateStore> kafka)
      : spool_(spool), kafka_(std::move(kafka)) {}

  // A partition with states in the spool is read once those are settled: what is there says less
  // than they do.
  void Open(std::int32_t partition) override;
  void Close(std::int32_t partition) override;
  absl::Status Put(std::int32_t partition,
                   std::string_view key,
                   std::optional<std::string_view> value,
                   std::uint64_t token) override;
  absl::Status Poll(std::vector<Step>& steps) override;
  void Purge() override;

  bool IsSettled(std::int32_t partition) const override {
    return !spool_.log().HoldsStates(partition);
  }

 private:
  // A state that was written, and is to be read back.
  struct Written {
    std::uint64_t version = 0;
    std::size_t digest = 0;
  };

  struct Settling {
    core::Settlement settlement;
    absl::flat_hash_map<std::string, Written> written;
    // The groups that had been written when all there was had been given to Kafka.
    std::optional<std::uint64_t> complete_at;
    // Should it be overtaken.
    core::Overtaking overtaking;
    // The highest claim up to where it is read.
    std::uint64_t claimed = 0;
  };

  struct GivenState {
    std::int32_t partition = 0;
    std::string key;
    std::uint64_t version = 0;
  };

  void Take(Step step, std::vector<Step>& steps);
  void TakePut(core::StatePut put, std::vector<Step>& steps);
  void TakeRead(core::StateRead read, std::vector<Step>& steps);
  void TakeClaim(const core::StateRead& read);
  void TakeState(const core::StateRead& read, Settling& settling);
  void OnOutage();
  void TakeBack();
  void BeginSettling();
  void Settle();
  bool Write(std::int32_t partition, Settling& settling);
  void EndSettling();

  Spool& spool_;
  std::unique_ptr<core::StateStore> kafka_;
  std::map<std::int32_t, Settling> settling_;
  // Partitions that the core reads; and those that it wants to, once they are settled.
  std::set<std::int32_t> open_;
  std::set<std::int32_t> deferred_;
  // The highest claim read, by partition.
  std::map<std::int32_t, std::uint64_t> claimed_;
  absl::flat_hash_map<std::uint64_t, GivenState> given_;
  std::uint64_t last_given_ = 0;
  // Tokens of what Kafka was given past the spool.
  absl::flat_hash_set<std::uint64_t> direct_;
  absl::flat_hash_set<std::uint64_t> claims_;
  std::uint64_t outages_seen_ = 0;
  std::vector<Step> kafka_steps_;
};

}  // namespace platen::collector::edge
