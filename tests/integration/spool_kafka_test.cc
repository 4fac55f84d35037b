// The collector's spool before a real Kafka that is killed and comes back: what was said meanwhile
// arrives as it was said, in order, also where the process that said it is gone.
#include <map>
#include <memory>
#include <set>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "platen/collector/v1/state.pb.h"

#include "libs/base/real_clock.h"
#include "libs/base/status.h"
#include "libs/broker/kafka/kafka_broker.h"
#include "libs/event/sequence.h"
#include "libs/event/timestamps.h"
#include "services/collector/edge/kafka_events.h"
#include "services/collector/edge/kafka_state.h"
#include "services/collector/edge/spool.h"
#include "tests/support/own_kafka.h"

namespace platen::collector {
namespace {

using event::v1::Event;
using std::chrono::milliseconds;
using std::chrono::seconds;
using testing_support::Eventually;

constexpr std::int32_t kPartitions = 4;
constexpr int kDevices = 8;
constexpr std::uint64_t kTerm = 3;

std::string DeviceOf(int number) {
  return std::string(16, static_cast<char>('a' + number));
}

std::string ClaimOf(std::uint64_t term) {
  collector::v1::OwnerClaim claim;
  claim.set_term(term);
  return claim.SerializeAsString();
}

// One life of a collector's ends; the core's part is played by the test.
class Life {
 public:
  Life(const std::string& address, const std::string& file, std::uint64_t epoch)
      : sequencer_("c-1", epoch), broker_({.bootstrap_servers = address}) {
    const event::Topics topics("platen");
    broker::SubscriberOptions all;
    all.use_committed = false;
    for (std::int32_t i = 0; i < kPartitions; ++i) {
      all.partitions.push_back({{topics.device_state(), i}, broker::kEnd});
    }
    edge::SpoolOptions options;
    options.log.file = file;
    options.log.instance = "c-1";
    options.outage = {.away_after = seconds(2), .back_after = milliseconds(500)};
    options.partitions = kPartitions;
    spool_ = *edge::Spool::Open(options, clock_);
    events_ = std::make_unique<edge::SpooledEvents>(
        *spool_, *edge::KafkaEvents::Create(*broker_.NewPublisher({}), topics));
    auto state = std::make_unique<edge::KafkaState>(
        *broker_.NewSubscriber(all), *broker_.NewPublisher({}), topics.device_state(), kPartitions);
    state_ = std::make_unique<edge::SpooledState>(*spool_, std::move(state));
  }

  void Claim() {
    for (std::int32_t i = 0; i < kPartitions; ++i) {
      state_->Open(i);
      states_[++last_token_] = {i, std::string(core::kOwnerKey), ClaimOf(kTerm)};
      Put(last_token_);
    }
    ASSERT_TRUE(Eventually([this] { return IsQuiet(); }));
  }

  // A device's next jam: its state first, its event once that is durable, and a reading.
  void Jam(int device) {
    const std::uint64_t instance = ++instances_[device];
    collector::v1::DeviceState state;
    state.set_term(kTerm);
    (*state.mutable_instances())["jam"] = instance;
    Event alert = Of(device);
    alert.mutable_occurrence()->mutable_instance()->set_instance(instance);
    alert.mutable_alert()->set_alert_id("jam");
    after_state_[++last_token_] = alert;
    const std::string id = DeviceOf(device);
    states_[last_token_] = {broker::PartitionFor(id, kPartitions), id, state.SerializeAsString()};
    Put(last_token_);
    Event reading = Of(device);
    reading.mutable_occurrence()->mutable_scheduled()->set_number(instance);
    reading.mutable_meter_reading();
    Say(std::move(reading));
  }

  bool Turn() {
    std::vector<core::StateStore::Step> steps;
    state_->Poll(steps).IgnoreError();  // Says that all brokers are down.
    for (const core::StateStore::Step& step : steps) {
      const auto* put = std::get_if<core::StatePut>(&step);
      if (put == nullptr) continue;
      if (absl::IsCancelled(put->status)) {
        Put(put->token);
        continue;
      }
      states_.erase(put->token);
      if (const auto next = after_state_.extract(put->token); !next.empty()) Say(next.mapped());
    }
    std::vector<core::Published> published;
    EXPECT_TRUE(events_->Poll(published).ok());
    for (const core::Published& each : published) {
      if (absl::IsCancelled(each.status)) {
        EXPECT_TRUE(events_->Publish(said_.at(each.token), each.token).ok());
      } else {
        said_.erase(each.token);
      }
    }
    return true;
  }

  // Everything said so far has ended: in Kafka, or on the disk.
  bool IsQuiet() { return Turn() && said_.empty() && states_.empty(); }

  edge::Spool& spool() { return *spool_; }

  // All that was stamped, by id.
  const std::map<std::string, std::string>& stamped() const { return stamped_; }

 private:
  struct State {
    std::int32_t partition = 0;
    std::string key;
    std::string value;
  };

  Event Of(int device) {
    Event event;
    event.set_device_id(DeviceOf(device));
    event.set_tenant("acme");
    event.set_term(kTerm);
    *event.mutable_observation_time() = event::ToProto(clock_.WallNow());
    return event;
  }

  void Put(std::uint64_t token) {
    const State& state = states_.at(token);
    ASSERT_TRUE(state_->Put(state.partition, state.key, state.value, token).ok());
  }

  void Say(Event event) {
    ASSERT_TRUE(sequencer_.Stamp(event).ok());
    stamped_[event.id()] = event.SerializeAsString();
    said_[++last_token_] = event;
    ASSERT_TRUE(events_->Publish(event, last_token_).ok());
  }

  base::RealClock clock_;
  event::Sequencer sequencer_;
  broker::kafka::KafkaBroker broker_;
  std::unique_ptr<edge::Spool> spool_;
  std::unique_ptr<edge::SpooledEvents> events_;
  std::unique_ptr<edge::SpooledState> state_;
  std::uint64_t last_token_ = 0;
  std::map<int, std::uint64_t> instances_;
  std::map<std::uint64_t, State> states_;
  std::map<std::uint64_t, Event> after_state_;
  std::map<std::uint64_t, Event> said_;
  std::map<std::string, std::string> stamped_;
};

class SpoolKafkaTest : public testing::Test {
 protected:
  SpoolKafkaTest() {
    const event::Topics topics("platen");
    std::vector<broker::TopicSpec> specs = {
        {.name = topics.device_state(), .partitions = kPartitions}};
    for (const event::v1::Lane lane : event::kLanes) {
      specs.push_back({.name = topics.Lane(lane), .partitions = kPartitions});
    }
    broker::kafka::KafkaBroker broker({.bootstrap_servers = kafka_.address()});
    const absl::Status made = broker.EnsureTopics(specs, seconds(60));
    EXPECT_TRUE(made.ok()) << made;
  }

  // The records of a lane to the end of each partition: (device, event).
  std::vector<std::pair<std::string, std::string>> Read(event::v1::Lane lane) const {
    const std::string topic = event::Topics("platen").Lane(lane);
    broker::kafka::KafkaBroker broker({.bootstrap_servers = kafka_.address()});
    broker::SubscriberOptions options;
    options.use_committed = false;
    for (std::int32_t i = 0; i < kPartitions; ++i) {
      options.partitions.push_back({{topic, i}, broker::kBeginning});
    }
    const auto subscriber = *broker.NewSubscriber(options);
    std::vector<std::pair<std::string, std::string>> records;
    std::set<std::int32_t> ended;
    EXPECT_TRUE(Eventually([&] {
      const auto step = subscriber->Poll(milliseconds(50));
      if (!step.ok()) return false;
      if (const auto* end = std::get_if<broker::EndReached>(&*step)) {
        ended.insert(end->position.partition.number);
      } else if (const auto* batch = std::get_if<broker::RecordBatch>(&*step)) {
        for (const broker::RecordView& record : batch->records) {
          records.emplace_back(record.key, record.value.value_or(""));
        }
      }
      return ended.size() == kPartitions;
    }));
    return records;
  }

  testing_support::OwnKafka kafka_;
  testing_support::TemporaryDirectory directory_;
};

TEST_F(SpoolKafkaTest, WhatWasSaidWhileKafkaWasDeadArrivesInTheNextLifeAsItWasSaid) {
  const std::string file = directory_.File("spool.sqlite");
  std::map<std::string, std::string> stamped;
  {
    Life life(kafka_.address(), file, 100);
    life.Claim();
    for (int i = 0; i < 40; ++i) life.Jam(i % kDevices);
    ASSERT_TRUE(Eventually([&] { return life.IsQuiet(); }));
    EXPECT_EQ(life.spool().figures().log.written, 0u) << "while Kafka is there";

    for (int i = 0; i < 40; ++i) life.Jam(i % kDevices);  // In flight when Kafka dies.
    kafka_.Kill();
    for (int i = 0; i < 40; ++i) {
      ASSERT_TRUE(Eventually([&] { return life.IsQuiet(); }));
      for (int j = 0; j < kDevices; ++j) life.Jam(j);
    }
    ASSERT_TRUE(Eventually([&] { return life.IsQuiet(); }));
    EXPECT_TRUE(life.spool().is_away());
    EXPECT_EQ(life.spool().outages(), 1u);
    stamped = life.stamped();
  }  // Gone without a word to Kafka, as by kill -9: the disk has it all.
  kafka_.Start();

  Life life(kafka_.address(), file, 101);
  ASSERT_TRUE(Eventually([&] { return life.Turn() && life.spool().figures().log.bytes == 0; }));

  for (const event::v1::Lane lane : {event::v1::LANE_ALERTS, event::v1::LANE_TELEMETRY}) {
    std::map<std::string, std::uint64_t> last;
    std::set<std::string> seen;
    for (const auto& [device, bytes] : Read(lane)) {
      Event event;
      ASSERT_TRUE(event.ParseFromString(bytes));
      // What was in flight may be there twice, under one id.
      if (!seen.insert(event.id()).second) continue;
      EXPECT_EQ(bytes, stamped[event.id()]);
      EXPECT_GT(event.source().sequence(), last[device]) << "order of a device";
      last[device] = event.source().sequence();
    }
    EXPECT_EQ(seen.size(), stamped.size() / 2);
  }
}

TEST_F(SpoolKafkaTest, ABrokerThatComesBackIsGivenWhatWaitsWithoutANewLife) {
  Life life(kafka_.address(), directory_.File("spool.sqlite"), 100);
  life.Claim();
  for (int round = 0; round < 2; ++round) {
    kafka_.Kill();
    for (int i = 0; i < 5; ++i) {
      for (int j = 0; j < kDevices; ++j) life.Jam(j);
      ASSERT_TRUE(Eventually([&] { return life.IsQuiet(); }));
    }
    kafka_.Start();
    ASSERT_TRUE(Eventually(
        [&] { return life.Turn() && life.spool().is_direct() && life.spool().IsDrained(); }));
  }
  for (int j = 0; j < kDevices; ++j) life.Jam(j);
  ASSERT_TRUE(Eventually([&] { return life.IsQuiet(); }));

  std::set<std::string> seen;
  for (const event::v1::Lane lane : {event::v1::LANE_ALERTS, event::v1::LANE_TELEMETRY}) {
    for (const auto& [device, bytes] : Read(lane)) {
      Event event;
      ASSERT_TRUE(event.ParseFromString(bytes));
      seen.insert(event.id());
    }
  }
  EXPECT_EQ(seen.size(), life.stamped().size());
}

}  // namespace
}  // namespace platen::collector
