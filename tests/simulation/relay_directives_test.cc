// Two relays take an installation's directives; one of them is cut off from Kafka.
#include <deque>
#include <memory>
#include <set>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "libs/base/sim_clock.h"
#include "libs/broker/memory/memory_broker.h"
#include "services/relay/lane_pipeline.h"
#include "tests/simulation/counting_observer.h"

namespace platen::simulation {
namespace {

using relay::LanePipeline;
using std::chrono::milliseconds;
using std::chrono::seconds;

const std::string kDevice(16, 'd');
constexpr const char* kTargets = "sim.targets.v1";

// What the gateway has to give: each stream is given in order what nobody has acknowledged.
struct Orders {
  std::uint64_t last = 0;
  std::set<std::uint64_t> pending;
};

class OrderingUplink final : public relay::edge::Uplink {
 public:
  explicit OrderingUplink(Orders& orders) : orders_(orders) {}

  void Open() override {
    ++opened;
    given_ = 0;
    events_.emplace_back(relay::edge::StreamUp{"sim", 1, 1u << 20});
    open_ = true;
  }

  void Close(const relay::edge::GatewayTrouble& why) override {
    if (!open_) return;
    open_ = false;
    events_.clear();
    events_.emplace_back(relay::edge::StreamDown{why});
  }

  std::size_t Send(const relay::core::SendWindow::Next&) override { return 0; }

  void AnswerDirective(std::uint64_t number, const std::string&) override {
    // An order that is there takes all before it along, as the gateway's table does.
    std::erase_if(orders_.pending, [number](std::uint64_t each) { return each <= number; });
  }

  std::optional<relay::edge::UplinkEvent> Poll(milliseconds) override {
    for (const std::uint64_t number : orders_.pending) {
      if (!open_ || number <= given_) continue;
      given_ = number;
      ingest::v1::Directive directive;
      directive.set_number(number);
      directive.set_key(kDevice);
      directive.mutable_target()->set_device_id(kDevice);
      directive.mutable_target()->set_address(std::to_string(number));
      events_.emplace_back(std::move(directive));
    }
    if (events_.empty()) return std::nullopt;
    relay::edge::UplinkEvent event = std::move(events_.front());
    events_.pop_front();
    return event;
  }

  int opened = 0;

 private:
  Orders& orders_;
  bool open_ = false;
  std::uint64_t given_ = 0;
  std::deque<relay::edge::UplinkEvent> events_;
};

class RelayDirectivesTest : public testing::Test {
 protected:
  struct Relay {
    OrderingUplink* uplink = nullptr;
    std::unique_ptr<LanePipeline> pipeline;
  };

  RelayDirectivesTest() : broker_(clock_, 1) {
    const std::vector<broker::TopicSpec> topics = {{.name = kTargets, .partitions = 1},
                                                   {.name = "sim.alerts.v1", .partitions = 2}};
    EXPECT_TRUE(broker_.EnsureTopics(topics, milliseconds(0)).ok());
    cut_off_ = NewRelay();
    well_ = NewRelay();
  }

  Relay NewRelay() {
    relay::LanePipelineOptions options;
    options.topic = "sim.alerts.v1";
    options.topic_prefix = "sim";
    options.group = "g";
    options.route = "default";
    Relay relay;
    auto uplink = std::make_unique<OrderingUplink>(orders_);
    relay.uplink = uplink.get();
    relay.pipeline =
        std::make_unique<LanePipeline>(options,
                                       relay::core::RouteFilter("default", {{"default"}}),
                                       broker_,
                                       std::move(uplink),
                                       voice_,
                                       clock_,
                                       observer_);
    EXPECT_TRUE(relay.pipeline->Open().ok());
    return relay;
  }

  void Order() { orders_.pending.insert(++orders_.last); }

  // An order that one relay got before it was cut off from Kafka, and another, later one that the
  // other relay has written since.
  void OvertakeWhoIsCutOff() {
    Order();
    CutOff(true);
    Run(cut_off_, seconds(1));
    CutOff(false);
    Run(well_, seconds(1));
    Order();
    Run(well_, seconds(1));
  }

  // Turns of one relay alone.
  void Run(const Relay& relay, base::Duration time) {
    for (base::Duration gone{0}; gone < time; gone += milliseconds(100)) {
      clock_.Advance(milliseconds(100));
      relay.pipeline->Step(milliseconds(0));
    }
  }

  // Kafka takes nothing from whoever turns.
  void CutOff(bool cut) { broker_.set_faults({.full_queue = cut ? 1.0 : 0.0}); }

  std::string Newest() const {
    const auto records = broker_.RecordsOf({kTargets, 0});
    event::v1::Target target;
    if (records.empty() || !target.ParseFromString(*records.back().value)) return "";
    return target.address();
  }

  base::SimClock clock_;
  broker::memory::MemoryBroker broker_;
  CountingObserver observer_;
  relay::edge::Voice voice_{{.instance = "relay-0", .epoch = 1, .installation = "test"}};
  Orders orders_;
  Relay cut_off_;
  Relay well_;
};

TEST_F(RelayDirectivesTest, WhatAnotherHasWrittenMeanwhileIsNotWrittenBehindIt) {
  OvertakeWhoIsCutOff();
  ASSERT_EQ(Newest(), "2");
  ASSERT_TRUE(orders_.pending.empty());

  CutOff(true);
  Run(cut_off_, seconds(30));
  CutOff(false);
  Run(cut_off_, seconds(30));

  EXPECT_EQ(Newest(), "2");
  EXPECT_EQ(cut_off_.uplink->opened, 2);
}

TEST_F(RelayDirectivesTest, AStreamThatEndsTakesItsDirectivesWithIt) {
  OvertakeWhoIsCutOff();

  cut_off_.uplink->Close({.status = absl::UnavailableError("the stream broke")});
  Run(cut_off_, seconds(30));

  EXPECT_EQ(Newest(), "2");
}

TEST_F(RelayDirectivesTest, WhoeverIsAloneWritesThemOnceKafkaTakesThem) {
  Order();
  Order();
  CutOff(true);
  Run(cut_off_, seconds(40));
  EXPECT_EQ(Newest(), "");
  EXPECT_EQ(orders_.pending.size(), 2u);

  CutOff(false);
  Run(cut_off_, seconds(30));

  EXPECT_EQ(Newest(), "2");
  EXPECT_TRUE(orders_.pending.empty());
}

}  // namespace
}  // namespace platen::simulation
