// kill -9 of the broker while a publisher and a group member work: nothing is lost, order is kept.
#include <cstdlib>
#include <map>
#include <set>
#include <string>
#include <vector>

#include <gtest/gtest.h>
#include <signal.h>

#include "libs/base/real_clock.h"
#include "libs/base/status.h"
#include "libs/broker/kafka/kafka_broker.h"
#include "tests/support/own_kafka.h"

namespace platen::broker {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;
using testing_support::OwnKafka;

constexpr int kPartitions = 3;
constexpr int kEvents = 6000;

class BrokerCrashTest : public testing::Test {
 protected:
  BrokerCrashTest() : broker_({.bootstrap_servers = kafka_.address()}) {
    const std::vector<TopicSpec> topics = {{.name = "t", .partitions = kPartitions}};
    const absl::Status made = broker_.EnsureTopics(topics, seconds(60));
    EXPECT_TRUE(made.ok()) << made;
  }

  // Publishes the event's number to the partition that it belongs to.
  static bool Publish(Publisher& publisher, int number) {
    const std::string value = base::StrCat(number);
    return publisher
        .Publish({.topic = "t", .partition = number % kPartitions, .key = "k", .value = value})
        .ok();
  }

  OwnKafka kafka_;
  base::RealClock clock_;
  kafka::KafkaBroker broker_;
};

TEST_F(BrokerCrashTest, WhatWasTakenIsDeliveredInOrderAndAMemberReadsOn) {
  const auto publisher = *broker_.NewPublisher({});
  const auto subscriber = *broker_.NewSubscriber({.topics = {"t"}, .group = "g"});
  // By partition: the next number that was not read yet. A member that lost its session reads
  // again.
  std::map<std::int32_t, int> next = {{0, 0}, {1, 1}, {2, 2}};
  const auto all_read = [&] {
    return next[0] >= kEvents && next[1] >= kEvents && next[2] >= kEvents;
  };
  std::set<PublishId> delivered;
  int published = 0;
  bool crashed = false;

  const base::MonotonicTime deadline = clock_.Now() + seconds(240);
  while ((delivered.size() < kEvents || !all_read()) && clock_.Now() < deadline) {
    const int bound = crashed ? kEvents : kEvents / 2;
    for (int i = 0; i < 50 && published < bound; ++i) published += Publish(*publisher, published);
    for (const Delivery& delivery : publisher->Poll(milliseconds(1))) {
      ASSERT_TRUE(delivery.status.ok()) << delivery.status;
      EXPECT_TRUE(delivered.insert(delivery.id).second) << "told twice";
    }
    const auto step = subscriber->Poll(milliseconds(1));
    if (step.ok() && std::holds_alternative<RecordBatch>(*step)) {
      const auto& batch = std::get<RecordBatch>(*step);
      for (const RecordView& record : batch.records) {
        int& expected = next[batch.partition.number];
        const int number = std::stoi(std::string(*record.value));
        ASSERT_LE(number, expected) << "a record is missing";
        if (number == expected) expected += kPartitions;
      }
    }
    if (!crashed && published == bound && next[0] > 0) {
      crashed = true;
      for (int i = 0; i < 500; ++i) published += Publish(*publisher, published);
      kafka_.Kill();
      for (int i = 0; i < 500; ++i) published += Publish(*publisher, published);
      ASSERT_GT(publisher->in_flight(), 0u);
      kafka_.Start();
    }
  }

  EXPECT_EQ(delivered.size(), static_cast<std::size_t>(kEvents));
  EXPECT_TRUE(all_read());
  subscriber->Close(seconds(10));
}

}  // namespace
}  // namespace platen::broker
