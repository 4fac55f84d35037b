// How a member of a group ends while its group never comes to rest, on librdkafka's own mock of a
// cluster, whose answers can be scripted.
#include <atomic>
#include <filesystem>
#include <iterator>
#include <memory>
#include <variant>

#include <gtest/gtest.h>
#include <librdkafka/rdkafka.h>
#include <librdkafka/rdkafka_mock.h>

#include "libs/base/real_clock.h"
#include "libs/broker/kafka/kafka_broker.h"

namespace platen::broker::kafka {
namespace {

constexpr int kSyncGroup = 14;
constexpr std::chrono::seconds kDeadline{60};
constexpr const char* kTopic = "platen.telemetry.v1";

class MockCluster {
 public:
  MockCluster() : owner_(rd_kafka_new(RD_KAFKA_PRODUCER, rd_kafka_conf_new(), nullptr, 0)) {
    cluster_ = rd_kafka_mock_cluster_new(owner_, 1);
    rd_kafka_mock_topic_create(cluster_, kTopic, 4, 1);
  }

  ~MockCluster() {
    rd_kafka_mock_cluster_destroy(cluster_);
    rd_kafka_destroy(owner_);
  }

  std::string address() const { return rd_kafka_mock_cluster_bootstraps(cluster_); }

  // No member ever hears what it is assigned.
  void NeverSync() {
    for (int i = 0; i < 1000; ++i) {
      rd_kafka_mock_push_request_errors(
          cluster_, kSyncGroup, 1, RD_KAFKA_RESP_ERR_REBALANCE_IN_PROGRESS);
    }
  }

 private:
  rd_kafka_t* owner_;
  rd_kafka_mock_cluster_t* cluster_;
};

// librdkafka 2.0 aborts at the end of a handle that was answered its join and never its assignment.
TEST(SubscriberEndTest, AMemberThatNeverWasAssignedAnythingEnds) {
  MockCluster cluster;
  cluster.NeverSync();
  std::atomic<int> refused = 0;
  KafkaBroker broker({.bootstrap_servers = cluster.address(),
                      .properties = {{"debug", "cgrp"}},
                      .log = [&](std::string_view line) {
                        if (line.find("SyncGroup") != line.npos) ++refused;
                      }});
  auto subscriber = broker.NewSubscriber({.topics = {kTopic}, .group = "restless"});
  ASSERT_TRUE(subscriber.ok());
  base::RealClock clock;
  const base::MonotonicTime deadline = clock.Now() + kDeadline;
  while (refused < 3 && clock.Now() < deadline) {
    static_cast<void>((*subscriber)->Poll(std::chrono::milliseconds(50)));
  }
  ASSERT_GE(refused, 3);

  (*subscriber)->Close(std::chrono::seconds(2));
  subscriber->reset();
}

std::ptrdiff_t Threads() {
  const std::filesystem::directory_iterator threads("/proc/self/task");
  return std::distance(begin(threads), end(threads));
}

// Services read their state so at each assignment: what stayed behind would pile up.
TEST(SubscriberEndTest, OfAReaderOfPartitionsNothingStaysBehindHoweverShortItsEnd) {
  const MockCluster cluster;
  KafkaBroker broker({.bootstrap_servers = cluster.address()});
  const std::ptrdiff_t before = Threads();
  for (int i = 0; i < 3; ++i) {
    auto reader = broker.NewSubscriber(
        {.partitions = {{{kTopic, 0}, broker::kBeginning}}, .use_committed = false});
    ASSERT_TRUE(reader.ok()) << reader.status();
    for (bool at_end = false; !at_end;) {
      const auto step = (*reader)->Poll(std::chrono::milliseconds(50));
      ASSERT_TRUE(step.ok()) << step.status();
      at_end = std::holds_alternative<broker::EndReached>(*step);
    }
    (*reader)->Close(std::chrono::milliseconds(0));
  }
  EXPECT_EQ(Threads(), before);
}

}  // namespace
}  // namespace platen::broker::kafka
