// What a publisher first gives to partitions that were made a moment ago, which have no leader yet
// for some of it.
#include <chrono>
#include <cstdint>
#include <cstdlib>
#include <map>
#include <set>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "libs/base/real_clock.h"
#include "libs/base/status.h"
#include "libs/broker/kafka/kafka_broker.h"

namespace platen::broker::kafka {
namespace {

using std::chrono::milliseconds;

constexpr std::chrono::seconds kDeadline{120};
constexpr int kTopics = 20;
constexpr int kPartitions = 50;
constexpr int kRecords = 3;  // Of each partition.

// A partition takes whatever sequence a new producer begins with. Where the first record was
// refused for now and the second was taken, the first was answered as a duplicate: acknowledged,
// and nowhere.
TEST(PublisherBeginTest, WhatIsAcknowledgedOfTheFirstRecordsIsThere) {
  const char* address = std::getenv("PLATEN_TEST_KAFKA");
  ASSERT_NE(address, nullptr);
  base::RealClock clock;
  const base::MonotonicTime deadline = clock.Now() + kDeadline;
  for (int turn = 0; turn < kTopics; ++turn) {
    KafkaBroker broker({.bootstrap_servers = address});
    const std::string topic = base::StrCat("publisher-begin-", turn);
    auto publisher = broker.NewPublisher({.linger = milliseconds(0)});
    ASSERT_TRUE(publisher.ok()) << publisher.status();
    const std::vector<TopicSpec> topics = {{.name = topic, .partitions = kPartitions}};
    ASSERT_TRUE(broker.EnsureTopics(topics, kDeadline).ok());
    std::map<PublishId, int> partition_of;
    std::map<int, std::set<std::int64_t>> offsets;
    std::size_t delivered = 0;
    const auto poll = [&](milliseconds wait) {
      for (const Delivery& delivery : (*publisher)->Poll(wait)) {
        EXPECT_TRUE(delivery.status.ok()) << delivery.status;
        offsets[partition_of.at(delivery.id)].insert(delivery.offset);
        ++delivered;
      }
    };
    for (int record = 0; record < kRecords; ++record) {
      for (int partition = 0; partition < kPartitions; ++partition) {
        const auto id =
            (*publisher)
                ->Publish({.topic = topic, .partition = partition, .key = "key", .value = "order"});
        ASSERT_TRUE(id.ok()) << id.status();
        partition_of[*id] = partition;
      }
      poll(milliseconds(1));
    }
    while (delivered < partition_of.size() && clock.Now() < deadline) poll(milliseconds(50));

    ASSERT_EQ(delivered, partition_of.size());
    const std::set<std::int64_t> all = {0, 1, 2};
    for (const auto& [partition, known] : offsets) {
      EXPECT_EQ(known, all) << topic << "/" << partition;
    }
  }
}

}  // namespace
}  // namespace platen::broker::kafka
