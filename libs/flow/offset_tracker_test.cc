#include "libs/flow/offset_tracker.h"

#include <gtest/gtest.h>

namespace platen::flow {
namespace {

TEST(OffsetTrackerTest, CommitsNothingWhileTheOldestIsOpen) {
  OffsetTracker tracker;
  for (const int offset : {5, 6, 7}) tracker.Begin(offset);

  tracker.End(6);
  tracker.End(7);

  EXPECT_EQ(tracker.TakeCommit(), std::nullopt);
  EXPECT_EQ(tracker.open(), 1u);
}

TEST(OffsetTrackerTest, CommitsOverTheContiguousPrefixOnceItsHoleEnds) {
  OffsetTracker tracker;
  for (const int offset : {5, 6, 7, 8}) tracker.Begin(offset);
  tracker.End(6);
  tracker.End(7);

  tracker.End(5);

  EXPECT_EQ(tracker.TakeCommit(), 8);
  EXPECT_EQ(tracker.TakeCommit(), std::nullopt);
}

TEST(OffsetTrackerTest, StepsOverOffsetsThatCompactionRemoved) {
  OffsetTracker tracker;
  tracker.Begin(10);
  tracker.Begin(90);

  tracker.End(10);
  EXPECT_EQ(tracker.TakeCommit(), 11);
  tracker.End(90);
  EXPECT_EQ(tracker.TakeCommit(), 91);
}

TEST(OffsetTrackerTest, IgnoresWhatIsNotOpen) {
  OffsetTracker tracker;
  tracker.Begin(1);

  tracker.End(4);
  tracker.End(1);
  tracker.End(1);

  EXPECT_EQ(tracker.open(), 0u);
  EXPECT_EQ(tracker.TakeCommit(), 2);
}

}  // namespace
}  // namespace platen::flow
