// Three lanes on one line; logs may fill up half of it.
#include <map>
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
using std::chrono::milliseconds;

constexpr const char* kLanes[] = {"alerts", "telemetry", "logs"};
constexpr std::size_t kEventBytes = 1000;
constexpr std::uint64_t kShare = 100'000;  // Bytes a second.

class RelayShareTest : public testing::Test {
 protected:
  RelayShareTest() : broker_(clock_, 1) {
    for (const char* lane : kLanes) {
      const std::vector<broker::TopicSpec> topics = {{.name = Topic(lane), .partitions = 1}};
      EXPECT_TRUE(broker_.EnsureTopics(topics, milliseconds(0)).ok());
      AddLane(lane);
    }
    publisher_ = *broker_.NewPublisher({});
  }

  static std::string Topic(std::string_view lane) { return base::StrCat("sim.", lane, ".v1"); }

  void AddLane(std::string_view lane) {
    gateways_.push_back(std::make_unique<SimGateway>(1));
    relay::LanePipelineOptions options;
    options.topic = Topic(lane);
    options.group = std::string(lane);
    options.route = "default";
    options.core.batch = {
        .bytes_max = 10'000, .items_max = 100, .age_max = milliseconds(lane == "alerts" ? 0 : 20)};
    options.core.buffer_bytes_max = 40'000;
    options.share = share_;
    options.waits_for_share = options.core.paced = lane == "logs";
    lanes_.push_back(
        std::make_unique<LanePipeline>(options,
                                       relay::core::RouteFilter("default", {{"default"}}),
                                       broker_,
                                       std::make_unique<SimUplink>(*gateways_.back()),
                                       voice_,
                                       clock_,
                                       observer_));
    EXPECT_TRUE(lanes_.back()->Open().ok());
  }

  void Publish(std::size_t lane, int events) {
    for (int i = 0; i < events; ++i) {
      std::string event = base::StrCat(lane, "/", ++published_[lane], "/");
      event.resize(kEventBytes, 'x');
      ASSERT_TRUE(
          publisher_
              ->Publish({.topic = Topic(kLanes[lane]), .partition = 0, .key = "k", .value = event})
              .ok());
    }
  }

  // Tenths of a second, each with as many events; alerts and telemetry are at the gateway by its
  // end.
  void Run(int tenths, int telemetry, int logs) {
    for (int i = 0; i < tenths; ++i) {
      Publish(0, 1);
      Publish(1, telemetry);
      Publish(2, logs);
      for (int turn = 0; turn < 100; ++turn) {
        clock_.Advance(milliseconds(1));
        publisher_->Poll(milliseconds(0));
        for (auto& lane : lanes_) lane->Step(milliseconds(0));
      }
      ASSERT_EQ(Stored(0), published_[0]) << "alerts wait";
      ASSERT_EQ(Stored(1), published_[1]) << "telemetry waits";
    }
  }

  std::size_t Stored(std::size_t lane) const { return gateways_[lane]->stored.size(); }

  // Bytes of logs a second over so many tenths.
  double LogsRate(int tenths, int telemetry, int logs) {
    const std::size_t before = Stored(2);
    Run(tenths, telemetry, logs);
    return static_cast<double>((Stored(2) - before) * kEventBytes) * 10 / tenths;
  }

  base::SimClock clock_;
  broker::memory::MemoryBroker broker_;
  CountingObserver observer_;
  relay::edge::Voice voice_{{.instance = "relay-0", .epoch = 1, .installation = "test"}};
  std::shared_ptr<relay::LogsShare> share_ = std::make_shared<relay::LogsShare>(kShare);
  std::vector<std::unique_ptr<SimGateway>> gateways_;
  std::vector<std::unique_ptr<LanePipeline>> lanes_;
  std::unique_ptr<broker::Publisher> publisher_;
  std::map<std::size_t, std::size_t> published_;
};

TEST_F(RelayShareTest, LogsGetWhatTheOthersLeaveAndTheOthersNeverWait) {
  Run(10, 0, 0);

  // Alerts use 10 kB/s throughout; logs want 200 kB/s.
  EXPECT_NEAR(LogsRate(100, 0, 20), 90'000, 5'000) << "nobody else is there";
  EXPECT_NEAR(LogsRate(100, 5, 20), 40'000, 5'000) << "telemetry takes 50 kB/s";
  EXPECT_NEAR(LogsRate(100, 15, 20), 0, 3'000) << "telemetry takes more than the share";

  Run(100, 0, 0);
  EXPECT_NEAR(LogsRate(100, 0, 0), 90'000, 5'000) << "what was owed is paid or forgiven";
}

}  // namespace
}  // namespace platen::simulation
