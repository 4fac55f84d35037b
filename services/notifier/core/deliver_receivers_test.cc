// Changes of the configuration while messages are on their way.
#include <string>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "services/notifier/core/deliver_core_fixture.h"

namespace platen::notifier::core {
namespace {

using std::chrono::minutes;
using std::chrono::seconds;
using testing::ElementsAre;
using testing::IsEmpty;
using testing::SizeIs;

class DeliverReceiversTest : public DeliverCoreTest {
 protected:
  void Name(const TermsByReceiver& receivers, const std::set<std::string>& changed = {}) {
    Take(core_->SetReceivers(now_, receivers, changed));
  }
};

TEST_F(DeliverReceiversTest, AMessageWaitsForAReceiverThatIsNotNamedYet) {
  Read(1, Message("new", "jam/1"));
  EXPECT_THAT(Sending(), IsEmpty());
  EXPECT_THAT(parked_, SizeIs(1));
  EXPECT_EQ(committed_, 2);

  Wait(minutes(9));
  Name({{"desk", {"email"}}, {"new", {"email"}}});

  EXPECT_THAT(Sending(), ElementsAre("new jam/1"));
  Answer("new", kDelivered);
  EXPECT_THAT(parked_, IsEmpty());
}

TEST_F(DeliverReceiversTest, AReceiverThatStaysUnnamedIsReported) {
  Read(1, Message("gone", "jam/1"));
  Wait(minutes(9));
  EXPECT_THAT(reports_, IsEmpty());

  Wait(minutes(1));

  EXPECT_EQ(reports_.at(0).outcome(), NotificationReport::OUTCOME_REFUSED);
  EXPECT_EQ(reports_.at(0).detail(), "the configuration has no such receiver");
  EXPECT_THAT(dead_letters_, ElementsAre("refused-by-receiver"));
  EXPECT_THAT(parked_, IsEmpty());
  EXPECT_EQ(core_->queued(), 0);
}

TEST_F(DeliverReceiversTest, ATryUnderWayCountsThoughItsReceiverIsTakenOut) {
  Read(1, Message("desk", "jam/1"));
  Read(2, Message("desk", "jam/1", v1::NOTIFICATION_KIND_CLEARED));

  Name({{"erp", {"webhook"}}});
  Wait(minutes(11));
  Answer("desk", kDelivered);

  ASSERT_THAT(reports_, SizeIs(2));
  EXPECT_EQ(reports_[0].outcome(), NotificationReport::OUTCOME_REFUSED);
  EXPECT_EQ(reports_[1].outcome(), NotificationReport::OUTCOME_DELIVERED);
  EXPECT_THAT(Sending(), IsEmpty());
  EXPECT_EQ(committed_, 3);
}

TEST_F(DeliverReceiversTest, ATryThatFailsAfterItsReceiverWasTakenOutEndsWithIt) {
  Read(1, Message("desk", "jam/1"));
  Name({{"erp", {"webhook"}}});
  Wait(minutes(11));

  Answer("desk", kAway);

  ASSERT_THAT(reports_, SizeIs(1));
  EXPECT_EQ(reports_[0].outcome(), NotificationReport::OUTCOME_REFUSED);
  EXPECT_THAT(parked_, IsEmpty());
}

TEST_F(DeliverReceiversTest, ATryUnderWayIsNotDoubledByAChange) {
  Read(1, Message("desk", "jam/1"));

  Name({{"desk", {"webhook"}}, {"erp", {"webhook"}}}, {"desk"});

  EXPECT_THAT(Sending(), ElementsAre("desk jam/1"));
  Answer("desk", kDelivered);
  EXPECT_THAT(Sending(), IsEmpty());
}

TEST_F(DeliverReceiversTest, AReceiverReachedInAnotherWayIsTriedAtOnce) {
  Read(1, Message("desk", "jam/1"));
  Read(2, Message("erp", "jam/1"));
  Answer("desk", {.outcome = SendOutcome::kRetry, .retry_after = minutes(30)});
  Answer("erp", {.outcome = SendOutcome::kRetry, .retry_after = minutes(30)});

  Name({{"desk", {"email"}}, {"erp", {"webhook"}}}, {"erp"});

  EXPECT_THAT(Sending(), ElementsAre("erp jam/1"));
}

TEST_F(DeliverReceiversTest, APartitionGivenBackTakesItsUnnamedReceiversMessagesAlong) {
  Read(1, Message("new", "jam/1"));

  core_->Drain(0);
  EXPECT_TRUE(core_->is_idle(0));
  core_->Revoke(0);
  Wait(minutes(11));

  EXPECT_THAT(reports_, IsEmpty());
  EXPECT_THAT(parked_, SizeIs(1)) << "the next owner finds it";
}

}  // namespace
}  // namespace platen::notifier::core
