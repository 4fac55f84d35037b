// Receivers with a rate, and receivers that come back when much waits for them.
#include <string>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "services/notifier/core/deliver_core.h"
#include "services/notifier/core/deliver_core_fixture.h"

namespace platen::notifier::core {
namespace {

using std::chrono::hours;
using std::chrono::minutes;
using std::chrono::seconds;
using testing::Each;
using testing::ElementsAre;
using testing::IsEmpty;
using testing::Not;
using testing::SizeIs;

class DeliverReturnsTest : public DeliverCoreTest {
 protected:
  DeliverReturnsTest() {
    options_.queued_max = 100;
    receivers_["desk"].digest_above = 4;
    Start();
  }

  // `count` alarms for the desk, which is away, from offset 1.
  void AlarmsWhileAway(int count) {
    for (int i = 1; i <= count; ++i) Read(i, Message("desk", "jam/" + std::to_string(i)));
    for (int tries = 0; tries < 40; ++tries) {
      while (!sends_.empty()) Answer("desk", kAway);
      Wait(minutes(2));
    }
  }
};

TEST_F(DeliverReturnsTest, AStormGoesInDigestsAndNothingIsGivenUpForAReceiverThatIsWell) {
  options_.queued_max = 1000;
  Start();
  int next = 1;
  while (!core_->is_crowded()) {
    ASSERT_LE(next, 1000) << "somebody has to stop reading";
    Read(next, Message("desk", "jam/" + std::to_string(next)));
    ++next;
  }
  // The first ones are on their way, each for itself.
  EXPECT_THAT(sends_, SizeIs(8));
  EXPECT_THAT(dead_letters_, IsEmpty());
  Read(next, Message("desk", "jam/1", v1::NOTIFICATION_KIND_CLEARED));

  std::size_t sent = 0;
  std::size_t posts = 0;
  bool cleared = false;
  for (; !sends_.empty(); ++posts) {
    const v1::Notification message = *sends_.front().notification;
    sent += static_cast<std::size_t>(std::max(1, message.members_size()));
    EXPECT_FALSE(cleared) << "the end is the last of all";
    for (const v1::DigestMember& member : message.members()) {
      cleared = cleared || member.kind() == v1::NOTIFICATION_KIND_CLEARED;
    }
    Answer("desk", kDelivered);
  }
  EXPECT_EQ(sent, static_cast<std::size_t>(next));
  EXPECT_LT(posts, 40u);
  EXPECT_FALSE(core_->is_crowded());
  EXPECT_EQ(committed_, next + 1);
  EXPECT_THAT(reports_, SizeIs(next));
}

TEST_F(DeliverReturnsTest, MuchThatWaitsForAReceiverGoesAsOneDigestWhenItIsBack) {
  AlarmsWhileAway(9);
  Read(10, Message("desk", "jam/3", v1::NOTIFICATION_KIND_CLEARED));
  ASSERT_THAT(sends_, SizeIs(1)) << "one at a time, as it is away";
  EXPECT_THAT(parked_, SizeIs(10));

  Answer("desk", kDelivered);

  ASSERT_THAT(sends_, SizeIs(1));
  const v1::Notification digest = *sends_[0].notification;
  EXPECT_EQ(digest.kind(), v1::NOTIFICATION_KIND_DIGEST);
  ASSERT_EQ(digest.members_size(), 9);
  EXPECT_EQ(digest.members(8).kind(), v1::NOTIFICATION_KIND_CLEARED) << "in order";
  reports_.clear();
  Answer("desk", kDelivered);
  EXPECT_THAT(reports_, SizeIs(9)) << "each has its own report";
  EXPECT_THAT(parked_, IsEmpty());
  EXPECT_EQ(core_->parked(), 0u);
  EXPECT_EQ(committed_, 11);
}

TEST_F(DeliverReturnsTest, LittleThatWaitsGoesOneByOne) {
  AlarmsWhileAway(4);
  ASSERT_THAT(sends_, SizeIs(1));
  Answer("desk", kDelivered);
  EXPECT_THAT(sends_, SizeIs(3));
  EXPECT_EQ(sends_[0].notification->kind(), v1::NOTIFICATION_KIND_RAISED);
}

TEST_F(DeliverReturnsTest, AnEndNeverOvertakesTheDigestThatItsBeginningIsIn) {
  AlarmsWhileAway(9);
  Answer("desk", kDelivered);
  ASSERT_THAT(sends_, SizeIs(1));
  // While the digest fails and waits for its next try, an end and another alarm come.
  Answer("desk", kAway);
  Read(20, Message("desk", "jam/5", v1::NOTIFICATION_KIND_CLEARED));
  Wait(seconds(1));
  Read(21, Message("desk", "jam/99"));
  Wait(minutes(3));
  ASSERT_THAT(Sending(), Not(ElementsAre("desk jam/5"))) << "the end";
  for (int i = 0; i < 3 && sends_[0].notification->members().empty(); ++i) {
    Answer("desk", kDelivered);
  }
  ASSERT_EQ(sends_[0].notification->kind(), v1::NOTIFICATION_KIND_DIGEST);
  EXPECT_THAT(sends_,
              Each(testing::Field(
                  &SendEffect::notification,
                  testing::Pointee(testing::Property(
                      &v1::Notification::kind, testing::Ne(v1::NOTIFICATION_KIND_CLEARED))))));
  Answer("desk", kDelivered);
  ASSERT_FALSE(sends_.empty());
  EXPECT_EQ(sends_.back().notification->kind(), v1::NOTIFICATION_KIND_CLEARED);
}

TEST_F(DeliverReturnsTest, TheSameDigestGoesAgainAfterACrash) {
  AlarmsWhileAway(9);
  Answer("desk", kDelivered);
  const std::string id = sends_.at(0).notification->id();

  Start();  // The answer to the digest is lost with the process.

  ASSERT_THAT(sends_, SizeIs(1)) << "and no storm";
  EXPECT_EQ(sends_[0].notification->id(), id);
}

TEST_F(DeliverReturnsTest, AYoungMessageIsNotGivenUpWithAnOldOne) {
  AlarmsWhileAway(9);
  Wait(hours(70));
  while (!sends_.empty()) Answer("desk", kAway);
  Read(30, Message("desk", "jam/30"));
  Read(31, Message("desk", "jam/31"));
  Wait(minutes(2));
  Answer("desk", kDelivered);
  ASSERT_EQ(sends_.at(0).notification->kind(), v1::NOTIFICATION_KIND_DIGEST);
  Wait(hours(2));
  Answer("desk", kAway);
  EXPECT_THAT(dead_letters_, IsEmpty());
}

TEST_F(DeliverReturnsTest, WhatWaitsForAReceiverThatIsNamedAgainGoesTogether) {
  TermsByReceiver without = receivers_;
  without.erase("desk");
  Take(core_->SetReceivers(now_, without, {}));
  for (int i = 1; i <= 9; ++i) Read(i, Message("desk", "jam/" + std::to_string(i)));
  EXPECT_THAT(sends_, IsEmpty());
  Take(core_->SetReceivers(now_, receivers_, {"desk"}));
  ASSERT_THAT(sends_, SizeIs(1));
  EXPECT_EQ(sends_[0].notification->members_size(), 9);
}

TEST_F(DeliverReturnsTest, WhatExceedsAReceiversRateWaits) {
  receivers_["desk"].rate = ReceiverRate{.messages = 2, .per = seconds(60)};
  Start();
  for (int i = 1; i <= 4; ++i) Read(i, Message("desk", "jam/" + std::to_string(i)));
  Read(5, Message("erp", "jam/5"));
  EXPECT_THAT(Sending(), ElementsAre("desk jam/1", "desk jam/2", "erp jam/5"));
  Answer("desk", kDelivered);
  Answer("desk", kDelivered);
  EXPECT_THAT(Sending(), ElementsAre("erp jam/5")) << "nobody else waits for it";
  EXPECT_EQ(core_->held_by_rate(now_.monotonic), 2u);
  EXPECT_EQ(core_->next_wake(), now_.monotonic + seconds(30));

  Wait(seconds(29));
  EXPECT_THAT(Sending(), ElementsAre("erp jam/5"));
  Wait(seconds(1));
  EXPECT_THAT(Sending(), ElementsAre("erp jam/5", "desk jam/3"));
  Wait(seconds(30));
  EXPECT_THAT(Sending(), ElementsAre("erp jam/5", "desk jam/3", "desk jam/4"));
}

TEST_F(DeliverReturnsTest, ARateThatGoesLetsEverythingGo) {
  receivers_["desk"].rate = ReceiverRate{.messages = 1, .per = hours(1)};
  Start();
  for (int i = 1; i <= 3; ++i) Read(i, Message("desk", "jam/" + std::to_string(i)));
  EXPECT_THAT(sends_, SizeIs(1));
  receivers_["desk"].rate.reset();
  Take(core_->SetReceivers(now_, receivers_, {}));
  EXPECT_THAT(sends_, SizeIs(3));
}

}  // namespace
}  // namespace platen::notifier::core
