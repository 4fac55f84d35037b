// What an alert's history says of a message that does not get through.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "libs/event/timestamps.h"
#include "services/notifier/core/deliver_core.h"
#include "services/notifier/core/deliver_core_fixture.h"

namespace platen::notifier::core {
namespace {

using std::chrono::minutes;
using std::chrono::seconds;
using testing::IsEmpty;
using testing::SizeIs;

class DeliverDelaysTest : public DeliverCoreTest {
 protected:
  static constexpr auto kBusy = [](const char* detail) {
    return SendResult{.outcome = SendOutcome::kRetry, .detail = detail};
  };

  void FailForLong(int tries) {
    for (int i = 0; i < tries; ++i) {
      Answer("desk", kBusy("connection refused"));
      Wait(minutes(2));
    }
  }

  static v1::Notification InGroup(const std::string& alert_id) {
    v1::Notification notification = Message("desk", alert_id);
    notification.mutable_group()->set_key("site/acme/hq");
    notification.mutable_group()->mutable_wait()->set_seconds(600);
    return notification;
  }
};

TEST_F(DeliverDelaysTest, AFirstTryThatFailsIsSaidWithItsReasonAndWhenTheNextOneIs) {
  Read(1, Message("desk", "jam/1"));
  Answer("desk", kBusy("connection refused"));

  ASSERT_THAT(delays_, SizeIs(1));
  EXPECT_EQ(delays_[0].alert_id(), "jam/1");
  EXPECT_EQ(delays_[0].receiver(), "desk");
  EXPECT_EQ(delays_[0].channel(), "email");
  EXPECT_EQ(delays_[0].attempts(), 1u);
  EXPECT_EQ(delays_[0].detail(), "connection refused");
  EXPECT_EQ(event::FromProto(delays_[0].next_try_time()), now_.wall + seconds(1));
  EXPECT_EQ(committed_, 0) << "it has not ended";
}

TEST_F(DeliverDelaysTest, WhatSucceedsAtOnceIsNotSaidToBeDelayed) {
  Read(1, Message("desk", "jam/1"));
  Answer("desk", kDelivered);
  EXPECT_THAT(delays_, IsEmpty());
}

TEST_F(DeliverDelaysTest, AMessageThatFailsForDaysIsSaidToBeDelayedTwice) {
  Read(1, Message("desk", "jam/1"));
  FailForLong(100);

  ASSERT_THAT(delays_, SizeIs(2));
  EXPECT_EQ(delays_[1].attempts(), 3u) << "as it is put aside";
  EXPECT_TRUE(delays_[1].has_next_try_time());
}

TEST_F(DeliverDelaysTest, WhatWaitsBehindAReceiverThatIsAwayIsSaidToWaitUntried) {
  Read(1, Message("desk", "jam/1"));
  FailForLong(3);
  delays_.clear();

  Read(2, Message("desk", "jam/2"));
  FailForLong(20);

  ASSERT_THAT(delays_, SizeIs(1));
  EXPECT_EQ(delays_[0].alert_id(), "jam/2");
  EXPECT_EQ(delays_[0].attempts(), 0u);
  EXPECT_EQ(delays_[0].detail(), "connection refused");
}

TEST_F(DeliverDelaysTest, ARestartDoesNotSayItAgain) {
  Read(1, Message("desk", "jam/1"));
  FailForLong(3);
  Read(2, Message("desk", "jam/2"));
  delays_.clear();

  for (int i = 0; i < 3; ++i) {
    Start();
    FailForLong(10);
  }

  EXPECT_THAT(delays_, IsEmpty());
}

TEST_F(DeliverDelaysTest, AStormThatIsHeldUpByItsOwnLengthIsNotSaidToBeDelayed) {
  options_.queued_max = 100;
  Start();
  for (int i = 1; i <= 30; ++i) Read(i, Message("desk", "jam/" + std::to_string(i)));
  ASSERT_GT(parked_.size(), 0u);
  EXPECT_THAT(delays_, IsEmpty());
}

TEST_F(DeliverDelaysTest, WhatWaitedForItsGroupIsSaidMemberByMemberAndNotAgainAfterARestart) {
  Read(1, InGroup("jam/1"));
  Read(2, InGroup("jam/2"));
  EXPECT_THAT(delays_, IsEmpty()) << "it waits as it should";
  Wait(minutes(10));
  Answer("desk", kBusy("connection refused"));
  ASSERT_THAT(delays_, SizeIs(2));
  EXPECT_EQ(delays_[0].alert_id(), "jam/1");
  EXPECT_EQ(delays_[1].alert_id(), "jam/2");
  Wait(minutes(2));
  FailForLong(10);
  EXPECT_THAT(delays_, SizeIs(4));
  delays_.clear();

  Start();
  Wait(minutes(10));
  FailForLong(10);
  EXPECT_THAT(delays_, IsEmpty());

  Answer("desk", kDelivered);
  EXPECT_THAT(reports_, SizeIs(2));
  EXPECT_THAT(parked_, IsEmpty());
  EXPECT_EQ(core_->parked(), 0u);
}

TEST_F(DeliverDelaysTest, WhatIsForAReceiverThatNobodyKnowsIsSaidToWaitForThat) {
  Read(1, Message("dsek", "jam/1"));
  ASSERT_THAT(delays_, SizeIs(1));
  EXPECT_EQ(delays_[0].receiver(), "dsek");
  EXPECT_EQ(delays_[0].detail(), "the configuration has no such receiver");
  EXPECT_FALSE(delays_[0].has_next_try_time());
}

TEST_F(DeliverDelaysTest, APartitionIsNotGivenBackBeforeKafkaHasWhatWasSaid) {
  hold_kafka_ = true;
  Read(1, Message("desk", "jam/1"));
  Answer("desk", kBusy("connection refused"));
  core_->Drain(0);
  EXPECT_FALSE(core_->is_idle(0));
  Acknowledge();
  EXPECT_TRUE(core_->is_idle(0));
}

}  // namespace
}  // namespace platen::notifier::core
