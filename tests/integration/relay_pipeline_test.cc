// A lane of the relay between a real Kafka and a gateway's stub, over mutual TLS.
#include <cstdlib>
#include <functional>
#include <map>
#include <mutex>
#include <string>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "platen/event/v1/pipeline.pb.h"

#include "libs/base/random.h"
#include "libs/base/status.h"
#include "libs/broker/kafka/kafka_broker.h"
#include "libs/tls/test_fixture.h"
#include "services/relay/edge/gateway_uplink.h"
#include "services/relay/edge/tls_channels.h"
#include "services/relay/lane_pipeline.h"
#include "tests/support/kafka_admin.h"
#include "tests/support/stub_gateway.h"

namespace platen::relay {
namespace {

using platen::testing::EventsOf;
using platen::testing::StubGateway;
using platen::testing::StubGatewayOptions;
using std::chrono::milliseconds;
using std::chrono::seconds;
using ::testing::HasSubstr;

constexpr int kPartitions = 4;

class Observer final : public PipelineObserver {
 public:
  void OnState(const core::RelayTotals& totals, const State& /*state*/) override {
    const std::lock_guard lock(mutex_);
    totals_ = totals;
  }

  void OnBatchSent(std::size_t /*events*/, std::size_t /*bytes*/) override {}

  void OnStreamUp(const std::string& /*server*/) override {}

  void OnStreamDown(const edge::GatewayTrouble& trouble, bool /*lasted*/) override {
    const std::lock_guard lock(mutex_);
    down_ = trouble.status;
  }

  void OnCommit(const absl::Status& /*outcome*/) override {}

  void OnDirective(std::uint64_t /*number*/, const absl::Status& /*outcome*/) override {}

  void OnGap(const broker::OutOfRange& /*gap*/) override {}

  void OnTrouble(const absl::Status& /*trouble*/) override {}

  core::RelayTotals totals() const {
    const std::lock_guard lock(mutex_);
    return totals_;
  }

  absl::Status down() const {
    const std::lock_guard lock(mutex_);
    return down_;
  }

 private:
  mutable std::mutex mutex_;
  core::RelayTotals totals_;
  absl::Status down_;
};

class RelayPipelineTest : public tls::testing::CredentialsTest {
 protected:
  RelayPipelineTest()
      : prefix_(base::StrCat("relay", base::SecureRandom64())),
        broker_({.bootstrap_servers = std::getenv("PLATEN_TEST_KAFKA")}),
        gateway_credentials_(Make("server")),
        relay_credentials_(Make("client")) {
    std::vector<broker::TopicSpec> topics;
    for (const char* name : {".alerts.v1", ".targets.v1", ".deadletter.v1"}) {
      topics.push_back({.name = prefix_ + name, .partitions = kPartitions});
    }
    EXPECT_TRUE(broker_.EnsureTopics(topics, seconds(60)).ok());
    publisher_ = *broker_.NewPublisher({});
  }

  void StartGateway(StubGatewayOptions options = {}) {
    const auto answer = options.answer;
    options.answer = [this, answer](const ingest::v1::Batch& batch) {
      ingest::v1::BatchAck ack;
      ack.mutable_accepted();
      if (answer) ack = answer(batch);
      const std::lock_guard lock(mutex_);
      if (ack.has_accepted()) {
        for (std::string& event : EventsOf(batch)) received_.push_back(std::move(event));
      }
      return ack;
    };
    gateway_ = std::make_unique<StubGateway>(std::move(options), gateway_credentials_->ForServer());
  }

  std::unique_ptr<LanePipeline> StartRelay(Observer& observer) {
    channels_ = std::make_unique<edge::TlsChannels>(gateway_->target(), *relay_credentials_);
    LanePipelineOptions options;
    options.topic = prefix_ + ".alerts.v1";
    options.topic_prefix = prefix_;
    options.group = prefix_ + "-relay";
    options.route = "default";
    options.backoff = {.first = milliseconds(20), .max = milliseconds(200)};
    edge::GatewayUplinkOptions uplink;
    uplink.hello.set_installation("test");
    uplink.hello.set_wants_directives(true);
    auto pipeline = std::make_unique<LanePipeline>(
        options,
        core::RouteFilter("default", {{"default"}}),
        broker_,
        std::make_unique<edge::GatewayUplink>(std::move(uplink), *channels_),
        voice_,
        clock_,
        observer);
    EXPECT_TRUE(pipeline->Start().ok());
    return pipeline;
  }

  // Events "PARTITION/NUMBER", from `first` on.
  void Publish(int first, int count) {
    for (int i = first; i < first + count; ++i) {
      const int partition = i % kPartitions;
      const std::string event = base::StrCat(partition, "/", i / kPartitions);
      const std::string topic = prefix_ + ".alerts.v1";
      EXPECT_TRUE(
          publisher_
              ->Publish({.topic = topic, .partition = partition, .key = "device", .value = event})
              .ok());
    }
    while (publisher_->in_flight() > 0) publisher_->Poll(milliseconds(20));
  }

  ::testing::AssertionResult Eventually(const std::function<bool()>& done) {
    const base::MonotonicTime deadline = clock_.Now() + seconds(60);
    while (!done()) {
      if (clock_.Now() > deadline) return ::testing::AssertionFailure() << "never happened";
      publisher_->Poll(milliseconds(5));
    }
    return ::testing::AssertionSuccess();
  }

  std::size_t received() {
    const std::lock_guard lock(mutex_);
    return received_.size();
  }

  // Each event came, and those of a partition in order, but for whole repeats from a point back.
  void ExpectAllInOrder(int count) {
    const std::lock_guard lock(mutex_);
    std::map<std::string, int> next;
    for (const std::string& event : received_) {
      const std::size_t slash = event.find('/');
      int& expected = next[event.substr(0, slash)];
      const int number = std::stoi(event.substr(slash + 1));
      EXPECT_LE(number, expected) << event;
      if (number == expected) ++expected;
    }
    int sum = 0;
    for (const auto& [partition, reached] : next) sum += reached;
    EXPECT_EQ(sum, count);
  }

  // What a topic holds, once it holds `count`.
  std::vector<std::pair<std::string, std::map<std::string, std::string>>> ReadTopic(
      const std::string& name, std::size_t count) {
    std::vector<broker::PartitionOffset> all;
    for (int p = 0; p < kPartitions; ++p) all.push_back({{prefix_ + name, p}, broker::kBeginning});
    const auto subscriber = *broker_.NewSubscriber({.partitions = all});
    std::vector<std::pair<std::string, std::map<std::string, std::string>>> found;
    EXPECT_TRUE(Eventually([&] {
      const auto step = subscriber->Poll(milliseconds(20));
      if (!step.ok() || !std::holds_alternative<broker::RecordBatch>(*step)) return false;
      for (const auto& record : std::get<broker::RecordBatch>(*step).records) {
        auto& entry = found.emplace_back(std::string(record.value.value_or("(tombstone)")),
                                         std::map<std::string, std::string>());
        for (const auto& h : record.headers) entry.second[std::string(h.name)] = h.value;
      }
      return found.size() >= count;
    }));
    return found;
  }

  const std::string prefix_;
  edge::Voice voice_{
      {.instance = "relay-0", .epoch = 1, .installation = "test", .topic_prefix = prefix_}};
  broker::kafka::KafkaBroker broker_;
  std::unique_ptr<tls::Credentials> gateway_credentials_;
  std::unique_ptr<tls::Credentials> relay_credentials_;
  std::unique_ptr<broker::Publisher> publisher_;
  std::unique_ptr<StubGateway> gateway_;
  std::unique_ptr<edge::TlsChannels> channels_;
  std::mutex mutex_;
  std::vector<std::string> received_;
};

TEST_F(RelayPipelineTest, ForwardsInOrderAndGoesOnWhereItStopped) {
  StartGateway();
  Publish(0, 400);
  Observer observer;
  {
    const auto relay = StartRelay(observer);
    ASSERT_TRUE(Eventually([&] { return received() >= 400; }));
    relay->Stop(clock_.Now() + seconds(10));
  }
  Publish(400, 100);

  const auto relay = StartRelay(observer);
  ASSERT_TRUE(Eventually([&] { return received() >= 500; }));
  relay->Stop(clock_.Now() + seconds(10));

  ExpectAllInOrder(500);
  EXPECT_EQ(received(), 500u) << "a drained relay repeats nothing";
}

TEST_F(RelayPipelineTest, NothingIsLostWhenTheStreamIsCutOrTheGatewayFailsForAWhile) {
  int batches = 0;
  StartGateway({.answer = [&batches](const ingest::v1::Batch&) {
    ingest::v1::BatchAck ack;
    if (++batches % 5 == 3) {
      ack.mutable_rewind()->mutable_retry_delay()->set_nanos(10'000'000);
    } else {
      ack.mutable_accepted();
    }
    return ack;
  }});
  Observer observer;
  const auto relay = StartRelay(observer);

  for (int round = 0; round < 20; ++round) {
    Publish(round * 100, 100);
    if (round % 4 == 1) gateway_->CutStreams();
  }

  ASSERT_TRUE(Eventually([&] { return observer.totals().delivered >= 2000; }));
  relay->Stop(clock_.Now() + seconds(10));
  ExpectAllInOrder(2000);
  EXPECT_GT(observer.totals().stream_losses, 0u);
  EXPECT_GT(observer.totals().batches_rewound, 0u);
}

TEST_F(RelayPipelineTest, ARefusedEventIsADeadLetterAndTheRestMovesOn) {
  StartGateway({.answer = [](const ingest::v1::Batch& batch) {
    ingest::v1::BatchAck ack;
    ack.mutable_accepted();
    const std::vector<std::string> events = EventsOf(batch);
    for (std::size_t i = 0; i < events.size(); ++i) {
      if (events[i] != "2/1") continue;
      auto* refusal = ack.mutable_accepted()->add_refusals();
      refusal->set_index(static_cast<std::uint32_t>(i));
      refusal->set_reason(ingest::v1::REFUSAL_REASON_UNREGISTERED_DEVICE);
      refusal->set_detail("no such device");
    }
    return ack;
  }});
  Observer observer;
  const auto relay = StartRelay(observer);
  Publish(0, 40);

  const auto letters = ReadTopic(".deadletter.v1", 1);

  ASSERT_EQ(letters.size(), 1u);
  event::v1::DeadLetter letter;
  ASSERT_TRUE(letter.ParseFromString(letters[0].first));
  EXPECT_EQ(letter.payload(), "2/1");
  EXPECT_EQ(letter.reason(), "unregistered-device");
  EXPECT_EQ(letter.detail(), "no such device");
  EXPECT_EQ(letter.offset(), 1);
  ASSERT_TRUE(Eventually(
      [&] { return observer.totals().delivered == 39 && observer.totals().dead_lettered == 1; }));
}

TEST_F(RelayPipelineTest, AGapReachesTheGatewayAsAnEvent) {
  StartGateway();
  Publish(0, 40);
  Observer observer;
  {
    const auto relay = StartRelay(observer);
    ASSERT_TRUE(Eventually([&] { return received() >= 40; }));
    relay->Stop(clock_.Now() + seconds(10));
  }
  Publish(40, 40);
  testing_support::DeleteBelow({.bootstrap_servers = std::getenv("PLATEN_TEST_KAFKA")},
                               {{prefix_ + ".alerts.v1", 2}, 15});

  const auto relay = StartRelay(observer);

  // 40 and 35 of the 40 behind them, and the event that says why.
  ASSERT_TRUE(Eventually([&] { return received() >= 76; }));
  relay->Stop(clock_.Now() + seconds(10));
  const std::lock_guard lock(mutex_);
  EXPECT_EQ(received_.size(), 76u);
  std::vector<event::v1::Event> gaps;
  for (const std::string& bytes : received_) {
    event::v1::Event event;
    if (event.ParseFromString(bytes) && event.has_gap()) gaps.push_back(event);
  }
  ASSERT_EQ(gaps.size(), 1u);
  EXPECT_EQ(gaps[0].gap().stream(), base::StrCat("test/", prefix_, ".alerts.v1/2"));
  EXPECT_EQ(gaps[0].gap().first(), 10u);
  EXPECT_EQ(gaps[0].gap().last(), 14u);
}

TEST_F(RelayPipelineTest, DirectivesAreAcknowledgedAfterKafkaHasThem) {
  ingest::v1::Directive target;
  target.set_number(1);
  target.set_key("device");
  target.mutable_target()->set_address("10.0.0.1");
  ingest::v1::Directive removal;
  removal.set_number(2);
  removal.set_key("device");
  removal.mutable_target_removal();
  ingest::v1::Directive unknown;
  unknown.set_number(3);
  unknown.set_key("device");
  StartGateway({.directives = {target, removal, unknown}});
  Observer observer;
  const auto relay = StartRelay(observer);

  ASSERT_TRUE(Eventually([&] { return gateway_->directive_acks().size() >= 3; }));

  std::map<std::uint64_t, std::string> refusals;
  for (const auto& ack : gateway_->directive_acks()) refusals[ack.number()] = ack.refusal();
  EXPECT_EQ(refusals[1], "");
  EXPECT_EQ(refusals[2], "");
  EXPECT_THAT(refusals[3], HasSubstr("update the relay"));
  const auto records = ReadTopic(".targets.v1", 2);
  ASSERT_EQ(records.size(), 2u);
  EXPECT_EQ(records[0].first, target.target().SerializeAsString());
  EXPECT_EQ(records[1].first, "(tombstone)");
}

TEST_F(RelayPipelineTest, AGatewayThatIsNotTrustedGetsNothing) {
  tls::testing::TestCa stranger("Stranger");
  Write("server", stranger.Issue(tls::testing::Named("gateway")));
  gateway_credentials_ = Make("server");
  StartGateway();
  Publish(0, 10);
  Observer observer;
  const auto relay = StartRelay(observer);

  ASSERT_TRUE(Eventually([&] { return !refusals().empty(); }));

  EXPECT_EQ(received(), 0u);
  EXPECT_FALSE(relay->status().ok());
}

}  // namespace
}  // namespace platen::relay
