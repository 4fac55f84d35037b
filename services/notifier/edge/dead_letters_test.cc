#include "services/notifier/edge/dead_letters.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "libs/event/dead_letter.h"

namespace platen::notifier::edge {
namespace {

constexpr base::WallTime kNow{std::chrono::hours(500'000)};

TopicPlan Plan() {
  TopicPlan plan;
  plan.deadletter = "platen.deadletter.v1";
  plan.deadletter_partitions = 8;
  return plan;
}

event::v1::DeadLetter LetterOf(std::string payload) {
  alerting::DeadLetterEffect effect;
  effect.letter.set_payload(std::move(payload));
  effect.letter.set_partition(11);
  const OwnedRecord record = MakeDeadLetter(effect, "platen.alerts.v1", kNow, Plan());
  EXPECT_EQ(record.topic, "platen.deadletter.v1");
  EXPECT_EQ(record.partition, 3);
  event::v1::DeadLetter letter;
  EXPECT_TRUE(letter.ParseFromString(record.value.value_or("")));
  return letter;
}

TEST(DeadLettersTest, HoldTheBytesAndWhereTheyCameFrom) {
  const event::v1::DeadLetter letter = LetterOf("\xff\xfe");

  EXPECT_EQ(letter.payload(), "\xff\xfe");
  EXPECT_EQ(letter.topic(), "platen.alerts.v1");
  EXPECT_EQ(letter.refused_by(), "notifier");
}

// Kafka refuses records above a megabyte: the letter would be lost.
TEST(DeadLettersTest, StayRecordsThatKafkaTakesWhenTheRefusedOneWasTheLargest) {
  const event::v1::DeadLetter letter = LetterOf(std::string(1'000'000, 'x'));

  EXPECT_EQ(letter.payload().size(), event::kDeadLetterPayloadBytesMax);
  EXPECT_LT(letter.ByteSizeLong(), 1'000'000u);
}

}  // namespace
}  // namespace platen::notifier::edge
