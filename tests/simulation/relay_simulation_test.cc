// Several relays of one lane over a simulated Kafka and a simulated gateway, through crashes,
// rebalances, lost sessions, failed commits, broken streams and refusals, each drawn from one seed.
// After every step the promises are checked; a failing seed is printed and replays exactly:
//   PLATEN_SIMULATION_SEED=… relay_simulation_test
#include <cstdlib>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "platen/event/v1/pipeline.pb.h"

#include "libs/base/sim_clock.h"
#include "libs/base/status.h"
#include "libs/broker/memory/memory_broker.h"
#include "services/relay/lane_pipeline.h"
#include "tests/simulation/counting_observer.h"
#include "tests/simulation/sim_gateway.h"

namespace platen::simulation {
namespace {

using broker::Partition;
using relay::LanePipeline;
using std::chrono::milliseconds;

constexpr const char* kTopic = "sim.telemetry.v1";
constexpr const char* kGroup = "sim-relay";
constexpr std::int32_t kPartitions = 3;
constexpr int kSteps = 400;
constexpr int kStepsToHeal = 20'000;

// How often each fault was seen: a simulation that meets none proves nothing.
struct Seen {
  std::uint64_t rewinds = 0;
  std::uint64_t stream_losses = 0;
  std::uint64_t handed_back = 0;
  std::uint64_t dead_letters = 0;
  std::uint64_t duplicates = 0;
  std::uint64_t failed_commits = 0;
  std::uint64_t crashes = 0;
  std::uint64_t skipped = 0;
  std::uint64_t breaker_opened = 0;
};

class Simulation {
 public:
  explicit Simulation(std::uint64_t seed)
      : random_(seed), broker_(clock_, seed + 1), gateway_(seed + 2) {
    const std::vector<broker::TopicSpec> topics = {
        {.name = kTopic, .partitions = kPartitions},
        {.name = "sim.deadletter.v1", .partitions = kPartitions}};
    EXPECT_TRUE(broker_.EnsureTopics(topics, milliseconds(0)).ok());
    publisher_ = *broker_.NewPublisher({});
    relays_.resize(2);
  }

  void Run(Seen& seen) {
    SetFaults(true);
    for (int step = 0; step < kSteps && !::testing::Test::HasFailure(); ++step) {
      PublishSome();
      CrashOrStartSome(seen);
      Turn();
      Check();
    }
    SetFaults(false);
    for (int step = 0; step < kStepsToHeal && !Done() && !::testing::Test::HasFailure(); ++step) {
      CrashOrStartSome(seen);
      Turn();
      Check();
    }
    EXPECT_TRUE(Done()) << "it does not come to rest after the faults have ended";
    CheckOrder();
    for (auto& relay : relays_) Count(relay.get(), seen);
    seen.dead_letters += DeadLetters().size();
    seen.duplicates += gateway_.duplicates;
    seen.breaker_opened += breaker_->opened();
    seen.failed_commits += static_cast<std::uint64_t>(observer_.failed_commits);
  }

 private:
  void SetFaults(bool on) {
    faulty_ = on;
    broker_.set_faults(on ? broker::memory::Faults{.delayed_delivery = 0.2,
                                                   .repeated_append = 0.02,
                                                   .full_queue = 0.05,
                                                   .unavailable = 0.05,
                                                   .failed_commit = 0.2,
                                                   .lost_session = 0.01}
                          : broker::memory::Faults{});
    gateway_.faults = on ? GatewayFaults{.no_connection = 0.3,
                                         .lost_stream = 0.02,
                                         .idle = 0.3,
                                         .failed_batch = 0.1,
                                         .refused_event = 0.02,
                                         .shrunk_window = 0.05}
                         : GatewayFaults{};
  }

  void PublishSome() {
    for (std::uint64_t n = random_.Below(6); n > 0; --n) {
      const auto partition = static_cast<std::int32_t>(random_.Below(kPartitions));
      const std::string event = base::StrCat(partition, "/", next_event_[partition]);
      const bool foreign = random_.Chance(0.1);
      const std::vector<broker::HeaderView> headers = {{"route", foreign ? "east" : "default"}};
      const bool published = publisher_
                                 ->Publish({.topic = kTopic,
                                            .partition = partition,
                                            .key = "device",
                                            .value = event,
                                            .headers = headers})
                                 .ok();
      if (!published) continue;
      ++next_event_[partition];
      if (foreign) foreign_.insert(event);
    }
    publisher_->Poll(milliseconds(0));
  }

  void CrashOrStartSome(Seen& seen) {
    for (auto& relay : relays_) {
      if (relay == nullptr && (!faulty_ || random_.Chance(0.2))) relay = NewRelay();
      if (relay == nullptr || !faulty_ || !random_.Chance(0.01)) continue;
      Count(relay.get(), seen);
      relay.reset();
      ++seen.crashes;
    }
  }

  std::unique_ptr<LanePipeline> NewRelay() {
    relay::LanePipelineOptions options;
    options.topic = kTopic;
    options.topic_prefix = "sim";
    options.group = kGroup;
    options.route = "default";
    options.core.batch = {.bytes_max = 60, .items_max = 5, .age_max = milliseconds(5)};
    options.core.buffer_bytes_max = 200;
    options.core.pause_after = milliseconds(30);
    options.backoff = {.first = milliseconds(5), .max = milliseconds(50)};
    options.breaker = breaker_;
    options.seed = random_.Next();
    auto relay =
        std::make_unique<LanePipeline>(options,
                                       relay::core::RouteFilter("default", {{"default"}, {"east"}}),
                                       broker_,
                                       std::make_unique<SimUplink>(gateway_),
                                       voice_,
                                       clock_,
                                       observer_);
    EXPECT_TRUE(relay->Open().ok());
    return relay;
  }

  void Turn() {
    clock_.Advance(milliseconds(random_.Below(10)));
    for (auto& relay : relays_) {
      if (relay != nullptr) relay->Step(milliseconds(0));
    }
    publisher_->Poll(milliseconds(0));
  }

  std::set<std::string> DeadLetters() const {
    std::set<std::string> letters;
    for (std::int32_t p = 0; p < kPartitions; ++p) {
      for (const auto& record : broker_.RecordsOf({"sim.deadletter.v1", p})) {
        event::v1::DeadLetter letter;
        EXPECT_TRUE(letter.ParseFromString(*record.value));
        letters.insert(letter.payload());
      }
    }
    return letters;
  }

  void Check() const {
    for (const auto& relay : relays_) {
      if (relay == nullptr) continue;
      const relay::core::RelayTotals& t = relay->core().totals();
      EXPECT_EQ(
          t.received,
          t.delivered + t.dead_lettered + t.dropped + t.handed_back + relay->core().in_flight());
    }
    const std::set<std::string> letters = DeadLetters();
    for (std::int32_t p = 0; p < kPartitions; ++p) {
      const std::int64_t committed = broker_.Committed(kGroup, {kTopic, p}).value_or(0);
      for (const auto& record : broker_.RecordsOf({kTopic, p})) {
        if (record.offset >= committed) break;
        EXPECT_TRUE(gateway_.stored_set.contains(*record.value) ||
                    letters.contains(*record.value) || foreign_.contains(*record.value))
            << *record.value << " was committed and is nowhere";
      }
    }
  }

  // Everything published is at the gateway or among the dead letters, and committed.
  bool Done() const {
    if (publisher_->in_flight() > 0) return false;
    for (std::int32_t p = 0; p < kPartitions; ++p) {
      const auto records = broker_.RecordsOf({kTopic, p});
      const std::int64_t end = records.empty() ? 0 : records.back().offset + 1;
      if (broker_.Committed(kGroup, {kTopic, p}).value_or(0) < end) return false;
    }
    return true;
  }

  // Events were stored for the first time in the order of their partition.
  void CheckOrder() const {
    std::map<std::string, int> last;
    for (const std::string& event : gateway_.stored) {
      const std::size_t slash = event.find('/');
      const int number = std::stoi(event.substr(slash + 1));
      const auto [it, first] = last.try_emplace(event.substr(0, slash), number);
      EXPECT_TRUE(first || it->second < number) << event << " came after " << it->second;
      it->second = number;
    }
  }

  static void Count(const LanePipeline* relay, Seen& seen) {
    if (relay == nullptr) return;
    seen.rewinds += relay->core().totals().batches_rewound;
    seen.stream_losses += relay->core().totals().stream_losses;
    seen.handed_back += relay->core().totals().handed_back;
    seen.skipped += relay->core().totals().skipped;
  }

  base::SimClock clock_;
  base::Random random_;
  broker::memory::MemoryBroker broker_;
  SimGateway gateway_;
  CountingObserver observer_;
  relay::edge::Voice voice_{{.instance = "relay-0", .epoch = 1, .installation = "test"}};
  // As if all relays were lanes of one process.
  std::shared_ptr<relay::RouteBreaker> breaker_ =
      std::make_shared<relay::RouteBreaker>(relay::RouteBreakerOptions{
          .failures_to_open = 2, .backoff = {.first = milliseconds(20), .max = milliseconds(100)}});
  std::unique_ptr<broker::Publisher> publisher_;
  std::vector<std::unique_ptr<LanePipeline>> relays_;
  std::map<std::int32_t, int> next_event_;
  std::set<std::string> foreign_;
  bool faulty_ = true;
};

TEST(RelaySimulationTest, NoSeedLosesReordersOrOvercommits) {
  std::uint64_t first = 1;
  std::uint64_t last = 60;
  if (const char* seed = std::getenv("PLATEN_SIMULATION_SEED")) {
    first = last = std::strtoull(seed, nullptr, 10);
  }
  Seen seen;

  for (std::uint64_t seed = first; seed <= last && !HasFailure(); ++seed) {
    SCOPED_TRACE(base::StrCat("replay with PLATEN_SIMULATION_SEED=", seed));
    Simulation(seed).Run(seen);
  }

  if (first == last) return;
  EXPECT_GT(seen.rewinds, 0u);
  EXPECT_GT(seen.stream_losses, 0u);
  EXPECT_GT(seen.handed_back, 0u);
  EXPECT_GT(seen.dead_letters, 0u);
  EXPECT_GT(seen.duplicates, 0u);
  EXPECT_GT(seen.failed_commits, 0u);
  EXPECT_GT(seen.crashes, 0u);
  EXPECT_GT(seen.skipped, 0u);
  EXPECT_GT(seen.breaker_opened, 0u);
}

}  // namespace
}  // namespace platen::simulation
