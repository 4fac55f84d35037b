// What only the memory broker has: its faults. The contract itself: tests/contract.
#include "libs/broker/memory/memory_broker.h"

#include <string>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "libs/base/sim_clock.h"

namespace platen::broker::memory {
namespace {

using std::chrono::milliseconds;
using testing::ElementsAre;

constexpr milliseconds kNow{0};

class MemoryBrokerTest : public testing::Test {
 protected:
  MemoryBrokerTest() {
    EXPECT_TRUE(broker_.EnsureTopics(std::vector<TopicSpec>{{.name = "t"}}, kNow).ok());
    publisher_ = *broker_.NewPublisher({});
  }

  void Publish(std::string_view value) {
    ASSERT_TRUE(publisher_->Publish({.topic = "t", .key = "k", .value = value}).ok());
  }

  std::vector<std::string> Values() const {
    std::vector<std::string> values;
    for (const StoredRecord& record : broker_.RecordsOf({"t", 0})) values.push_back(*record.value);
    return values;
  }

  base::SimClock clock_;
  MemoryBroker broker_{clock_, /*seed=*/7};
  std::unique_ptr<Publisher> publisher_;
};

TEST_F(MemoryBrokerTest, ASlowBrokerAppendsNothingInAPoll) {
  broker_.set_faults({.delayed_delivery = 1});
  Publish("a");

  EXPECT_TRUE(publisher_->Poll(kNow).empty());
  EXPECT_EQ(publisher_->in_flight(), 1u);
  broker_.set_faults({});
  EXPECT_EQ(publisher_->Poll(kNow).size(), 1u);
}

TEST_F(MemoryBrokerTest, ARebuiltConnectionAppendsTwiceInOrder) {
  broker_.set_faults({.repeated_append = 1});
  Publish("a");
  Publish("b");

  EXPECT_EQ(publisher_->Poll(kNow).size(), 2u);
  EXPECT_THAT(Values(), ElementsAre("a", "b", "a", "b"));
}

TEST_F(MemoryBrokerTest, ARefusedRecordHarmsNoOther) {
  broker_.set_faults({.refuses = [](const OutgoingRecord& r) { return r.value == "bad"; }});
  Publish("a");
  Publish("bad");
  Publish("c");

  const auto deliveries = publisher_->Poll(kNow);

  ASSERT_EQ(deliveries.size(), 3u);
  EXPECT_EQ(deliveries[1].status.code(), absl::StatusCode::kInvalidArgument);
  EXPECT_THAT(Values(), ElementsAre("a", "c"));
}

TEST_F(MemoryBrokerTest, AnOverdueReleaseLosesThePartition) {
  auto first = *broker_.NewSubscriber({.topics = {"t"}, .group = "g"});
  ASSERT_TRUE(std::holds_alternative<Assigned>(*first->Poll(kNow)));
  auto second = *broker_.NewSubscriber({.topics = {"t"}, .group = "g"});
  EXPECT_TRUE(broker_.EnsureTopics(std::vector<TopicSpec>{{.name = "u"}}, kNow).ok());
  auto third = *broker_.NewSubscriber({.topics = {"t", "u"}, .group = "h"});
  ASSERT_TRUE(std::holds_alternative<Assigned>(*third->Poll(kNow)));
  auto fourth = *broker_.NewSubscriber({.topics = {"t", "u"}, .group = "h"});
  ASSERT_TRUE(fourth->Poll(kNow).ok());
  ASSERT_TRUE(std::holds_alternative<Revoked>(*third->Poll(kNow)));

  clock_.Advance(std::chrono::seconds(6));

  EXPECT_TRUE(std::holds_alternative<Lost>(*third->Poll(kNow)));
  EXPECT_TRUE(std::holds_alternative<Assigned>(*fourth->Poll(kNow)));
}

TEST_F(MemoryBrokerTest, AFailedCommitIsTriedAgain) {
  auto subscriber = *broker_.NewSubscriber({.topics = {"t"}, .group = "g"});
  ASSERT_TRUE(std::holds_alternative<Assigned>(*subscriber->Poll(kNow)));
  broker_.set_faults({.failed_commit = 1});
  subscriber->Commit({{"t", 0}, 3});

  EXPECT_FALSE(std::get<CommitResult>(*subscriber->Poll(kNow)).status.ok());
  EXPECT_EQ(broker_.Committed("g", {"t", 0}), std::nullopt);
  broker_.set_faults({});
  EXPECT_TRUE(std::get<CommitResult>(*subscriber->Poll(kNow)).status.ok());
  EXPECT_EQ(broker_.Committed("g", {"t", 0}), 3);
}

}  // namespace
}  // namespace platen::broker::memory
