// Records that are read again by the process that has delivered them: Kafka was away, nothing could
// be committed, and the partition went and came back.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "services/notifier/core/deliver_core.h"
#include "services/notifier/core/deliver_core_fixture.h"

namespace platen::notifier::core {
namespace {

using std::chrono::minutes;
using std::chrono::seconds;
using testing::ElementsAre;
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

  static v1::Notification InGroup(const std::string& alert_id,
                                  v1::NotificationKind kind = v1::NOTIFICATION_KIND_RAISED) {
    v1::Notification notification = Message("desk", alert_id, kind);
    notification.mutable_group()->set_key("site/acme/hq");
    notification.mutable_group()->mutable_wait()->set_seconds(2);
    return notification;
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

TEST_F(DeliverRepeatsTest, WhatIsReadAgainWhileItIsBeingTriedWaitsForTheOutcome) {
  Read(7, Message("desk", "jam/1"));
  LoseAndRegainThePartition();
  Read(7, Message("desk", "jam/1"));
  Read(8, Message("desk", "jam/2"));
  EXPECT_THAT(Sending(), ElementsAre("desk jam/1", "desk jam/2"));

  Answer("desk", kDelivered);

  EXPECT_THAT(Sending(), ElementsAre("desk jam/2"));
  ASSERT_THAT(reports_, SizeIs(1));
  EXPECT_EQ(reports_[0].outcome(), NotificationReport::OUTCOME_DELIVERED);
  EXPECT_EQ(reports_[0].attempts(), 1u);
  EXPECT_EQ(committed_, 8);
}

TEST_F(DeliverRepeatsTest, WhatIsReadAgainWhileItIsBeingTriedIsSentWhereThatFails) {
  Read(7, Message("desk", "jam/1"));
  LoseAndRegainThePartition();
  Read(7, Message("desk", "jam/1"));
  ASSERT_THAT(sends_, SizeIs(1));

  Answer("desk", kAway);

  ASSERT_THAT(sends_, SizeIs(1));
  Answer("desk", kDelivered);
  EXPECT_THAT(reports_, SizeIs(1));
  EXPECT_EQ(committed_, 8);
}

TEST_F(DeliverRepeatsTest, AClearWaitsForATryOfItsRaiseThatIsUnderWay) {
  for (const SendResult& outcome : {kDelivered, kAway}) {
    Start();
    Read(1, Message("desk", "jam/1", v1::NOTIFICATION_KIND_RAISED));
    LoseAndRegainThePartition();
    Read(1, Message("desk", "jam/1", v1::NOTIFICATION_KIND_RAISED));
    Read(2, Message("desk", "jam/1", v1::NOTIFICATION_KIND_CLEARED));
    ASSERT_THAT(sends_, SizeIs(1));

    Answer("desk", outcome);

    ASSERT_THAT(sends_, SizeIs(1));
    EXPECT_EQ(sends_[0].notification->kind(),
              outcome.outcome == SendOutcome::kDelivered ? v1::NOTIFICATION_KIND_CLEARED
                                                         : v1::NOTIFICATION_KIND_RAISED);
  }
}

TEST_F(DeliverRepeatsTest, PartitionsThatGoAgainAndAgainLeaveOneTry) {
  for (int i = 0; i < 3; ++i) {
    Read(7, Message("desk", "jam/1"));
    LoseAndRegainThePartition();
  }
  Read(7, Message("desk", "jam/1"));
  ASSERT_THAT(sends_, SizeIs(1));

  Answer("desk", kDelivered);

  EXPECT_THAT(sends_, IsEmpty());
  EXPECT_EQ(committed_, 8);
}

TEST_F(DeliverRepeatsTest, WhatIsUnderWayToAReceiverThatIsNotNamedAnyMoreIsNotRefused) {
  Read(7, Message("desk", "jam/1"));
  LoseAndRegainThePartition();
  Read(7, Message("desk", "jam/1"));
  receivers_.erase("desk");
  Take(core_->SetReceivers(now_, receivers_, {}));
  Wait(minutes(11));
  EXPECT_THAT(reports_, IsEmpty());

  Answer("desk", kDelivered);

  ASSERT_THAT(reports_, SizeIs(1));
  EXPECT_EQ(reports_[0].outcome(), NotificationReport::OUTCOME_DELIVERED);
  EXPECT_THAT(dead_letters_, IsEmpty());
}

TEST_F(DeliverRepeatsTest, WhatWaitsForItsGroupWhileItIsDeliveredIsLeftOut) {
  Read(1, InGroup("jam/1"));
  Wait(seconds(2));
  LoseAndRegainThePartition();
  Read(1, InGroup("jam/1"));
  Read(2, InGroup("jam/2"));
  Answer("desk", kDelivered);

  Wait(seconds(2));

  EXPECT_THAT(Sending(), ElementsAre("desk jam/2"));
  EXPECT_EQ(sends_[0].notification->kind(), v1::NOTIFICATION_KIND_RAISED);
  Answer("desk", kDelivered);
  EXPECT_THAT(reports_, SizeIs(2));
  EXPECT_EQ(committed_, 3);
}

TEST_F(DeliverRepeatsTest, ADigestIsSentWithoutWhatATryUnderWayHasToldMeanwhile) {
  Read(1, InGroup("jam/1"));
  Read(2, InGroup("jam/2"));
  Wait(seconds(2));
  LoseAndRegainThePartition();
  for (int i = 1; i <= 4; ++i) Read(i, InGroup("jam/" + std::to_string(i)));
  Wait(seconds(2));
  Read(5, Message("desk", "jam/3", v1::NOTIFICATION_KIND_CLEARED));
  Read(6, Message("desk", "jam/1", v1::NOTIFICATION_KIND_CLEARED));
  ASSERT_THAT(sends_, SizeIs(1)) << "what is being told waits for that";

  Answer("desk", kDelivered);

  EXPECT_THAT(reports_, SizeIs(2));
  ASSERT_THAT(sends_, SizeIs(2));
  EXPECT_EQ(Sending()[0], "desk jam/1") << "its end: it is told";
  ASSERT_EQ(sends_[1].notification->members_size(), 2) << "and no end of jam/3";
  EXPECT_EQ(sends_[1].notification->members(0).alert_id(), "jam/3");
  EXPECT_EQ(sends_[1].notification->members(1).alert_id(), "jam/4");
  Answer("desk", kDelivered);
  Answer("desk", kDelivered);
  EXPECT_THAT(Sending(), ElementsAre("desk jam/3"));
  Answer("desk", kDelivered);
  EXPECT_THAT(reports_, SizeIs(6));
  EXPECT_EQ(committed_, 7);
}

TEST_F(DeliverRepeatsTest, ADigestWhoseTryUnderWayFailsIsSentWhole) {
  Read(1, InGroup("jam/1"));
  Read(2, InGroup("jam/2"));
  Wait(seconds(2));
  const std::string id = sends_[0].notification->id();
  LoseAndRegainThePartition();
  Read(1, InGroup("jam/1"));
  Read(2, InGroup("jam/2"));
  Wait(seconds(2));

  Answer("desk", kAway);

  ASSERT_THAT(sends_, SizeIs(1));
  EXPECT_EQ(sends_[0].notification->id(), id);
}

// What was parked goes as a digest at a start; its record may be read again all the same.
TEST_F(DeliverRepeatsTest, WhatStandsInADigestIsNotSentAloneBeside) {
  receivers_["desk"].digest_above = 1;
  Start();
  Read(1, Message("desk", "jam/1"));
  Read(2, Message("desk", "jam/2"));
  Answer("desk", kAway);
  for (int i = 0; i < 3; ++i) {
    Answer("desk", kAway);
    Wait(minutes(2));
  }
  ASSERT_THAT(parked_, SizeIs(2));
  Start();
  ASSERT_THAT(sends_, SizeIs(1));
  ASSERT_EQ(sends_[0].notification->members_size(), 2);

  Read(2, Message("desk", "jam/2"));
  Answer("desk", kDelivered);

  EXPECT_THAT(sends_, IsEmpty());
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
  LoseAndRegainThePartition();
  Answer("desk", kAway);

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
