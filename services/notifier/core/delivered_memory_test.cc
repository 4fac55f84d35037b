#include "services/notifier/core/delivered_memory.h"

#include <gtest/gtest.h>

namespace platen::notifier::core {
namespace {

base::NotificationId Id(char letter) {
  base::NotificationId id;
  id.raw().fill(static_cast<std::uint8_t>(letter));
  return id;
}

TEST(DeliveredMemoryTest, KnowsWhatWasDeliveredAndWhatWasReported) {
  DeliveredMemory memory(10);
  memory.OnDelivered(Id('a'), 3);
  memory.OnReported(Id('b'));

  ASSERT_NE(memory.Find(Id('a')), nullptr);
  EXPECT_TRUE(memory.Find(Id('a'))->delivered);
  EXPECT_FALSE(memory.Find(Id('a'))->reported);
  EXPECT_EQ(memory.Find(Id('a'))->attempts, 3u);
  ASSERT_NE(memory.Find(Id('b')), nullptr);
  EXPECT_FALSE(memory.Find(Id('b'))->delivered);
  EXPECT_EQ(memory.Find(Id('c')), nullptr);
}

TEST(DeliveredMemoryTest, ForgetsTheOldestBeyondItsBound) {
  DeliveredMemory memory(2);
  for (const char letter : {'a', 'b', 'a', 'c'}) memory.OnDelivered(Id(letter), 1);

  EXPECT_EQ(memory.size(), 2u);
  EXPECT_EQ(memory.Find(Id('a')), nullptr);
  EXPECT_NE(memory.Find(Id('b')), nullptr);
  EXPECT_NE(memory.Find(Id('c')), nullptr);
}

}  // namespace
}  // namespace platen::notifier::core
