// One life each of a collector, a relay and a notifier: the real cores in their real loops, each
// with a way of its own to Kafka.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "libs/event/lanes.h"
#include "libs/event/sequence.h"
#include "services/collector/core/poll_core.h"
#include "services/collector/edge/kafka_targets.h"
#include "services/collector/edge/poll_loop.h"
#include "services/collector/edge/spool.h"
#include "services/notifier/decide_pipeline.h"
#include "services/relay/lane_pipeline.h"
#include "tests/simulation/counting_observer.h"
#include "tests/simulation/pipeline/kafka_link.h"
#include "tests/simulation/pipeline/printers.h"
#include "tests/simulation/pipeline/promises.h"
#include "tests/simulation/pipeline/sim_disk.h"
#include "tests/simulation/pipeline/wire_uplink.h"

namespace platen::simulation {

inline constexpr std::int32_t kPartitions = 2;
inline constexpr std::uint64_t kSpoolBytesMax = 12 << 10;
inline constexpr const char* kRelayGroups[] = {"sim-relay-alerts", "sim-relay-telemetry"};
inline constexpr const char* kDecideGroup = "platen-notifier-decide";

// What every process of the world is made with; outlives them.
struct Surroundings {
  base::SimClock& clock;
  base::Random& random;
  broker::Broker& broker;
  std::vector<SimPrinter>& printers;
  const ReadingFaults& readings;
  GatewayHost& gateway;
  notifier::NotifierMetrics& metrics;
  Promises& promises;
};

// Hears which numbers the core of a collector takes for durable. Thread-confined; what it is made
// with must outlive it.
class WatchedEvents final : public collector::core::EventPublisher {
 public:
  WatchedEvents(std::unique_ptr<collector::core::EventPublisher> events,
                std::string instance,
                Promises& promises)
      : events_(std::move(events)), instance_(std::move(instance)), promises_(promises) {}

  absl::Status Publish(const event::v1::Event& event, std::uint64_t token) override;
  absl::Status Poll(std::vector<collector::core::Published>& published) override;

  void Purge() override { events_->Purge(); }

 private:
  const std::unique_ptr<collector::core::EventPublisher> events_;
  const std::string instance_;
  Promises& promises_;
  std::map<std::uint64_t, Promises::Durable> on_their_way_;
};

class CollectorProcess {
 public:
  CollectorProcess(const Surroundings& around,
                   const std::string& name,
                   std::uint64_t epoch,
                   SimDisk& disk);

  // Errors are Kafka's, and pass.
  void Turn();

  // Begins to stop as after SIGTERM; is_over() once it has left the group.
  void Stop();
  bool is_over();

  KafkaLink& link() { return link_; }

  const collector::core::Numbers& numbers() const { return core_.numbers(); }

  bool Owns(std::int32_t partition) const { return core_.Owns(partition); }

  std::uint64_t epoch() const { return sequencer_.epoch(); }

  collector::edge::Spool& spool() { return *spool_; }

 private:
  void SayHeartbeat(const collector::core::Now& now, collector::core::Effects& effects);

  const base::SimClock& clock_;
  SimDisk& disk_;
  KafkaLink link_;
  collector::core::ProfileSet profiles_;
  event::Sequencer sequencer_;
  NoDatagrams network_;
  PrinterReader reader_;
  collector::core::PollCore core_;
  std::unique_ptr<collector::edge::Spool> spool_;
  std::unique_ptr<collector::core::StateStore> state_;
  std::unique_ptr<collector::edge::KafkaTargets> targets_;
  std::unique_ptr<collector::core::EventPublisher> events_;
  std::unique_ptr<collector::edge::PollLoop> loop_;
  std::optional<base::MonotonicTime> last_beat_;
  std::uint64_t beats_ = 0;
};

class RelayProcess {
 public:
  RelayProcess(const Surroundings& around, const std::string& name, std::uint64_t epoch);

  void Turn(base::Random& random);

  void ResetStream(std::size_t lane) { uplinks_[lane]->Reset(); }

  KafkaLink& link() { return link_; }

  WireCut& wire_cut() { return cut_; }

  const std::vector<std::unique_ptr<relay::LanePipeline>>& lanes() const { return lanes_; }

 private:
  KafkaLink link_;
  WireCut cut_;
  CountingObserver observer_;
  relay::edge::Voice voice_;
  std::vector<WireUplink*> uplinks_;
  std::vector<std::unique_ptr<relay::LanePipeline>> lanes_;
};

class NotifierProcess {
 public:
  NotifierProcess(const Surroundings& around, const std::string& name, std::uint64_t epoch);

  void Turn() { decide_->Step(std::chrono::milliseconds(0)).IgnoreError(); }

  KafkaLink& link() { return link_; }

 private:
  KafkaLink link_;
  std::unique_ptr<notifier::DecidePipeline> decide_;
};

}  // namespace platen::simulation
