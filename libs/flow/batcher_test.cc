#include "libs/flow/batcher.h"

#include <chrono>

#include <gtest/gtest.h>

namespace platen::flow {
namespace {

using std::chrono::milliseconds;

constexpr BatchLimits kLimits = {
    .bytes_max = 100, .items_max = 3, .age_max = std::chrono::milliseconds(50)};

class BatcherTest : public testing::Test {
 protected:
  base::MonotonicTime now_{};
  Batcher batcher_{kLimits};
};

TEST_F(BatcherTest, AnEmptyBatchIsNeverDueAndTakesAnyItem) {
  EXPECT_FALSE(batcher_.Due(now_ + std::chrono::hours(1)));
  EXPECT_EQ(batcher_.due_at(), std::nullopt);
  EXPECT_TRUE(batcher_.Fits(1'000'000));
}

TEST_F(BatcherTest, IsDueWhenTheFirstItemIsOldEnough) {
  batcher_.Add(now_, 1);
  batcher_.Add(now_ + milliseconds(40), 1);

  EXPECT_FALSE(batcher_.Due(now_ + milliseconds(49)));
  EXPECT_TRUE(batcher_.Due(now_ + milliseconds(50)));
  EXPECT_EQ(batcher_.due_at(), now_ + milliseconds(50));
}

TEST_F(BatcherTest, IsDueAtOnceWhenItHasEnoughItems) {
  for (int i = 0; i < 3; ++i) batcher_.Add(now_, 1);

  EXPECT_TRUE(batcher_.Due(now_));
  EXPECT_FALSE(batcher_.Fits(1));
}

TEST_F(BatcherTest, TakesNoItemBeyondItsBytes) {
  batcher_.Add(now_, 60);

  EXPECT_TRUE(batcher_.Fits(40));
  EXPECT_FALSE(batcher_.Fits(41));
  batcher_.Add(now_, 40);
  EXPECT_TRUE(batcher_.Due(now_));
}

TEST_F(BatcherTest, BeginsAnewAfterClear) {
  for (int i = 0; i < 3; ++i) batcher_.Add(now_, 30);

  batcher_.Clear();

  EXPECT_FALSE(batcher_.Due(now_ + milliseconds(100)));
  EXPECT_EQ(batcher_.items(), 0u);
  EXPECT_EQ(batcher_.bytes(), 0u);
}

}  // namespace
}  // namespace platen::flow
