#include "services/collector/edge/registered_targets.h"

#include <memory>
#include <optional>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "libs/base/sim_clock.h"
#include "libs/broker/memory/memory_broker.h"

namespace platen::collector::edge {
namespace {

using ::testing::UnorderedElementsAre;

constexpr const char* kTopic = "targets";
constexpr std::int32_t kPartitions = 3;

class RegisteredTargetsTest : public testing::Test {
 protected:
  RegisteredTargetsTest() {
    const broker::TopicSpec topic{.name = kTopic, .partitions = kPartitions};
    EXPECT_TRUE(broker_.EnsureTopics({&topic, 1}, std::chrono::seconds(1)).ok());
    broker::SubscriberOptions options;
    options.use_committed = false;
    for (std::int32_t number = 0; number < kPartitions; ++number) {
      options.partitions.push_back({{kTopic, number}, broker::kBeginning});
    }
    subscriber_ = *broker_.NewSubscriber(options);
    publisher_ = *broker_.NewPublisher({});
  }

  // Without a value: the target is removed.
  void Put(std::int32_t partition, std::string_view key, std::optional<std::string> value) {
    broker::OutgoingRecord record{.topic = kTopic, .partition = partition, .key = key};
    if (value.has_value()) record.value = *value;
    ASSERT_TRUE(publisher_->Publish(record).ok());
    publisher_->Poll(std::chrono::milliseconds(0));
  }

  static std::string At(const std::string& address) {
    event::v1::Target target;
    target.set_address(address);
    return target.SerializeAsString();
  }

  base::SimClock clock_;
  broker::memory::MemoryBroker broker_{clock_};
  std::unique_ptr<broker::Subscriber> subscriber_;
  std::unique_ptr<broker::Publisher> publisher_;
};

TEST_F(RegisteredTargetsTest, AllPartitionsAreReadAndTheLastWordOfEachCounts) {
  Put(0, "a", At("10.1.0.1"));
  Put(0, "b", At("10.1.0.2"));
  Put(2, "c", At("10.1.0.3"));
  Put(0, "a", At("10.1.0.9"));
  Put(0, "b", std::nullopt);
  Put(2, "d", "\xff nonsense");

  const auto targets = ReadAllTargets(*subscriber_, kPartitions, [] { return false; });

  ASSERT_TRUE(targets.ok()) << targets.status().message();
  std::vector<std::string> addresses;
  for (const event::v1::Target& target : *targets) addresses.push_back(target.address());
  EXPECT_THAT(addresses, UnorderedElementsAre("10.1.0.9", "10.1.0.3"));
}

TEST_F(RegisteredTargetsTest, NobodyIsRegisteredWhereNothingIs) {
  const auto targets = ReadAllTargets(*subscriber_, kPartitions, [] { return false; });
  ASSERT_TRUE(targets.ok());
  EXPECT_TRUE(targets->empty());
}

TEST_F(RegisteredTargetsTest, ItEndsWhenItIsTo) {
  broker_.set_faults({.stalled_fetch = 1});
  Put(0, "a", At("10.1.0.1"));
  const auto targets = ReadAllTargets(*subscriber_, kPartitions, [] { return true; });
  EXPECT_EQ(targets.status().code(), absl::StatusCode::kCancelled);
}

}  // namespace
}  // namespace platen::collector::edge
