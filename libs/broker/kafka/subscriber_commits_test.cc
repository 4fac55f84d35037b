#include "libs/broker/kafka/subscriber_commits.h"

#include <chrono>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace platen::broker::kafka {
namespace {

using std::chrono::milliseconds;
using testing::ElementsAre;
using testing::IsEmpty;

PartitionOffset At(std::int32_t number, std::int64_t offset) {
  return {{"t", number}, offset};
}

class CommitQueueTest : public testing::Test {
 protected:
  base::MonotonicTime now_{};
  CommitQueue queue_;
};

TEST_F(CommitQueueTest, PositionsAskedForBetweenRoundsTravelTogetherAndOnlyTheHighest) {
  queue_.Ask(At(0, 5));
  queue_.Ask(At(1, 7));
  queue_.Ask(At(0, 9));

  EXPECT_THAT(queue_.TakeRound(now_, false), ElementsAre(At(0, 9), At(1, 7)));
}

TEST_F(CommitQueueTest, OneRoundIsOnTheWayAtATime) {
  queue_.Ask(At(0, 5));
  queue_.TakeRound(now_, false);
  queue_.Ask(At(0, 6));

  EXPECT_THAT(queue_.TakeRound(now_, false), IsEmpty());
  queue_.EndRound(now_, {});
  EXPECT_THAT(queue_.TakeRound(now_, false), ElementsAre(At(0, 6)));
}

TEST_F(CommitQueueTest, APositionNeverGoesBack) {
  queue_.Ask(At(0, 5));
  queue_.TakeRound(now_, false);
  queue_.EndRound(now_, {});

  queue_.Ask(At(0, 4));

  EXPECT_THAT(queue_.TakeRound(now_, false), IsEmpty());
}

TEST_F(CommitQueueTest, AFailedPositionIsTriedAgainAfterAPauseUnlessAHigherOneWaits) {
  queue_.Ask(At(0, 5));
  queue_.Ask(At(1, 5));
  queue_.TakeRound(now_, false);
  queue_.Ask(At(1, 8));
  queue_.EndRound(now_, {At(0, 5), At(1, 5)});

  EXPECT_THAT(queue_.TakeRound(now_, false), IsEmpty());
  EXPECT_THAT(queue_.TakeRound(now_ + milliseconds(200), false), ElementsAre(At(0, 5), At(1, 8)));
}

TEST_F(CommitQueueTest, WhatIsGoneIsNotTriedAgain) {
  queue_.Ask(At(0, 5));
  queue_.TakeRound(now_, false);
  queue_.Forget({"t", 0});
  queue_.EndRound(now_, {At(0, 5)});

  EXPECT_THAT(queue_.TakeRound(now_ + milliseconds(500), false), IsEmpty());
  EXPECT_TRUE(queue_.idle());
}

TEST_F(CommitQueueTest, ARevokedPartitionDoesNotWait) {
  queue_.Ask(At(0, 5));
  queue_.TakeRound(now_, false);
  queue_.Ask(At(0, 6));

  EXPECT_THAT(queue_.TakeRound(now_, true), ElementsAre(At(0, 6)));
}

}  // namespace
}  // namespace platen::broker::kafka
