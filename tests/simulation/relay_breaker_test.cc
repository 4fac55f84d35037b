// Two routes of three lanes each; one gateway is dead for a while.
#include <memory>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "libs/base/sim_clock.h"
#include "libs/base/status.h"
#include "libs/broker/memory/memory_broker.h"
#include "services/relay/lane_pipeline.h"
#include "tests/simulation/counting_observer.h"
#include "tests/simulation/sim_gateway.h"

namespace platen::simulation {
namespace {

using relay::LanePipeline;
using relay::RouteBreaker;
using std::chrono::milliseconds;
using std::chrono::seconds;

constexpr const char* kLanes[] = {"alerts", "telemetry", "logs"};

class RelayBreakerTest : public testing::Test {
 protected:
  struct Route {
    explicit Route(std::string route, std::uint64_t seed)
        : name(std::move(route)),
          gateway(seed),
          breaker(std::make_shared<RouteBreaker>(relay::RouteBreakerOptions{.seed = seed})) {}

    std::string name;
    SimGateway gateway;
    std::shared_ptr<RouteBreaker> breaker;
    std::vector<std::unique_ptr<LanePipeline>> lanes;
  };

  RelayBreakerTest() : broker_(clock_, 1) {
    for (const char* lane : kLanes) {
      const std::vector<broker::TopicSpec> topics = {{.name = Topic(lane), .partitions = 1}};
      EXPECT_TRUE(broker_.EnsureTopics(topics, milliseconds(0)).ok());
    }
    publisher_ = *broker_.NewPublisher({});
    for (Route* route : {&dead_, &alive_}) {
      for (const char* lane : kLanes) AddLane(*route, lane);
    }
  }

  static std::string Topic(std::string_view lane) { return base::StrCat("sim.", lane, ".v1"); }

  void AddLane(Route& route, std::string_view lane) {
    relay::LanePipelineOptions options;
    options.topic = Topic(lane);
    options.group = base::StrCat(lane, "-", route.name);
    options.route = route.name;
    options.breaker = route.breaker;
    options.seed = ++seed_;
    route.lanes.push_back(std::make_unique<LanePipeline>(
        options,
        relay::core::RouteFilter(route.name, {{"default"}, {"east"}}),
        broker_,
        std::make_unique<SimUplink>(route.gateway),
        voice_,
        clock_,
        observer_));
    EXPECT_TRUE(route.lanes.back()->Open().ok());
  }

  // An event for each lane and route, and a second of turns.
  void OneSecond() {
    for (const Route* route : {&dead_, &alive_}) {
      for (const char* lane : kLanes) {
        const std::string event = base::StrCat(route->name, "/", lane, "/", ++events_);
        const std::vector<broker::HeaderView> headers = {{"route", route->name}};
        ASSERT_TRUE(publisher_
                        ->Publish({.topic = Topic(lane),
                                   .partition = 0,
                                   .key = "k",
                                   .value = event,
                                   .headers = headers})
                        .ok());
      }
    }
    for (int i = 0; i < 100; ++i) {
      clock_.Advance(milliseconds(10));
      publisher_->Poll(milliseconds(0));
      for (Route* route : {&dead_, &alive_}) {
        for (auto& lane : route->lanes) lane->Step(milliseconds(0));
      }
    }
  }

  base::SimClock clock_;
  broker::memory::MemoryBroker broker_;
  CountingObserver observer_;
  relay::edge::Voice voice_{{.instance = "relay-0", .epoch = 1, .installation = "test"}};
  std::unique_ptr<broker::Publisher> publisher_;
  Route dead_{"default", 1};
  Route alive_{"east", 2};
  std::uint64_t seed_ = 0;
  int events_ = 0;
};

TEST_F(RelayBreakerTest, ADeadGatewayIsTriedByOneStreamAndTheOtherRouteKnowsNothingOfIt) {
  dead_.gateway.faults.no_connection = 1.0;

  for (int i = 0; i < 120; ++i) OneSecond();

  EXPECT_EQ(dead_.breaker->opened(), 1u);
  EXPECT_NE(dead_.breaker->state(), RouteBreaker::State::kClosed);
  // Tries are 1, 2, 4, 8 and then 10 s apart, less a jitter of up to half; three lanes that knew
  // nothing of each other would make at least three times as many.
  EXPECT_GE(dead_.gateway.attempts, 12u);
  EXPECT_LE(dead_.gateway.attempts, 30u);
  EXPECT_EQ(alive_.gateway.stored.size(), 3u * 120);
  EXPECT_EQ(alive_.gateway.attempts, 3u);
  EXPECT_EQ(alive_.breaker->opened(), 0u);

  dead_.gateway.faults.no_connection = 0;
  for (int i = 0; i < 12; ++i) OneSecond();

  EXPECT_EQ(dead_.breaker->state(), RouteBreaker::State::kClosed);
  EXPECT_EQ(dead_.gateway.stored.size(), 3u * 132) << "every lane has come back";
}

}  // namespace
}  // namespace platen::simulation
