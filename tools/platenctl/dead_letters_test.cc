#include "tools/platenctl/dead_letters.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "platen/event/v1/event.pb.h"

#include "libs/base/real_clock.h"
#include "libs/broker/memory/memory_broker.h"

namespace platen::platenctl {
namespace {

using std::chrono::seconds;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::Pair;
using testing::SizeIs;

constexpr const char* kDead = "platen.deadletter.v1";
constexpr const char* kAlerts = "platen.alerts.v1";

class DeadLettersTest : public testing::Test {
 protected:
  DeadLettersTest() {
    const std::vector<broker::TopicSpec> topics = {{.name = kDead, .partitions = 2},
                                                   {.name = kAlerts, .partitions = 4}};
    EXPECT_TRUE(broker_.EnsureTopics(topics, seconds(1)).ok());
  }

  static event::v1::Event Event() {
    event::v1::Event event;
    event.set_id("0123456789abcdef");
    event.set_device_id("fedcba9876543210");
    event.set_tenant("acme");
    event.mutable_source()->set_route("east");
    return event;
  }

  void Bury(std::int32_t partition, const std::string& reason, const std::string& payload) {
    event::v1::DeadLetter letter;
    letter.set_reason(reason);
    letter.set_payload(payload);
    letter.set_topic(kAlerts);
    letter.set_partition(3);
    letter.set_offset(17);
    Publish(partition, letter.SerializeAsString());
  }

  void Publish(std::int32_t partition, const std::string& value) {
    const auto publisher = *broker_.NewPublisher({});
    const auto id = publisher->Publish(
        {.topic = kDead, .partition = partition, .key = "fedcba9876543210", .value = value});
    ASSERT_TRUE(id.ok()) << id.status();
    while (publisher->in_flight() > 0) publisher->Poll(std::chrono::milliseconds(1));
  }

  LetterMap Read() {
    auto read = ReadLetters(broker_, kDead, 1 << 20, seconds(10), clock_);
    EXPECT_TRUE(read.ok()) << read.status();
    EXPECT_TRUE(read->are_all);
    return std::move(read->letters);
  }

  // What became of each.
  std::vector<std::pair<std::string, std::string>> ReplayAll(const LetterMap& letters) {
    std::vector<std::pair<std::string, std::string>> outcomes;
    const absl::Status status =
        Replay(broker_, kDead, letters, seconds(10), clock_, [&](LetterId id, const auto& outcome) {
          outcomes.emplace_back(ToText(id), outcome.message());
        });
    EXPECT_TRUE(status.ok()) << status;
    return outcomes;
  }

  std::vector<std::string> Alerts() {
    const auto subscriber =
        *broker_.NewSubscriber({.partitions = {{{kAlerts, 3}, broker::kBeginning}}});
    std::vector<std::string> values;
    for (;;) {
      const auto step = subscriber->Poll(seconds(1));
      EXPECT_TRUE(step.ok());
      if (std::holds_alternative<broker::EndReached>(*step)) return values;
      const auto* records = std::get_if<broker::RecordBatch>(&*step);
      if (records == nullptr) continue;
      for (const broker::RecordView& record : records->records) {
        EXPECT_EQ(record.key, "fedcba9876543210");
        values.emplace_back(*record.value);
      }
    }
  }

  const base::RealClock clock_;
  broker::memory::MemoryBroker broker_{clock_};
};

TEST_F(DeadLettersTest, WhatIsReplayedComesBackWhereItWasByteForByteAndOnce) {
  Bury(1, "unregistered-device", Event().SerializeAsString());

  EXPECT_THAT(ReplayAll(Read()), ElementsAre(Pair("1:0", "")));

  EXPECT_THAT(Alerts(), ElementsAre(Event().SerializeAsString()));
  const LetterMap after = Read();
  ASSERT_THAT(after, SizeIs(1)) << "the marker is no letter";
  EXPECT_TRUE(after.begin()->second.is_replayed);
  EXPECT_FALSE(LetterFilter{}.Takes(after.begin()->first, after.begin()->second));
  EXPECT_TRUE(
      LetterFilter{.with_replayed = true}.Takes(after.begin()->first, after.begin()->second));
}

TEST_F(DeadLettersTest, NoMoreAreReadThanMemoryAllows) {
  for (int i = 0; i < 5; ++i) Bury(0, "invalid", std::string(1000, 'x'));

  const auto read = ReadLetters(broker_, kDead, 4000, seconds(10), clock_);

  ASSERT_TRUE(read.ok()) << read.status();
  EXPECT_FALSE(read->are_all);
  EXPECT_THAT(read->letters, SizeIs(3)) << "the oldest ones";
}

TEST_F(DeadLettersTest, WhatIsNoEventStaysAndSaysWhy) {
  Bury(0, "undecodable", "\xff\xff\xff");
  Bury(0, "too-large", Event().SerializeAsString());
  Publish(0, "\xff\xff\xff");

  EXPECT_THAT(ReplayAll(Read()),
              ElementsAre(Pair("0:0", HasSubstr("no event")),
                          Pair("0:1", HasSubstr("too large")),
                          Pair("0:2", HasSubstr("no dead letter"))));
  EXPECT_TRUE(Alerts().empty());
}

TEST_F(DeadLettersTest, ReasonAndIdChoose) {
  Bury(0, "undecodable", "x");
  Bury(1, "invalid", "x");

  const LetterMap letters = Read();
  ASSERT_THAT(letters, SizeIs(2));
  const auto chosen = [&letters](const LetterFilter& filter) {
    std::vector<std::string> ids;
    for (const auto& [id, stored] : letters) {
      if (filter.Takes(id, stored)) ids.push_back(ToText(id));
    }
    return ids;
  };
  EXPECT_THAT(chosen({}), ElementsAre("0:0", "1:0"));
  EXPECT_THAT(chosen({.reason = "invalid"}), ElementsAre("1:0"));
  EXPECT_THAT(chosen({.ids = {{0, 0}}}), ElementsAre("0:0"));
}

}  // namespace
}  // namespace platen::platenctl
