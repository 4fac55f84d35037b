#include "libs/flow/bounded_queue.h"

#include <limits>
#include <memory>

#include <gtest/gtest.h>

namespace platen::flow {
namespace {

TEST(BoundedQueueTest, GivesInTheOrderItTook) {
  BoundedQueue<int> queue(3);
  for (int i = 1; i <= 3; ++i) ASSERT_TRUE(queue.Push(int{i}));

  EXPECT_EQ(queue.front(), 1);
  EXPECT_EQ(queue.Pop(), 1);
  EXPECT_EQ(queue.Pop(), 2);
  EXPECT_EQ(queue.Pop(), 3);
  EXPECT_TRUE(queue.empty());
}

TEST(BoundedQueueTest, RefusesWhatItHasNoRoomForAndLeavesItToTheCaller) {
  BoundedQueue<std::unique_ptr<int>> queue(10);
  ASSERT_TRUE(queue.Push(std::make_unique<int>(1), 7));
  auto refused = std::make_unique<int>(2);

  EXPECT_FALSE(queue.Push(std::move(refused), 4));

  ASSERT_NE(refused, nullptr);
  EXPECT_EQ(queue.size(), 1);
  EXPECT_EQ(queue.weight(), 7);
  EXPECT_TRUE(queue.Push(std::move(refused), 3));
  queue.Pop();
  EXPECT_EQ(queue.weight(), 3);
}

TEST(BoundedQueueTest, TakesWhatIsTooHeavyAlone) {
  BoundedQueue<int> queue(10);
  constexpr std::size_t kHuge = std::numeric_limits<std::size_t>::max();

  EXPECT_TRUE(queue.Push(1, kHuge));
  EXPECT_FALSE(queue.Push(2, 1));
  EXPECT_EQ(queue.Pop(), 1);
  EXPECT_TRUE(queue.Push(3, 1));
  EXPECT_FALSE(queue.Push(4, kHuge)) << "sums do not wrap";
}

}  // namespace
}  // namespace platen::flow
