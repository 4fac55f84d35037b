// Whole collectors over a simulated network and broker, from a seed: printers get jammed and are
// cleared, datagrams are lost, repeated, corrupted and forged, Kafka stalls and repeats, collectors
// crash and come back, and partitions move. With a spool Kafka may also be away for a while.
//
// Whatever happens, each jam that lasts long enough to be seen becomes exactly one alarm with
// exactly one end, and each interval's counters exactly one reading. A failing seed is printed;
// PLATEN_SIMULATION_SEED replays it.
#include <algorithm>
#include <cstdlib>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "libs/base/random.h"
#include "libs/base/sim_clock.h"
#include "libs/broker/memory/memory_broker.h"
#include "libs/event/lanes.h"
#include "libs/event/sequence.h"
#include "libs/snmp/agent.h"
#include "libs/snmp/memory/sim_network.h"
#include "services/collector/core/poll_core.h"
#include "services/collector/edge/kafka_events.h"
#include "services/collector/edge/kafka_state.h"
#include "services/collector/edge/kafka_targets.h"
#include "services/collector/edge/poll_loop.h"
#include "services/collector/edge/reader.h"
#include "services/collector/edge/spool.h"
#include "tests/simulation/jamming_printer.h"
#include "tests/support/child_process.h"

namespace platen::collector {
namespace {

using event::v1::Event;

constexpr int kDevices = 12;
constexpr std::int32_t kPartitions = 4;
constexpr base::Duration kInterval = std::chrono::seconds(5);
constexpr base::Duration kTurn = std::chrono::milliseconds(50);

// An agent before the printer.
class Printer final : public snmp::Mib, public simulation::JammingPrinter {
 public:
  Printer(int number, const base::SimClock& clock) : JammingPrinter(number, true, clock) {}

  std::optional<snmp::ValueView> Get(snmp::OidView name) override {
    const std::vector<snmp::Varbind>& table = Table();
    const auto found = std::lower_bound(table.begin(), table.end(), name, Before);
    if (found == table.end() || found->name.view() != name) return std::nullopt;
    return found->value.view();
  }

  std::optional<snmp::VarbindView> Next(snmp::OidView name) override {
    const std::vector<snmp::Varbind>& table = Table();
    const auto found = std::find_if(table.begin(), table.end(), [&](const snmp::Varbind& each) {
      return name < each.name.view();
    });
    if (found == table.end()) return std::nullopt;
    return found->view();
  }

 private:
  static bool Before(const snmp::Varbind& varbind, snmp::OidView name) {
    return varbind.name.view() < name;
  }
};

// One life of one collector.
class Process {
 public:
  Process(base::SimClock& clock,
          broker::Broker& broker,
          snmp::memory::SimNetwork& network,
          const std::string& name,
          std::uint64_t epoch,
          const std::string& spool_file)
      : sequencer_(name, epoch),
        network_(network.Open({.address = *snmp::Endpoint::Parse("192.0.2.200:0"), .ports = 2})),
        reader_(Options(), *network_, {epoch, 7}),
        core_(Fleet(!spool_file.empty()), profiles_, sequencer_) {
    const event::Topics topics("platen");
    broker::SubscriberOptions states;
    states.use_committed = false;
    for (std::int32_t i = 0; i < kPartitions; ++i) {
      states.partitions.push_back({{topics.device_state(), i}, broker::kEnd});
    }
    state_ = std::make_unique<edge::KafkaState>(*broker.NewSubscriber(states),
                                                *broker.NewPublisher({}),
                                                topics.device_state(),
                                                kPartitions);
    broker::SubscriberOptions group;
    group.topics = {topics.targets()};
    group.group = "platen-collector";
    group.use_committed = false;
    targets_ = std::make_unique<edge::KafkaTargets>(*broker.NewSubscriber(group), topics.targets());
    events_ = *edge::KafkaEvents::Create(*broker.NewPublisher({}), topics);
    if (!spool_file.empty()) PutSpoolBefore(clock, name, spool_file);
    loop_ = std::make_unique<edge::PollLoop>(
        edge::PollLoopParts{clock, core_, *targets_, *state_, *events_, reader_, *network_},
        [this](const core::Now& now, const edge::PollLoopFigures&, core::Effects& effects) {
          if (spool_ == nullptr || spool_->is_away()) return;
          for (Event& gap : spool_->log().TakeGaps(now.wall)) core_.Say(std::move(gap), effects);
        });
  }

  // Events that went by the spool.
  std::uint64_t spooled() const { return spool_ == nullptr ? 0 : spool_->figures().log.written; }

  // Errors are the broker's faults: the next turn may go well.
  void Turn() { loop_->Turn(base::Duration(0)).IgnoreError(); }

 private:
  void PutSpoolBefore(base::SimClock& clock, const std::string& name, const std::string& file) {
    edge::SpoolOptions options;
    options.log.file = file;
    options.log.instance = name;
    options.outage = {.away_after = std::chrono::seconds(2), .back_after = std::chrono::seconds(2)};
    options.partitions = kPartitions;
    spool_ = *edge::Spool::Open(options, clock);
    events_ = std::make_unique<edge::SpooledEvents>(*spool_, std::move(events_));
    state_ = std::make_unique<edge::SpooledState>(*spool_, std::move(state_));
  }

  static edge::ReaderOptions Options() {
    edge::ReaderOptions options;
    options.timeout = std::chrono::milliseconds(500);
    options.communities["default"] = "public";
    return options;
  }

  static core::FleetPollerOptions Fleet(bool spools) {
    core::FleetPollerOptions options;
    options.outlives_session = spools;
    options.cadence.status = kInterval;
    options.cadence.asleep = kInterval;
    options.cadence.meters = std::chrono::minutes(1);
    return options;
  }

  core::ProfileSet profiles_;
  event::Sequencer sequencer_;
  std::unique_ptr<snmp::Datagrams> network_;
  edge::Reader reader_;
  core::PollCore core_;
  std::unique_ptr<core::TargetSource> targets_;
  std::unique_ptr<edge::Spool> spool_;
  std::unique_ptr<core::StateStore> state_;
  std::unique_ptr<core::EventPublisher> events_;
  std::unique_ptr<edge::PollLoop> loop_;
};

class Simulation {
 public:
  Simulation(std::uint64_t seed, bool spools)
      : spools_(spools), random_(seed), broker_(clock_, seed), network_(clock_, seed + 1) {
    const event::Topics topics("platen");
    std::vector<broker::TopicSpec> specs;
    for (const std::string& name : {topics.targets(),
                                    topics.device_state(),
                                    topics.Lane(event::v1::LANE_ALERTS),
                                    topics.Lane(event::v1::LANE_TELEMETRY),
                                    topics.Lane(event::v1::LANE_LOGS)}) {
      specs.push_back({.name = name, .partitions = kPartitions});
    }
    EXPECT_TRUE(broker_.EnsureTopics(specs, std::chrono::seconds(1)).ok());
    for (int i = 0; i < kDevices; ++i) AddDevice(i, topics.targets());
    processes_.resize(2);
  }

  void Run() {
    Pass(std::chrono::seconds(20));
    SetFaults(true);
    for (int round = 0; round < 20; ++round) {
      Mischief();
      Pass(std::chrono::seconds(2 + static_cast<int>(random_.Below(10))));
    }
    away_ = false;
    SetFaults(false);
    Pass(std::chrono::minutes(1));  // A jam of the last moment is to be seen as well.
    for (auto& printer : printers_) {
      if (printer->jammed()) printer->Clear();
    }
    Pass(std::chrono::minutes(2));
  }

  // Events that went by a spool.
  std::uint64_t spooled() const {
    std::uint64_t sum = spooled_;
    for (const auto& process : processes_) sum += process == nullptr ? 0 : process->spooled();
    return sum;
  }

  void Check() const {
    std::map<std::string, std::set<std::string>> raised;
    std::map<std::string, std::set<std::string>> ended;
    for (const Event& event : EventsOf(event::v1::LANE_ALERTS)) {
      if (event.alert().category() != event::v1::ALERT_CATEGORY_JAM) continue;
      if (event.alert().transition() == event::v1::ALERT_TRANSITION_RAISED) {
        raised[event.device_id()].insert(event.id());
      } else if (event.alert().transition() == event::v1::ALERT_TRANSITION_ENDED) {
        ended[event.device_id()].insert(event.id());
      }
    }
    for (std::size_t i = 0; i < printers_.size(); ++i) {
      const std::string id(ids_[i].bytes());
      const auto jams = static_cast<std::size_t>(printers_[i]->jams());
      EXPECT_EQ(raised[id].size(), jams) << "printer " << i;
      EXPECT_EQ(ended[id].size(), jams) << "printer " << i;
    }
    CheckReadings();
  }

 private:
  void AddDevice(int number, const std::string& topic) {
    std::string bytes(16, '\0');
    bytes[0] = static_cast<char>(number * 37 + 11);
    bytes[15] = static_cast<char>(number);
    ids_.push_back(*base::DeviceId::FromBytes(bytes));
    printers_.push_back(std::make_unique<Printer>(number, clock_));
    changed_.push_back(clock_.Now());
    const snmp::Endpoint at =
        snmp::Endpoint::V4(0x0A000001u + static_cast<std::uint32_t>(number), 161);
    network_.Serve(
        at, [this, number](const snmp::InDatagram& request) { return Answer(number, request); });
    event::v1::Target target;
    target.set_device_id(bytes);
    target.set_tenant("acme");
    target.set_site("hq");
    target.set_address(at.AddressToString());
    const std::string value = target.SerializeAsString();
    auto publisher = *broker_.NewPublisher({});
    broker::OutgoingRecord record;
    record.topic = topic;
    record.partition = broker::PartitionFor(bytes, kPartitions);
    record.key = bytes;
    record.value = value;
    EXPECT_TRUE(publisher->Publish(record).ok());
    while (publisher->in_flight() > 0) publisher->Poll(std::chrono::milliseconds(0));
  }

  std::vector<snmp::memory::SimNetwork::Bytes> Answer(int number, const snmp::InDatagram& in) {
    snmp::MessageView request;
    if (decoder_.Decode(in.bytes, request) != snmp::DecodeFault::kNone) return {};
    std::vector<std::uint8_t> buffer(2048);
    const auto bytes =
        snmp::Answer(request, *printers_[static_cast<std::size_t>(number)], {}, buffer);
    return {{bytes.begin(), bytes.end()}};
  }

  void Pass(base::Duration time) {
    for (const base::MonotonicTime end = clock_.Now() + time; clock_.Now() < end;) {
      clock_.Advance(kTurn);
      for (std::size_t i = 0; i < processes_.size(); ++i) {
        if (processes_[i] == nullptr) {
          processes_[i] = std::make_unique<Process>(
              clock_, broker_, network_, Name(i), ++epoch_, spools_ ? Name(i, ".spool") : "");
        }
        processes_[i]->Turn();
      }
    }
  }

  std::string Name(std::size_t process, const std::string& suffix = "") const {
    const std::string name = "collector-" + std::to_string(process);
    return suffix.empty() ? name : directory_.File(name + suffix);
  }

  void SetFaults(bool on) {
    broker::memory::Faults faults;
    snmp::memory::SimFaults network;
    if (on) {
      faults.delayed_delivery = 0.3;
      faults.repeated_append = 0.01;
      faults.full_queue = 0.05;
      faults.unavailable = 0.02;
      faults.stalled_fetch = 0.05;
      network.loss = 0.05;
      network.duplicate = 0.05;
      network.spoof = 0.05;
      network.delay_max = std::chrono::milliseconds(120);
    }
    if (away_) faults.delayed_delivery = faults.unavailable = 1;
    broker_.set_faults(faults);
    network_.set_faults(network);
  }

  void Mischief() {
    for (std::size_t i = 0; i < printers_.size(); ++i) {
      Printer& printer = *printers_[i];
      // A jam lasts long enough to be seen through all the faults, also across a crash; and so does
      // its absence, for two jams within one reading are one to whoever reads.
      const base::Duration since = clock_.Now() - changed_[i];
      if (!printer.jammed() && since > 4 * kInterval && random_.Chance(0.3)) {
        printer.Jam();
        changed_[i] = clock_.Now();
      } else if (printer.jammed() && since > 12 * kInterval) {
        printer.Clear();
        changed_[i] = clock_.Now();
      }
    }
    const bool kill = random_.Chance(0.3);
    if (kill) Kill(random_.Below(processes_.size()));
    if (spools_) {
      away_ = random_.Chance(away_ ? 0.5 : 0.3);
      SetFaults(true);
    }
    // The group hears of a death when the session ends, here everybody's at the same time.
    if (kill || random_.Chance(0.2)) broker_.ExpireSessions("platen-collector");
  }

  void Kill(std::size_t number) {
    if (processes_[number] != nullptr) spooled_ += processes_[number]->spooled();
    processes_[number].reset();
  }

  std::vector<Event> EventsOf(event::v1::Lane lane) const {
    std::vector<Event> events;
    for (std::int32_t i = 0; i < kPartitions; ++i) {
      for (const auto& record : broker_.RecordsOf({event::Topics("platen").Lane(lane), i})) {
        EXPECT_TRUE(events.emplace_back().ParseFromString(record.value.value()));
      }
    }
    return events;
  }

  // The same interval is the same event, whoever read it; and none was left out.
  void CheckReadings() const {
    std::map<std::string, std::map<std::uint64_t, std::set<std::string>>> by_interval;
    for (const Event& event : EventsOf(event::v1::LANE_TELEMETRY)) {
      if (!event.has_meter_reading()) continue;
      by_interval[event.device_id()][event.occurrence().scheduled().number()].insert(event.id());
    }
    for (const base::DeviceId& id : ids_) {
      const auto& intervals = by_interval[std::string(id.bytes())];
      ASSERT_FALSE(intervals.empty());
      for (const auto& [number, events] : intervals) EXPECT_EQ(events.size(), 1u);
    }
  }

  const bool spools_;
  testing_support::TemporaryDirectory directory_;
  base::Random random_;
  base::SimClock clock_;
  broker::memory::MemoryBroker broker_;
  snmp::memory::SimNetwork network_;
  snmp::MessageDecoder decoder_;
  std::vector<std::unique_ptr<Printer>> printers_;
  std::vector<base::MonotonicTime> changed_;  // When it was last jammed or cleared.
  std::vector<base::DeviceId> ids_;
  std::vector<std::unique_ptr<Process>> processes_;
  std::uint64_t epoch_ = 0;
  bool away_ = false;
  std::uint64_t spooled_ = 0;  // By processes that are gone.
};

// Runs the seeds; returns how many events went by a spool.
std::uint64_t RunSeeds(bool spools) {
  std::uint64_t first = 1;
  std::uint64_t last = 8;
  if (const char* seed = std::getenv("PLATEN_SIMULATION_SEED"))
    first = last = std::strtoull(seed, nullptr, 10);
  std::uint64_t spooled = 0;
  for (std::uint64_t seed = first; seed <= last; ++seed) {
    SCOPED_TRACE("PLATEN_SIMULATION_SEED=" + std::to_string(seed));
    Simulation simulation(seed, spools);
    simulation.Run();
    simulation.Check();
    spooled += simulation.spooled();
    if (testing::Test::HasFailure()) break;
  }
  return spooled;
}

TEST(CollectorSimulationTest, EveryJamBecomesOneAlarmWithOneEnd) {
  RunSeeds(false);
}

TEST(CollectorSimulationTest, SoItDoesWhereKafkaIsAwayAndCollectorsSpool) {
  EXPECT_GT(RunSeeds(true), 0u) << "no outage was long enough";
}

}  // namespace
}  // namespace platen::collector
