// The gateway's machine: its disk, which outlives crashes and may be full, slow or broken, and on
// it the real ledger, sequence audit, orders and admission, behind the real rules of one ingest
// stream (go-back-N). gRPC and the writing thread are left out: Turn() does what they would.
#pragma once

#include <cstdint>
#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <variant>
#include <vector>

#include "platen/ingest/v1/ingest.pb.h"

#include "libs/base/random.h"
#include "libs/base/sim_clock.h"
#include "services/gateway/core/interval_set.h"
#include "services/gateway/core/registry.h"
#include "services/gateway/core/source_stream.h"
#include "services/gateway/core/stream_order.h"
#include "services/gateway/edge/ledger.h"
#include "services/gateway/edge/target_table.h"
#include "services/gateway/edge/write_queue.h"
#include "tests/simulation/pipeline/trace.h"

namespace platen::simulation {

// One connection between a relay and the gateway: messages arrive in order, each not before its
// time. Either end may find it broken.
struct Wire {
  struct ToGateway {
    base::MonotonicTime arrival;
    std::variant<ingest::v1::Batch, ingest::v1::DirectiveAck> message;
  };

  struct ToRelay {
    base::MonotonicTime arrival;
    ingest::v1::ExchangeResponse message;
  };

  bool broken = false;
  bool wants_directives = false;
  std::deque<ToGateway> up;
  std::deque<ToRelay> down;
};

// An event as the disk has it.
struct StoredEvent {
  std::int64_t seq = 0;
  std::string id;
  std::string payload;
};

// All of one installation, without a name.
using gateway::core::SourceStream;
using SequencesSeen = std::map<SourceStream, gateway::core::IntervalSet>;

// Thread-confined. What it is made with must outlive it.
class GatewayHost {
 public:
  GatewayHost(base::Random& random, const base::SimClock& clock, const Trace& trace);
  ~GatewayHost();

  void Start();
  void Crash();

  bool is_up() const { return process_ != nullptr; }

  // Null where it is down.
  std::shared_ptr<Wire> Connect(bool wants_directives);

  // Hears what has arrived, writes what waits, answers.
  void Turn();

  // Faults of the disk.
  void SlowDisk(base::Duration time) { slow_until_ = clock_.Now() + time; }

  void FillDisk(base::Duration time);

  void FailNextCommit() { fail_next_commit_ = true; }

  void Heal();

  // An order, once it is durable.
  void Register(const base::DeviceId& device, const std::string& address);
  void Rename(const base::DeviceId& device, const std::string& name);

  // What the disk says.
  std::vector<StoredEvent> StoredAfter(std::int64_t seq);
  SequencesSeen Sequences();
  std::int64_t OpenAlerts();
  // Display names of the targets, by device.
  std::map<std::string, std::string> Names();

  // Numbers of batches that were answered as stored, whatever the disk says.
  const SequencesSeen& answered_sequences() const { return answered_; }

  // Something that no relay or store of ours may do; empty where nothing was.
  const std::string& misbehaviour() const { return misbehaviour_; }

  // What the run has met.
  struct Seen {
    std::uint64_t transactions = 0;
    std::uint64_t rollbacks = 0;
    std::uint64_t rewinds = 0;
    std::uint64_t duplicates = 0;
    std::uint64_t refusals = 0;
    std::uint64_t stored = 0;
  };

  const Seen& seen() const { return seen_; }

 private:
  struct Session;
  struct Process;
  class Observer;

  void Hear(const std::shared_ptr<Session>& session);
  void Hear(const std::shared_ptr<Session>& session, const ingest::v1::Batch& batch);
  void Submit(const std::shared_ptr<Session>& session,
              const ingest::v1::Batch& batch,
              gateway::core::StreamOrder::Ticket ticket);
  void Settle(Session& session,
              gateway::core::StreamOrder::Ticket ticket,
              const gateway::core::AdmittedBatch& batch,
              const absl::StatusOr<gateway::edge::BatchOutcome>& outcome);
  void Write();
  void SendDirectives(Session& session);
  void Say(Session& session, ingest::v1::ExchangeResponse response);
  // Runs an order's transaction at once, as the queue would; false where the disk refuses it.
  bool Order(std::function<absl::Status(gateway::edge::Database&)> apply);

  std::int64_t NowMs() const { return base::ToMillis(clock_.WallNow()); }

  base::Random& random_;
  const base::SimClock& clock_;
  const Trace& trace_;
  std::unique_ptr<gateway::edge::Database> disk_;
  gateway::edge::Statement find_directives_;
  gateway::edge::Statement find_stored_;
  gateway::edge::Statement count_open_;
  std::unique_ptr<Process> process_;
  base::MonotonicTime slow_until_;
  base::MonotonicTime full_until_;
  bool is_full_ = false;
  bool fail_next_commit_ = false;
  SequencesSeen answered_;
  std::string misbehaviour_;
  Seen seen_;
};

}  // namespace platen::simulation
