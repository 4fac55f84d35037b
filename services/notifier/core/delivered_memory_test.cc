#include "services/notifier/core/delivered_memory.h"

#include <gtest/gtest.h>

namespace platen::notifier::core {
namespace {

TEST(DeliveredMemoryTest, KnowsWhatWasDeliveredAndWhatWasReported) {
  DeliveredMemory memory(10);
  memory.OnDelivered("a", 3);
  memory.OnReported("b");

  ASSERT_NE(memory.Find("a"), nullptr);
  EXPECT_TRUE(memory.Find("a")->delivered);
  EXPECT_FALSE(memory.Find("a")->reported);
  EXPECT_EQ(memory.Find("a")->attempts, 3u);
  ASSERT_NE(memory.Find("b"), nullptr);
  EXPECT_FALSE(memory.Find("b")->delivered);
  EXPECT_EQ(memory.Find("c"), nullptr);
}

TEST(DeliveredMemoryTest, ForgetsTheOldestBeyondItsBound) {
  DeliveredMemory memory(2);
  for (const char* id : {"a", "b", "a", "c"}) memory.OnDelivered(id, 1);

  EXPECT_EQ(memory.size(), 2u);
  EXPECT_EQ(memory.Find("a"), nullptr);
  EXPECT_NE(memory.Find("b"), nullptr);
  EXPECT_NE(memory.Find("c"), nullptr);
}

}  // namespace
}  // namespace platen::notifier::core
