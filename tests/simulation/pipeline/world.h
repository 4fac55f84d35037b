// The whole pipeline from printers to the gateway's disk and the notifier's notifications, driven
// by one thread from one seed: two of each process (one gateway), their clock, Kafka, networks and
// disk, and everything that goes wrong with them.
#pragma once

#include <array>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "libs/base/random.h"
#include "libs/base/sim_clock.h"
#include "libs/broker/memory/memory_broker.h"
#include "libs/service/metrics.h"
#include "services/notifier/notifier_metrics.h"
#include "tests/simulation/pipeline/oracle.h"
#include "tests/simulation/pipeline/processes.h"
#include "tests/simulation/pipeline/trace.h"

namespace platen::simulation {

// Printers that the gateway knows.
inline constexpr int kRegisteredPrinters = 4;

struct WorldOptions {
  std::uint64_t seed = 1;
  Tracing tracing = Tracing::kOff;
};

// What a run has met: a quiet run is not to be taken for a good one.
struct WorldSeen {
  std::uint64_t steps = 0;
  std::uint64_t crashes = 0;
  std::uint64_t cuts = 0;
  std::uint64_t clock_steps = 0;
  std::uint64_t disk_faults = 0;
  std::uint64_t rollbacks = 0;
  std::uint64_t rewinds = 0;
  std::uint64_t duplicates = 0;
  std::uint64_t handed_back = 0;
  std::uint64_t dead_letters = 0;
  std::uint64_t dropped = 0;
  std::uint64_t events = 0;
  std::uint64_t jams = 0;
  std::uint64_t notifications = 0;
  std::uint64_t outages = 0;
  std::uint64_t spooled = 0;
  std::uint64_t shed = 0;
  std::uint64_t passed = 0;        // Jams that came and went while Kafka was away.
  std::uint64_t told_by_term = 0;  // Of these: by a collector that was overtaken.
  std::uint64_t given_up = 0;
  std::uint64_t spool_failures = 0;

  void Add(const WorldSeen& other);
};

class World {
 public:
  explicit World(const WorldOptions& options, notifier::NotifierMetrics& metrics);
  ~World();

  // Runs the seed to its end: at most 2,000 steps. Returns the first promise that did not hold;
  // empty where all did.
  std::string Run();

  const WorldSeen& seen() const { return seen_; }

  std::size_t digest() const { return trace_.digest(); }

 private:
  // A place where a process runs, or is down until its time.
  template <class Process>
  struct Place {
    std::string name;
    std::unique_ptr<Process> process;
    base::MonotonicTime starts;
    std::unique_ptr<SimDisk> disk;  // A collector's.
  };

  // A jam that comes and goes while Kafka is away from all collectors, and one of them looks on.
  struct Passing {
    std::size_t printer = 0;
    std::size_t witness = 0;
    base::MonotonicTime until;  // It has to be seen by then.
  };

  void MakeTopics();
  void Step(base::Duration longest);
  void StartDue();
  template <class Process>
  void StartDue(std::vector<Place<Process>>& places);
  void Turns(double chance);
  template <class Process>
  void Crash(std::vector<Place<Process>>& places);
  void EndLife(Place<CollectorProcess>& place);
  void CrashGateway();
  void CrashOne();
  void CutOne();
  template <class Process>
  void CutKafka(std::vector<Place<Process>>& places);
  void HurtDisk();
  void HurtSpool();
  void TakeKafkaAway();
  void StepClock();
  void HurtKafka();
  void EatRange();
  void PutGarbage();
  void Rename();
  void Mischief();
  void ActPrinters();
  void LetPass(std::size_t printer);
  void WatchPassing();
  bool IsClockInUse() const;
  void Look();
  void EndFaults();
  bool Settle();
  bool PassUntil(int steps_max, const std::function<bool()>& done);
  void CountRelay(const RelayProcess& relay);

  bool failed() const { return !oracle_.violation().empty(); }

  const WorldOptions options_;
  base::Random random_;
  base::SimClock clock_;
  Trace trace_;
  broker::memory::MemoryBroker broker_;
  GatewayHost gateway_;
  base::MonotonicTime gateway_starts_;
  std::vector<SimPrinter> printers_;
  ReadingFaults readings_;
  Promises promises_;
  Oracle oracle_;
  Surroundings around_;
  std::vector<Place<CollectorProcess>> collectors_;
  std::vector<Place<RelayProcess>> relays_;
  std::vector<Place<NotifierProcess>> notifiers_;
  std::unique_ptr<broker::Publisher> stranger_;
  base::MonotonicTime kafka_hurt_until_;
  double calm_ = 1;  // How much less goes wrong in this run than in the wildest.
  std::uint64_t lives_ = 0;
  std::uint64_t names_ = 0;
  bool faults_ = true;
  std::optional<Passing> passing_;
  WorldSeen seen_;
};

}  // namespace platen::simulation
