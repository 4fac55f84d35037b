// One lane and route of the relay, from Kafka to its gateway and back. Reads as the pipeline runs:
//
//   subscriber ──records──▶ RelayCore ──batches──▶ uplink
//       ▲                   ▲   │  │                 │ answers, directives
//       └─────commits───────┼───┘  └─dead letters─▶ outbox ──▶ Kafka (gaps of what is read, too)
//                           └────────────────────────┘
#pragma once

#include <atomic>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <thread>
#include <vector>

#include "libs/base/random.h"
#include "libs/base/time.h"
#include "libs/broker/broker.h"
#include "libs/flow/backoff.h"
#include "services/relay/core/relay_core.h"
#include "services/relay/edge/record_outbox.h"
#include "services/relay/edge/uplink.h"
#include "services/relay/edge/voice.h"
#include "services/relay/logs_share.h"
#include "services/relay/route_breaker.h"

namespace platen::relay {

// What a pipeline tells of itself; made by the wiring from metrics and logs. Called on the
// pipeline's thread.
class PipelineObserver {
 public:
  virtual ~PipelineObserver() = default;

  struct State {
    std::size_t in_flight = 0;
    std::size_t buffered_bytes = 0;
    std::int64_t lag = 0;
    std::size_t window = 0;
    bool stream_up = false;
  };

  virtual void OnState(const core::RelayTotals& totals, const State& state) = 0;
  virtual void OnBatchSent(std::size_t events, std::size_t bytes) = 0;
  virtual void OnStreamUp(const std::string& server) = 0;
  // `lasted`: it was up for longer than the longest backoff.
  virtual void OnStreamDown(const edge::GatewayTrouble& trouble, bool lasted) = 0;
  virtual void OnCommit(const absl::Status& outcome) = 0;
  virtual void OnDirective(std::uint64_t number, const absl::Status& outcome) = 0;
  // Retention has eaten records before they were read.
  virtual void OnGap(const broker::OutOfRange& gap) = 0;
  // Kafka cannot be read, or a record not be written; told when it changes.
  virtual void OnTrouble(const absl::Status& trouble) = 0;
};

struct LanePipelineOptions {
  std::string topic;
  std::string group;
  std::string route;
  std::string topic_prefix;
  core::RelayOptions core;
  std::size_t prefetch_bytes = 4u << 20;
  flow::BackoffOptions backoff = {.first = std::chrono::milliseconds(200),
                                  .max = std::chrono::seconds(10)};
  // Shared with the other lanes of the route; may be null: then this lane's own backoff is all.
  std::shared_ptr<RouteBreaker> breaker = {};
  // What this lane sends is told to it; may be null.
  std::shared_ptr<LogsShare> share = {};
  // Whether this lane waits for it (then core.paced is set, too).
  bool waits_for_share = false;
  // A gateway that says no Welcome for this long is left.
  base::Duration welcome_timeout = std::chrono::seconds(15);
  // While none of its directives comes into Kafka for this long, their stream is ended.
  base::Duration directive_timeout = std::chrono::seconds(15);
  // How often this lane says a sign of life of the relay's; 0: never.
  base::Duration heartbeat_interval{0};
  std::uint64_t seed = 0;
};

// Start(), Stop() and status() from any thread; between them a thread of its own calls Step(). A
// simulation calls Step() itself instead. `broker`, `voice`, `clock` and `observer` must outlive
// it.
class LanePipeline {
 public:
  LanePipeline(LanePipelineOptions options,
               core::RouteFilter filter,
               broker::Broker& broker,
               std::unique_ptr<edge::Uplink> uplink,
               edge::Voice& voice,
               const base::Clock& clock,
               PipelineObserver& observer);
  ~LanePipeline();

  // Joins the group. Errors are those of Broker::NewSubscriber().
  absl::Status Start();
  // Begins the drain: nothing more is taken, what is on the way is waited for, offsets are
  // committed, the group is left. Returns at once, so that several drain at a time.
  void BeginStop(base::MonotonicTime deadline);
  // Begins the drain, if that has not happened, and waits for its end.
  void Stop(base::MonotonicTime deadline);

  // Why it does not forward, or OK.
  absl::Status status() const;

  // One turn; waits at most `max_wait` where there is nothing to do. REQUIRES: Open() was called,
  // and no Start().
  absl::Status Open();
  void Step(std::chrono::milliseconds max_wait);

  const core::RelayCore& core() const { return core_; }

 private:
  void Run();
  void DrainUntil(base::MonotonicTime deadline);

  void HearUplink(std::chrono::milliseconds max_wait);
  void Hear(edge::StreamUp up);
  void Hear(edge::StreamDown down);
  void Hear(const core::BatchAnswer& answer);
  void Hear(const ingest::v1::Directive& directive);
  void HearOutbox();
  void BeatIfDue();
  void HearDirectives();
  void ConnectIfDue();

  void HearSubscriber(std::chrono::milliseconds max_wait);
  void Hear(const broker::RecordBatch& records);
  void Hear(const broker::Assigned& assigned);
  void Hear(const broker::Revoked& revoked);
  void Hear(const broker::Lost& lost);
  void Hear(const broker::CommitResult& result);
  void Hear(const broker::OutOfRange& gap);
  void Hear(const broker::EndReached& end);
  void ReadOnBehind(const broker::OutOfRange& gap);
  void ForgetGaps(const std::vector<broker::Partition>& partitions);

  void Apply(core::Effects effects);
  void TellState();
  std::chrono::milliseconds WaitFor(std::chrono::milliseconds max_wait) const;
  void SetTrouble(absl::Status& known, const absl::Status& trouble);

  const LanePipelineOptions options_;
  broker::Broker& broker_;
  edge::Voice& voice_;
  const base::Clock& clock_;
  PipelineObserver& observer_;
  base::Random random_;
  core::RelayCore core_;
  edge::RecordOutbox outbox_;  // Dead letters, gaps, heartbeats.
  // Directives of the stream that is up, and since when none of them has come into Kafka. They end
  // with their stream: the gateway says again what nobody has, and what somebody else has written
  // meanwhile must not be written behind it.
  std::unique_ptr<edge::RecordOutbox> directives_;
  base::MonotonicTime directives_since_;
  std::unique_ptr<edge::Uplink> uplink_;
  std::unique_ptr<broker::Subscriber> subscriber_;
  // Gaps whose event is on its way to Kafka, by its number; at most one a partition.
  std::map<std::uint64_t, broker::OutOfRange> gaps_;
  // When the next heartbeat is due; none while one is on its way.
  std::optional<base::MonotonicTime> beat_at_;

  std::optional<base::MonotonicTime> wake_at_;
  // The stream: not there until connect_at_, then opened, then up.
  std::optional<base::MonotonicTime> connect_at_;
  std::optional<base::MonotonicTime> opened_at_;
  bool stream_up_ = false;
  base::MonotonicTime up_since_;
  std::uint32_t failures_ = 0;
  base::MonotonicTime tell_at_;
  absl::Status read_trouble_;
  absl::Status write_trouble_;

  std::atomic<bool> stopping_{false};
  std::atomic<base::MonotonicTime> stop_deadline_{};
  std::thread thread_;
  mutable std::mutex status_mutex_;
  absl::Status status_;
};

}  // namespace platen::relay
