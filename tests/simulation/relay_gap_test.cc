// What the relay does where retention was faster than it: says so first, and goes on then.
#include <memory>
#include <string>

#include <gtest/gtest.h>

#include "platen/event/v1/event.pb.h"

#include "libs/base/sim_clock.h"
#include "libs/base/status.h"
#include "libs/broker/memory/memory_broker.h"
#include "services/relay/lane_pipeline.h"
#include "tests/simulation/counting_observer.h"
#include "tests/simulation/sim_gateway.h"

namespace platen::simulation {
namespace {

using relay::LanePipeline;
using std::chrono::milliseconds;

const broker::Partition kLane{"sim.telemetry.v1", 0};
const broker::Partition kAlerts{"sim.alerts.v1", 0};
constexpr const char* kGroup = "sim-relay";

class RelayGapTest : public testing::Test {
 protected:
  RelayGapTest() {
    const std::vector<broker::TopicSpec> topics = {{.name = kLane.topic}, {.name = kAlerts.topic}};
    EXPECT_TRUE(broker_.EnsureTopics(topics, milliseconds(0)).ok());
    publisher_ = *broker_.NewPublisher({});
  }

  void Publish(int count) {
    for (int i = 0; i < count; ++i) {
      const std::string event = base::StrCat("0/", next_++);
      EXPECT_TRUE(publisher_->Publish({.topic = kLane.topic, .key = "d", .value = event}).ok());
    }
    while (publisher_->in_flight() > 0) publisher_->Poll(milliseconds(0));
  }

  std::unique_ptr<LanePipeline> NewRelay(const std::string& instance) {
    relay::LanePipelineOptions options;
    options.topic = kLane.topic;
    options.topic_prefix = "sim";
    options.group = kGroup;
    options.route = "default";
    options.core.batch = {.bytes_max = 60, .items_max = 5, .age_max = milliseconds(1)};
    options.core.buffer_bytes_max = 200;
    options.backoff = {.first = milliseconds(5), .max = milliseconds(50)};
    voices_.push_back(std::make_unique<relay::edge::Voice>(relay::edge::VoiceOptions{
        .instance = instance, .epoch = 1, .installation = "campus", .topic_prefix = "sim"}));
    auto relay = std::make_unique<LanePipeline>(options,
                                                relay::core::RouteFilter("default", {{"default"}}),
                                                broker_,
                                                std::make_unique<SimUplink>(gateway_),
                                                *voices_.back(),
                                                clock_,
                                                observer_);
    EXPECT_TRUE(relay->Open().ok());
    return relay;
  }

  void Turn(LanePipeline& relay, int turns = 300) {
    for (int i = 0; i < turns; ++i) {
      clock_.Advance(milliseconds(5));
      relay.Step(milliseconds(0));
    }
  }

  std::vector<event::v1::Event> Said() const {
    std::vector<event::v1::Event> said;
    for (const auto& record : broker_.RecordsOf(kAlerts)) {
      EXPECT_TRUE(said.emplace_back().ParseFromString(*record.value));
    }
    return said;
  }

  base::SimClock clock_;
  broker::memory::MemoryBroker broker_{clock_, 1};
  SimGateway gateway_{2};
  CountingObserver observer_;
  std::vector<std::unique_ptr<relay::edge::Voice>> voices_;
  std::unique_ptr<broker::Publisher> publisher_;
  int next_ = 0;
};

TEST_F(RelayGapTest, NothingBehindAGapIsForwardedBeforeKafkaHasItsEvent) {
  Publish(10);
  {
    const auto relay = NewRelay("relay-0");
    Turn(*relay);
    ASSERT_EQ(gateway_.stored.size(), 10u);
  }
  Publish(10);
  broker_.DeleteBelow({kLane, 15});
  broker_.ExpireSessions(kGroup);
  broker_.set_faults({.delayed_delivery = 1});
  const auto relay = NewRelay("relay-0");

  Turn(*relay);
  EXPECT_EQ(observer_.gaps, 1);
  EXPECT_EQ(gateway_.stored.size(), 10u) << "Kafka has not acknowledged the event";
  EXPECT_EQ(broker_.Committed(kGroup, kLane), 10);
  broker_.set_faults({});
  Turn(*relay);

  EXPECT_EQ(gateway_.stored.size(), 15u);
  EXPECT_EQ(gateway_.stored.back(), "0/19");
  EXPECT_EQ(broker_.Committed(kGroup, kLane), 20);
  const auto said = Said();
  ASSERT_EQ(said.size(), 1u);
  EXPECT_EQ(said[0].gap().stream(), "campus/sim.telemetry.v1/0");
  EXPECT_EQ(said[0].gap().first(), 10u);
  EXPECT_EQ(said[0].gap().last(), 14u);
}

TEST_F(RelayGapTest, AGapSaidByARelayThatCrashesIsTheSameEventAtTheNext) {
  Publish(10);
  Turn(*NewRelay("relay-0"));
  Publish(10);
  broker_.DeleteBelow({kLane, 20});
  for (const char* instance : {"relay-0", "relay-1"}) {
    broker_.ExpireSessions(kGroup);
    // Its commits never succeed.
    broker_.set_faults({.failed_commit = 1});
    Turn(*NewRelay(instance));
  }

  const auto said = Said();
  ASSERT_EQ(said.size(), 2u);
  EXPECT_EQ(said[0].id(), said[1].id());
  EXPECT_NE(said[0].source().instance(), said[1].source().instance());
  broker_.set_faults({});
  broker_.ExpireSessions(kGroup);
  Turn(*NewRelay("relay-1"));
  EXPECT_EQ(broker_.Committed(kGroup, kLane), 20) << "a gap at the end is said once and passed";
}

TEST_F(RelayGapTest, WhatWasTakenBeforeTheGapIsStillForwarded) {
  gateway_.faults.no_connection = 1;
  Publish(100);
  const auto relay = NewRelay("relay-0");
  Turn(*relay);
  Publish(100);
  Turn(*relay);
  ASSERT_EQ(relay->core().in_flight(), 100u) << "its buffer is full";

  broker_.DeleteBelow({kLane, 150});
  gateway_.faults.no_connection = 0;
  Turn(*relay, 2000);

  EXPECT_EQ(gateway_.stored.size(), 150u);
  EXPECT_TRUE(gateway_.stored_set.contains("0/99"));
  EXPECT_EQ(gateway_.stored.back(), "0/199");
  EXPECT_EQ(broker_.Committed(kGroup, kLane), 200);
  ASSERT_EQ(Said().size(), 1u);
  EXPECT_EQ(Said()[0].gap().first(), 100u);
  EXPECT_EQ(Said()[0].gap().last(), 149u);
}

}  // namespace
}  // namespace platen::simulation
