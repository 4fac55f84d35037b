// Who is told to stop while its group waits for a member that was killed, leaves all the same: a
// member that is gone without a word holds partitions until its session ends.
#include <atomic>
#include <chrono>
#include <cstdlib>
#include <functional>
#include <memory>
#include <set>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include <gtest/gtest.h>
#include <librdkafka/rdkafka.h>

#include "libs/base/real_clock.h"
#include "libs/base/status.h"
#include "libs/broker/kafka/conf.h"
#include "libs/broker/kafka/kafka_broker.h"

namespace platen::broker::kafka {
namespace {

using std::chrono::milliseconds;

constexpr std::chrono::seconds kDeadline{60};
constexpr const char* kTopic = "subscriber-leave";

KafkaOptions Options(std::string client_id, std::function<void(std::string_view)> log = nullptr) {
  const char* address = std::getenv("PLATEN_TEST_KAFKA");
  return {.bootstrap_servers = address != nullptr ? address : "",
          .client_id = std::move(client_id),
          .properties = {{"debug", "cgrp"}},
          .log = std::move(log)};
}

// How many members of a client's name the broker counts.
int Members(const std::string& group, std::string_view client_id) {
  HandleContext context;
  const KafkaOptions options = Options("counts");
  const std::unique_ptr<rd_kafka_t, Destroy<rd_kafka_destroy>> handle(
      NewHandle(RD_KAFKA_PRODUCER, *AdminConf(options, &context), options)->client);
  const rd_kafka_group_list* list = nullptr;
  if (rd_kafka_list_groups(handle.get(), group.c_str(), &list, 30'000) !=
      RD_KAFKA_RESP_ERR_NO_ERROR) {
    return -1;
  }
  int members = 0;
  for (int i = 0; list->group_cnt == 1 && i < list->groups[0].member_cnt; ++i) {
    members += std::string_view(list->groups[0].members[i].client_id).starts_with(client_id);
  }
  rd_kafka_group_list_destroy(list);
  return members;
}

class SubscriberLeaveTest : public testing::Test {
 protected:
  SubscriberLeaveTest() {
    const std::vector<TopicSpec> topics = {{.name = kTopic, .partitions = 2}};
    EXPECT_TRUE(others_.EnsureTopics(topics, kDeadline).ok());
  }

  std::unique_ptr<Subscriber> Join(KafkaBroker& broker) {
    return *broker.NewSubscriber({.topics = {kTopic}, .group = group_});
  }

  // These poll until `condition` holds.
  template <class Condition>
  void PollUntil(const std::vector<Subscriber*>& subscribers, Condition condition) {
    while (!condition() && clock_.Now() < deadline_) {
      for (Subscriber* const subscriber : subscribers) {
        const auto step = subscriber->Poll(milliseconds(20));
        ASSERT_TRUE(step.ok()) << step.status();
        if (std::holds_alternative<Assigned>(*step)) assigned_.insert(subscriber);
        const auto* const revoked = std::get_if<Revoked>(&*step);
        if (revoked != nullptr) subscriber->Release(revoked->partitions);
      }
    }
    ASSERT_TRUE(condition());
  }

  const std::string group_ = base::StrCat(
      "subscriber-leave-", testing::UnitTest::GetInstance()->current_test_info()->name());
  base::RealClock clock_;
  const base::MonotonicTime deadline_ = clock_.Now() + kDeadline;
  std::set<Subscriber*> assigned_;
  std::atomic<bool> waits_for_others_ = false;
  KafkaBroker others_{Options("others")};
  KafkaBroker leavers_{Options("leavers", [this](std::string_view line) {
    if (line.find("init -> wait-join") != line.npos) waits_for_others_ = true;
  })};
};

TEST_F(SubscriberLeaveTest, WhoStopsWhileItsGroupWaitsForTheDeadIsNoMemberAfterwards) {
  auto killed = Join(others_);
  PollUntil({killed.get()}, [&] { return assigned_.contains(killed.get()); });
  killed.reset();  // Without a word: the group waits for the end of its session.
  auto leaving = Join(leavers_);
  PollUntil({leaving.get()}, [&] { return Members(group_, "leavers") == 1; });

  leaving->Close(kDeadline);

  EXPECT_EQ(Members(group_, "leavers"), 0);
}

TEST_F(SubscriberLeaveTest, WhoStopsInTheMidstOfARebalanceIsNoMemberAfterwards) {
  auto leaving = Join(leavers_);
  PollUntil({leaving.get()}, [&] { return assigned_.contains(leaving.get()); });
  auto killed = Join(others_);
  PollUntil({leaving.get(), killed.get()}, [&] { return assigned_.contains(killed.get()); });
  killed.reset();
  waits_for_others_ = false;
  auto joining = Join(others_);
  PollUntil({leaving.get()}, [&] { return waits_for_others_.load(); });

  leaving->Close(kDeadline);

  EXPECT_EQ(Members(group_, "leavers"), 0);
}

}  // namespace
}  // namespace platen::broker::kafka
