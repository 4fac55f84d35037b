// Two notifiers that decide, collectors that say that they live, and a Kafka in memory: all
// collectors stop, or Kafka is away from everybody, and the notifiers tell the one from the other.
// Seeds draw how long each lasts, and which notifier is killed meanwhile.
#include <array>
#include <memory>
#include <set>
#include <string>

#include <gtest/gtest.h>

#include "libs/alerting/collector_watch.h"
#include "libs/base/random.h"
#include "libs/base/sim_clock.h"
#include "libs/base/status.h"
#include "libs/broker/memory/memory_broker.h"
#include "libs/event/key.h"
#include "libs/event/sequence.h"
#include "libs/rules/test_rules.h"
#include "libs/service/metrics.h"
#include "services/notifier/decide_pipeline.h"
#include "tests/simulation/pipeline/kafka_link.h"

namespace platen::simulation {
namespace {

using std::chrono::milliseconds;
using std::chrono::minutes;
using std::chrono::seconds;

constexpr std::int32_t kPartitions = 4;
// Three minutes, a heartbeat before and one behind them, and what a kill costs.
constexpr base::Duration kBound = minutes(5);

class CollectorsWorld {
 public:
  explicit CollectorsWorld(std::uint64_t seed)
      : random_(seed), broker_(clock_, seed), metrics_(registry_, {}), link_(broker_, clock_) {
    const std::array names = {topics_.Lane(event::v1::LANE_ALERTS),
                              topics_.notifier_state(),
                              topics_.notifications(),
                              topics_.deliveries(),
                              topics_.deadletter(),
                              topics_.rules(),
                              topics_.targets()};
    for (const std::string& name : names) {
      const broker::TopicSpec spec{.name = name, .partitions = kPartitions};
      EXPECT_TRUE(broker_.EnsureTopics({&spec, 1}, milliseconds(0)).ok());
    }
    // Who was away for long has lost its partitions, or has not.
    if (random_.Chance(0.5)) broker_.set_session_timeout(seconds(6));
    publisher_ = *link_.NewPublisher({});
    event::v1::Target target;
    target.set_tenant("acme");
    target.set_site("hq");
    Publish(topics_.targets(), std::string(16, 'a'), target.SerializeAsString());
    for (std::size_t i = 0; i < notifiers_.size(); ++i) Start(i);
  }

  // Time passes; collectors run or not.
  void Pass(base::Duration duration, bool collectors) {
    for (const base::MonotonicTime end = clock_.Now() + duration; clock_.Now() < end;) {
      clock_.Advance(milliseconds(500));
      if (collectors && clock_.Now() - last_beat_ >= seconds(30)) Beat();
      publisher_->Poll(milliseconds(0));
      for (auto& notifier : notifiers_) {
        notifier->decide->Step(milliseconds(0)).IgnoreError();
        notifier->decide->Step(milliseconds(0)).IgnoreError();
      }
    }
  }

  void TakeKafkaAway(base::Duration duration) {
    kafka_back_ = clock_.Now() + duration;
    // Collectors are the last to find their way back.
    link_.CutAll(duration + seconds(random_.Below(60)));
    for (auto& notifier : notifiers_) notifier->link.CutAll(duration);
  }

  void KillOne() { Start(random_.Below(notifiers_.size())); }

  // Different events that say that they are gone, or back.
  std::size_t Said(event::v1::AlertTransition transition) const {
    std::set<std::string> ids;
    for (std::int32_t number = 0; number < kPartitions; ++number) {
      for (const auto& record : broker_.RecordsOf({topics_.Lane(event::v1::LANE_ALERTS), number})) {
        event::v1::Event event;
        if (!record.value.has_value() || !event.ParseFromString(*record.value)) continue;
        if (alerting::AreCollectorsGone(event.alert().alert_id()) &&
            event.alert().transition() == transition) {
          ids.insert(event.id());
        }
      }
    }
    return ids.size();
  }

  std::size_t gone() const { return Said(event::v1::ALERT_TRANSITION_RAISED); }

  std::size_t back() const { return Said(event::v1::ALERT_TRANSITION_ENDED); }

  base::Random& random() { return random_; }

 private:
  struct Notifier {
    Notifier(broker::Broker& broker, const base::SimClock& clock) : link(broker, clock) {}

    KafkaLink link;
    std::unique_ptr<notifier::DecidePipeline> decide;
  };

  void Start(std::size_t index) {
    std::unique_ptr<Notifier>& place = notifiers_[index];
    place = std::make_unique<Notifier>(broker_, clock_);
    place->link.CutAll(kafka_back_ - clock_.Now());
    place->decide = std::make_unique<notifier::DecidePipeline>(
        notifier::PipelineContext{place->link, clock_, metrics_},
        notifier::PipelineOptions{
            .topics = topics_, .instance = base::StrCat("notifier-", index), .epoch = ++lives_},
        alerting::DecideOptions{});
    const auto rule = rules::RecordOf("rules/all", "rule { receivers: 'desk' }");
    EXPECT_TRUE(place->decide->SetRules({rule}, {"desk"}).ok());
  }

  void Beat() {
    last_beat_ = clock_.Now();
    event::v1::Event event;
    event.mutable_occurrence()->mutable_source()->set_epoch(1);
    event.mutable_occurrence()->mutable_source()->set_number(++beats_);
    event.mutable_source()->set_instance("collector-1");
    event.mutable_heartbeat()->set_role("collector");
    EXPECT_TRUE(sequencer_.Stamp(event).ok());
    Publish(topics_.Lane(event::v1::LANE_ALERTS),
            std::string(event::KeyOf(event)),
            event.SerializeAsString());
  }

  // What is said while Kafka is away is lost here: collectors have their spools for that.
  void Publish(const std::string& topic, const std::string& key, const std::string& value) {
    publisher_
        ->Publish({.topic = topic,
                   .partition = broker::PartitionFor(key, kPartitions),
                   .key = key,
                   .value = value})
        .IgnoreError();
  }

  const event::Topics topics_{"platen"};
  base::Random random_;
  base::SimClock clock_;
  broker::memory::MemoryBroker broker_;
  service::Metrics registry_;
  notifier::NotifierMetrics metrics_;
  KafkaLink link_;
  std::unique_ptr<broker::Publisher> publisher_;
  event::Sequencer sequencer_{"collector-1", 1};
  std::array<std::unique_ptr<Notifier>, 2> notifiers_;
  base::MonotonicTime last_beat_;
  base::MonotonicTime kafka_back_;
  std::uint64_t beats_ = 0;
  std::uint64_t lives_ = 0;
};

TEST(CollectorsGoneTest, CollectorsThatStopAreToldOfAndKafkaThatIsAwayIsNot) {
  for (std::uint64_t seed = 1; seed <= 50; ++seed) {
    SCOPED_TRACE(seed);
    CollectorsWorld world(seed);
    std::size_t stopped = 0;
    world.Pass(minutes(1), true);
    for (int act = 0; act < 6; ++act) {
      const base::Duration time = minutes(1 + world.random().Below(15));
      const bool kafka = world.random().Chance(0.5);
      if (kafka) world.TakeKafkaAway(time);
      if (world.random().Chance(0.5)) world.KillOne();
      world.Pass(kafka ? time : kBound, kafka);
      if (!kafka) ++stopped;
      ASSERT_EQ(world.gone(), stopped) << (kafka ? "Kafka was away" : "the collectors were gone");
      world.Pass(minutes(2), true);
      ASSERT_EQ(world.gone(), stopped);
      ASSERT_EQ(world.back(), stopped);
    }
  }
}

}  // namespace
}  // namespace platen::simulation
