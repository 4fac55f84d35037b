#include "services/notifier/core/deliver_core.h"

#include <string>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "services/notifier/core/deliver_core_fixture.h"

namespace platen::notifier::core {
namespace {

using std::chrono::hours;
using std::chrono::seconds;
using testing::ElementsAre;
using testing::IsEmpty;
using testing::SizeIs;

TEST_F(DeliverCoreTest, CommitsOnceTheReceiverHasItAndTheReportIsWithKafka) {
  hold_kafka_ = true;
  Read(7, Message("desk", "jam/1"));
  EXPECT_EQ(committed_, 0);
  Answer("desk", kDelivered);
  EXPECT_EQ(committed_, 0);

  Acknowledge();

  EXPECT_EQ(committed_, 8);
  ASSERT_THAT(reports_, SizeIs(1));
  EXPECT_EQ(reports_[0].outcome(), NotificationReport::OUTCOME_DELIVERED);
  EXPECT_EQ(reports_[0].channel(), "email");
  EXPECT_EQ(reports_[0].attempts(), 1u);
  EXPECT_EQ(reports_[0].notification_id().size(), 32u);
}

TEST_F(DeliverCoreTest, HoldsTheClearBackUntilTheRaiseWasTaken) {
  Read(1, Message("desk", "jam/1", v1::NOTIFICATION_KIND_RAISED));
  Read(2, Message("desk", "jam/1", v1::NOTIFICATION_KIND_CLEARED));
  Read(3, Message("desk", "cover/1"));
  EXPECT_THAT(Sending(), ElementsAre("desk jam/1", "desk cover/1"));

  Answer("desk", kAway);
  Wait(seconds(1));
  EXPECT_THAT(Sending(), ElementsAre("desk cover/1"));
  Answer("desk", kDelivered);
  EXPECT_THAT(Sending(), ElementsAre("desk jam/1"));
  EXPECT_EQ(sends_[0].notification->kind(), v1::NOTIFICATION_KIND_RAISED);
  EXPECT_EQ(sends_[0].attempt, 2u);
  Answer("desk", kDelivered);

  ASSERT_THAT(sends_, SizeIs(1));
  EXPECT_EQ(sends_[0].notification->kind(), v1::NOTIFICATION_KIND_CLEARED);
}

TEST_F(DeliverCoreTest, ADeadReceiverHoldsNothingOpenForLong) {
  Read(1, Message("desk", "jam/1"));
  Read(2, Message("erp", "jam/1"));
  Answer("erp", kDelivered);
  EXPECT_EQ(committed_, 0);

  for (int i = 0; i < 3; ++i) {
    Answer("desk", kAway);
    Wait(seconds(10));
  }

  EXPECT_EQ(committed_, 3);
  EXPECT_THAT(parked_, SizeIs(1));
  Read(3, Message("desk", "cover/1"));
  EXPECT_EQ(committed_, 4) << "what comes for a receiver that is away is parked at once";
}

TEST_F(DeliverCoreTest, DeliversWhatIsParkedOnceTheReceiverIsBack) {
  Read(1, Message("desk", "jam/1"));
  Read(2, Message("desk", "cover/1"));
  for (int i = 0; i < 4; ++i) {  // Two fail at one moment, and count once.
    Answer("desk", kAway);
    Wait(seconds(20));
  }
  ASSERT_THAT(parked_, SizeIs(2));

  while (!sends_.empty()) Answer("desk", kDelivered);

  EXPECT_THAT(reports_, SizeIs(2));
  EXPECT_THAT(parked_, IsEmpty());
  EXPECT_EQ(core_->parked(), 0u);
}

TEST_F(DeliverCoreTest, RestoresWhatIsParkedBeforeWhatFollowsIt) {
  Read(1, Message("desk", "jam/1"));
  for (int i = 0; i < 3; ++i) {
    Answer("desk", kAway);
    Wait(seconds(20));
  }

  Start();
  Read(1, Message("desk", "jam/1"));
  EXPECT_EQ(committed_, 2) << "the copy is known by its id";
  Read(2, Message("desk", "jam/1", v1::NOTIFICATION_KIND_CLEARED));

  ASSERT_THAT(sends_, SizeIs(1));
  EXPECT_EQ(sends_[0].notification->kind(), v1::NOTIFICATION_KIND_RAISED);
  EXPECT_EQ(sends_[0].attempt, 4u);
}

TEST_F(DeliverCoreTest, ParkedUnderAnotherKeyThanItsIdIsSkippedAndNothingIsSaidOfIt) {
  v1::ParkedDelivery parked;
  *parked.mutable_notification() = Message("desk", "jam/1");
  core_->Assign(1);

  EXPECT_TRUE(absl::IsInvalidArgument(core_->OnRestored(1, "", "")));
  EXPECT_TRUE(absl::IsInvalidArgument(core_->OnRestored(1, "", parked.SerializeAsString())));
  EXPECT_TRUE(absl::IsInvalidArgument(core_->OnRestored(1, "0123", parked.SerializeAsString())));
  EXPECT_TRUE(core_->OnRestored(1, "", std::nullopt).ok());
  Take(core_->OnRestoreEnd(now_, 1));

  EXPECT_THAT(sends_, IsEmpty());
  EXPECT_THAT(parked_, IsEmpty());
  EXPECT_EQ(core_->queued(), 0u);
}

TEST_F(DeliverCoreTest, ParksWhatASlowReceiverWouldHoldOpen) {
  for (int i = 1; i <= 7; ++i) Read(i, Message("desk", "jam/" + std::to_string(i)));

  EXPECT_THAT(parked_, SizeIs(2));
  EXPECT_EQ(core_->queued(), 7u);
}

TEST_F(DeliverCoreTest, ParksNoClearWithoutItsRaise) {
  Read(1, Message("desk", "jam/1"));
  for (int i = 2; i <= 5; ++i) Read(i, Message("desk", "cover/" + std::to_string(i)));
  Read(6, Message("desk", "jam/1", v1::NOTIFICATION_KIND_CLEARED));
  ASSERT_THAT(parked_, SizeIs(2));

  Start();

  ASSERT_THAT(sends_, SizeIs(1));
  EXPECT_EQ(sends_[0].notification->kind(), v1::NOTIFICATION_KIND_RAISED);
}

TEST_F(DeliverCoreTest, GivesUpTheOldestWhereTooManyWait) {
  for (int i = 1; i <= 9; ++i) {
    Read(i,
         Message("desk",
                 i <= 8 ? "jam/1" : "cover/1",
                 i == 1 ? v1::NOTIFICATION_KIND_RAISED : static_cast<v1::NotificationKind>(i)));
  }

  EXPECT_EQ(core_->queued(), 8u);
  ASSERT_THAT(reports_, SizeIs(1));
  EXPECT_EQ(reports_[0].outcome(), NotificationReport::OUTCOME_EXPIRED);
  EXPECT_THAT(dead_letters_, ElementsAre("receiver-away"));
}

TEST_F(DeliverCoreTest, PutsRefusedMessagesAsideAndGoesOn) {
  Read(1, Message("desk", "jam/1"));
  Read(2, Message("desk", "jam/1", v1::NOTIFICATION_KIND_CLEARED));

  Answer("desk", kRefused);

  EXPECT_THAT(dead_letters_, ElementsAre("refused-by-receiver"));
  EXPECT_EQ(reports_.at(0).outcome(), NotificationReport::OUTCOME_REFUSED);
  EXPECT_EQ(committed_, 2);
  EXPECT_THAT(Sending(), ElementsAre("desk jam/1"));
}

TEST_F(DeliverCoreTest, GivesUpAfterDays) {
  Read(1, Message("desk", "jam/1"));
  Answer("desk", kAway);
  Wait(hours(73));

  Answer("desk", kAway);

  EXPECT_EQ(reports_.at(0).outcome(), NotificationReport::OUTCOME_EXPIRED);
  EXPECT_EQ(core_->queued(), 0u);
  EXPECT_EQ(committed_, 2);
}

TEST_F(DeliverCoreTest, DeliversOnceWhatWasSaidTwice) {
  Read(1, Message("desk", "jam/1"));
  Read(2, Message("desk", "jam/1"));
  Answer("desk", kDelivered);
  Read(3, Message("desk", "jam/1"));

  EXPECT_THAT(sends_, IsEmpty());
  EXPECT_THAT(reports_, SizeIs(1));
  EXPECT_EQ(committed_, 4);
}

TEST_F(DeliverCoreTest, PutsUndecodableRecordsAside) {
  Take(core_->OnRecord(now_, {.offset = 4, .value = "\xFF\xFF"}));

  EXPECT_THAT(dead_letters_, ElementsAre("undecodable"));
  EXPECT_EQ(committed_, 5);
}

TEST_F(DeliverCoreTest, DrainsBeforeItGivesAPartitionBack) {
  Read(1, Message("desk", "jam/1"));
  Read(2, Message("desk", "jam/1", v1::NOTIFICATION_KIND_CLEARED));

  core_->Drain(0);
  EXPECT_FALSE(core_->is_idle(0));
  Answer("desk", kDelivered);

  EXPECT_TRUE(core_->is_idle(0));
  EXPECT_THAT(sends_, IsEmpty()) << "the clear is the next owner's";
  EXPECT_EQ(committed_, 2);
}

TEST_F(DeliverCoreTest, LeavesTriesOfALostPartitionWithoutConsequence) {
  Read(1, Message("desk", "jam/1"));

  core_->Revoke(0);
  Answer("desk", kDelivered);

  EXPECT_THAT(reports_, IsEmpty());
  EXPECT_EQ(committed_, 0);
  EXPECT_EQ(core_->sending(), 0u);
}

TEST_F(DeliverCoreTest, AFailedTryOfADrainingPartitionIsLeftToTheNextOwner) {
  Read(1, Message("desk", "jam/1"));
  core_->Drain(0);

  Answer("desk", kAway);

  EXPECT_TRUE(core_->is_idle(0));
  EXPECT_EQ(core_->queued(), 0u);
  EXPECT_EQ(committed_, 0);
}

}  // namespace
}  // namespace platen::notifier::core
