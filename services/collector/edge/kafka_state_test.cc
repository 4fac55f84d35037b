#include "services/collector/edge/kafka_state.h"

#include <gtest/gtest.h>

#include "libs/base/sim_clock.h"
#include "libs/broker/memory/memory_broker.h"

namespace platen::collector::edge {
namespace {

constexpr const char* kTopic = "device-state";

class KafkaStateTest : public testing::Test {
 protected:
  KafkaStateTest() {
    const broker::TopicSpec topic{.name = kTopic};
    EXPECT_TRUE(broker_.EnsureTopics({&topic, 1}, std::chrono::seconds(1)).ok());
    broker::SubscriberOptions options;
    options.use_committed = false;
    options.partitions = {{{kTopic, 0}, broker::kEnd}};
    state_ = std::make_unique<KafkaState>(
        *broker_.NewSubscriber(options), *broker_.NewPublisher({}), kTopic, 1);
    state_->Open(0);
    Poll();
  }

  std::vector<core::StateStore::Step> Poll() {
    std::vector<core::StateStore::Step> steps;
    EXPECT_TRUE(state_->Poll(steps).ok());
    return steps;
  }

  base::SimClock clock_;
  broker::memory::MemoryBroker broker_{clock_};
  std::unique_ptr<KafkaState> state_;
};

TEST_F(KafkaStateTest, AWriteCountsOnceWhatStandsBeforeItWasRead) {
  auto another = *broker_.NewPublisher({});
  ASSERT_TRUE(another->Publish({.topic = kTopic, .key = core::kOwnerKey, .value = "claim"}).ok());
  another->Poll(std::chrono::milliseconds(0));
  ASSERT_TRUE(state_->Put(0, "device", "state", 7).ok());
  broker_.set_faults({.stalled_fetch = 1});

  EXPECT_TRUE(Poll().empty()) << "the broker has it, and nothing was read";
  broker_.set_faults({});
  clock_.Advance(std::chrono::seconds(3));
  const auto steps = Poll();

  ASSERT_EQ(steps.size(), 3u);
  EXPECT_EQ(std::get<core::StateRead>(steps[0]).key, core::kOwnerKey);
  EXPECT_EQ(std::get<core::StateRead>(steps[1]).key, "device");
  EXPECT_EQ(std::get<core::StatePut>(steps[2]).token, 7u);
}

TEST_F(KafkaStateTest, AWriteThatIsGivenUpBeforeItWasReadIsCancelled) {
  broker_.set_faults({.stalled_fetch = 1});
  ASSERT_TRUE(state_->Put(0, "device", "state", 7).ok());
  EXPECT_TRUE(Poll().empty());
  state_->Purge();

  const auto steps = Poll();

  ASSERT_EQ(steps.size(), 1u);
  EXPECT_TRUE(absl::IsCancelled(std::get<core::StatePut>(steps[0]).status));
}

TEST_F(KafkaStateTest, AWriteToAPartitionThatDoesNotFlowCountsWhenTheBrokerHasIt) {
  broker_.set_faults({.stalled_fetch = 1});
  ASSERT_TRUE(state_->Put(0, "device", "state", 7).ok());
  EXPECT_TRUE(Poll().empty());
  state_->Close(0);
  ASSERT_TRUE(state_->Put(0, "device", "state", 8).ok());

  const auto steps = Poll();

  ASSERT_EQ(steps.size(), 2u);
  EXPECT_EQ(std::get<core::StatePut>(steps[0]).token, 7u);
  EXPECT_EQ(std::get<core::StatePut>(steps[1]).token, 8u);
}

}  // namespace
}  // namespace platen::collector::edge
