// Records that are read again by the process that has delivered them: Kafka was away, nothing could
// be committed, and the partition went and came back.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "services/notifier/core/deliver_core.h"
#include "services/notifier/core/deliver_core_fixture.h"

namespace platen::notifier::core {
namespace {

using std::chrono::seconds;
using testing::IsEmpty;
using testing::SizeIs;

class DeliverRepeatsTest : public DeliverCoreTest {
 protected:
  // The session ends and begins anew: everything that is not committed is read again.
  void LoseAndRegainThePartition() {
    core_->Revoke(0);
    core_->Assign(0);
    for (const auto& [key, value] : parked_) ASSERT_TRUE(core_->OnRestored(0, key, value).ok());
    Take(core_->OnRestoreEnd(now_, 0));
  }
};

TEST_F(DeliverRepeatsTest, WhatTheReceiverHasIsReportedAndNotSentAgain) {
  hold_kafka_ = true;
  Read(7, Message("desk", "jam/1"));
  Answer("desk", kDelivered);
  unacknowledged_.clear();  // What becomes of the report is not known.
  LoseAndRegainThePartition();

  Read(7, Message("desk", "jam/1"));

  EXPECT_THAT(sends_, IsEmpty());
  ASSERT_THAT(reports_, SizeIs(2));
  EXPECT_EQ(reports_[1].outcome(), NotificationReport::OUTCOME_DELIVERED);
  EXPECT_EQ(reports_[1].attempts(), 1u);
  EXPECT_EQ(committed_, 0);
  Acknowledge();
  EXPECT_EQ(committed_, 8);
}

TEST_F(DeliverRepeatsTest, AReportThatReachedKafkaMeanwhileIsNotSaidAgain) {
  hold_kafka_ = true;
  Read(7, Message("desk", "jam/1"));
  Answer("desk", kDelivered);
  LoseAndRegainThePartition();
  Acknowledge();
  EXPECT_EQ(committed_, 0) << "the partition was not ours when this was read";

  Read(7, Message("desk", "jam/1"));

  EXPECT_THAT(sends_, IsEmpty());
  EXPECT_THAT(reports_, SizeIs(1));
  EXPECT_EQ(committed_, 8);
}

TEST_F(DeliverRepeatsTest, ATryThatSucceedsAfterItsPartitionWentCounts) {
  Read(7, Message("desk", "jam/1"));
  LoseAndRegainThePartition();
  Answer("desk", kDelivered);

  Read(7, Message("desk", "jam/1"));

  EXPECT_THAT(sends_, IsEmpty());
  EXPECT_THAT(reports_, SizeIs(1));
  EXPECT_EQ(committed_, 8);
}

TEST_F(DeliverRepeatsTest, ATryThatFailsAfterItsPartitionWentIsRepeated) {
  Read(7, Message("desk", "jam/1"));
  LoseAndRegainThePartition();
  Answer("desk", kAway);

  Read(7, Message("desk", "jam/1"));

  ASSERT_THAT(sends_, SizeIs(1));
  EXPECT_EQ(sends_[0].attempt, 1u);
}

TEST_F(DeliverRepeatsTest, AParkedMessageWhoseEndWasNotWrittenIsNotSentAgain) {
  Read(1, Message("desk", "jam/1"));
  for (int i = 0; i < 3; ++i) {
    Answer("desk", kAway);
    Wait(seconds(20));
  }
  ASSERT_THAT(parked_, SizeIs(1));
  hold_kafka_ = true;
  Answer("desk", kDelivered);
  unacknowledged_.clear();

  LoseAndRegainThePartition();

  EXPECT_THAT(sends_, IsEmpty());
  Acknowledge();
  EXPECT_THAT(parked_, IsEmpty());
  EXPECT_EQ(core_->parked(), 0u);
}

TEST_F(DeliverRepeatsTest, AClearFollowsARaiseThatWasDeliveredBefore) {
  hold_kafka_ = true;
  Read(1, Message("desk", "jam/1", v1::NOTIFICATION_KIND_RAISED));
  Read(2, Message("desk", "jam/1", v1::NOTIFICATION_KIND_CLEARED));
  Answer("desk", kDelivered);
  sends_.clear();
  LoseAndRegainThePartition();

  Read(1, Message("desk", "jam/1", v1::NOTIFICATION_KIND_RAISED));
  Read(2, Message("desk", "jam/1", v1::NOTIFICATION_KIND_CLEARED));

  ASSERT_THAT(sends_, SizeIs(1));
  EXPECT_EQ(sends_[0].notification->kind(), v1::NOTIFICATION_KIND_CLEARED);
}

TEST_F(DeliverRepeatsTest, AnotherProcessSendsItAgainUnderTheSameId) {
  hold_kafka_ = true;
  Read(7, Message("desk", "jam/1"));
  const std::string id = sends_[0].notification->id();
  Answer("desk", kDelivered);

  Start();
  Read(7, Message("desk", "jam/1"));

  ASSERT_THAT(sends_, SizeIs(1));
  EXPECT_EQ(sends_[0].notification->id(), id);
}

}  // namespace
}  // namespace platen::notifier::core
