// Messages that go out as one, through DeliverCore.
#include <string>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "libs/event/timestamps.h"
#include "services/notifier/core/deliver_core.h"
#include "services/notifier/core/deliver_core_fixture.h"

namespace platen::notifier::core {
namespace {

using std::chrono::minutes;
using std::chrono::seconds;
using testing::ElementsAre;
using testing::IsEmpty;
using testing::SizeIs;

class DeliverGroupsTest : public DeliverCoreTest {
 protected:
  static v1::Notification InGroup(const std::string& alert_id,
                                  std::int64_t wait_seconds,
                                  v1::NotificationKind kind = v1::NOTIFICATION_KIND_RAISED) {
    v1::Notification notification = Message("desk", alert_id, kind);
    notification.set_title("[Acme/HQ] HL-L5100DN: " + alert_id);
    notification.mutable_group()->set_key("site/acme/hq");
    notification.mutable_group()->mutable_wait()->set_seconds(wait_seconds);
    return notification;
  }
};

TEST_F(DeliverGroupsTest, WhatWaitsTogetherGoesAsOneAndEndsForAll) {
  Read(1, InGroup("jam/1", 2));
  Read(2, InGroup("jam/2", 2));
  Read(3, InGroup("jam/1", 2, v1::NOTIFICATION_KIND_CLEARED));
  Read(4, Message("erp", "jam/1"));
  EXPECT_THAT(Sending(), ElementsAre("erp jam/1"));
  Answer("erp", kDelivered);
  EXPECT_EQ(core_->grouped(), 3u);
  Wait(seconds(2));
  ASSERT_THAT(sends_, SizeIs(1));
  EXPECT_EQ(sends_[0].notification->kind(), v1::NOTIFICATION_KIND_DIGEST);
  EXPECT_EQ(sends_[0].notification->title(), "[Acme/HQ] 1 printer: 2 alarms, 1 over");
  EXPECT_EQ(committed_, 0);
  reports_.clear();

  Answer("desk", kDelivered);

  EXPECT_EQ(committed_, 5);
  EXPECT_THAT(reports_, SizeIs(3));
  EXPECT_THAT(parked_, IsEmpty());
  EXPECT_EQ(core_->grouped(), 0u);
}

TEST_F(DeliverGroupsTest, OneThatStaysAloneGoesAsItself) {
  Read(1, InGroup("jam/1", 2));
  Wait(seconds(2));
  ASSERT_THAT(sends_, SizeIs(1));
  EXPECT_EQ(sends_[0].notification->kind(), v1::NOTIFICATION_KIND_RAISED);
  Answer("desk", kDelivered);
  EXPECT_EQ(committed_, 2);
}

TEST_F(DeliverGroupsTest, WhatWaitsForLongHoldsNoInputOpenAndSurvivesACrash) {
  Read(1, InGroup("jam/1", 600));
  Read(2, InGroup("jam/2", 600));
  EXPECT_EQ(committed_, 3);
  EXPECT_THAT(parked_, SizeIs(2));
  Wait(minutes(4));
  Start();
  EXPECT_THAT(sends_, IsEmpty());
  Wait(minutes(10));
  ASSERT_THAT(sends_, SizeIs(1));
  const std::string id = sends_[0].notification->id();
  // The answer is lost with the process: the same digest goes again.
  Start();
  Wait(minutes(10));
  ASSERT_THAT(sends_, SizeIs(1));
  EXPECT_EQ(sends_[0].notification->id(), id);
  Answer("desk", kDelivered);
  EXPECT_THAT(parked_, IsEmpty());
  EXPECT_THAT(reports_, SizeIs(2));
}

// Where notifiers come and go faster than a group waits, its messages are told all the same.
TEST_F(DeliverGroupsTest, AnotherNotifierLetsAGroupWaitForTheRestOnly) {
  v1::Notification notification = InGroup("jam/1", 600);
  *notification.mutable_decide_time() = event::ToProto(now_.wall);
  Read(1, notification);
  for (int i = 0; i < 9; ++i) {
    Wait(minutes(1));
    Start();
  }
  EXPECT_THAT(sends_, IsEmpty());
  Wait(minutes(1));
  EXPECT_THAT(sends_, SizeIs(1));
}

TEST_F(DeliverGroupsTest, ADigestThatIsRefusedIsOneDeadLetter) {
  Read(1, InGroup("jam/1", 2));
  Read(2, InGroup("jam/2", 2));
  Wait(seconds(2));
  Answer("desk", kRefused);
  EXPECT_THAT(dead_letters_, ElementsAre("refused-by-receiver"));
  EXPECT_THAT(reports_, SizeIs(2));
  EXPECT_EQ(committed_, 3);
}

TEST_F(DeliverGroupsTest, ADigestForAReceiverThatIsAwayIsParkedMemberByMember) {
  Read(1, InGroup("jam/1", 2));
  Read(2, InGroup("jam/2", 2));
  Wait(seconds(2));
  for (int i = 0; i < 3; ++i) {
    Answer("desk", kAway);
    Wait(minutes(2));
  }
  EXPECT_EQ(committed_, 3);
  EXPECT_THAT(parked_, SizeIs(2));
  Answer("desk", kDelivered);
  EXPECT_THAT(parked_, IsEmpty());
  EXPECT_EQ(core_->parked(), 0u);
}

TEST_F(DeliverGroupsTest, WhatIsReadTwiceIsInOneDigestOnce) {
  Read(1, InGroup("jam/1", 2));
  Read(2, InGroup("jam/1", 2));
  Read(3, InGroup("jam/2", 2));
  Wait(seconds(2));
  ASSERT_THAT(sends_, SizeIs(1));
  EXPECT_EQ(sends_[0].notification->members_size(), 2);
  Answer("desk", kDelivered);
  EXPECT_EQ(committed_, 4);
}

TEST_F(DeliverGroupsTest, APartitionThatIsGivenBackTakesWhatWaitsWithIt) {
  Read(1, InGroup("jam/1", 2));
  core_->Drain(0);
  EXPECT_TRUE(core_->is_idle(0));
  core_->Revoke(0);
  Wait(minutes(1));
  EXPECT_THAT(sends_, IsEmpty());
  // Read again by its next owner it is new.
  core_->Assign(0);
  Take(core_->OnRestoreEnd(now_, 0));
  Read(1, InGroup("jam/1", 2));
  Wait(seconds(2));
  EXPECT_THAT(sends_, SizeIs(1));
}

TEST_F(DeliverGroupsTest, ContactsAreReachedByWhateverStandsForThem) {
  Take(core_->SetReceivers(now_, {{"desk", {"email"}}, {std::string(kContacts), {"email"}}}, {}));
  Read(1, Message("contacts/alice", "jam/1"));
  EXPECT_THAT(Sending(), ElementsAre("contacts/alice jam/1"));
  Answer("contacts/alice", kDelivered);
  EXPECT_EQ(reports_.back().channel(), "email");
  // Without a channel they wait as for any receiver that is not named.
  Take(core_->SetReceivers(now_, {{"desk", {"email"}}}, {}));
  Read(2, Message("contacts/alice", "jam/2"));
  EXPECT_THAT(Sending(), IsEmpty());
}

}  // namespace
}  // namespace platen::notifier::core
