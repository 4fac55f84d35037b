#include "services/notifier/core/deliver_core.h"

#include <map>
#include <string>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "services/notifier/core/identity.h"

namespace platen::notifier::core {
namespace {

using event::v1::NotificationReport;
using std::chrono::hours;
using std::chrono::seconds;
using testing::ElementsAre;
using testing::IsEmpty;
using testing::SizeIs;

constexpr SendResult kDelivered{.outcome = SendOutcome::kDelivered};
constexpr SendResult kRefused{.outcome = SendOutcome::kRefused};
constexpr SendResult kAway{.outcome = SendOutcome::kRetry};

v1::Notification Message(const std::string& receiver,
                         const std::string& alert_id,
                         v1::NotificationKind kind = v1::NOTIFICATION_KIND_RAISED) {
  v1::Notification notification;
  const base::IncidentId incident = DeriveIncidentId({.alert_id = alert_id, .instance = 1});
  notification.set_incident_id(std::string(incident.bytes()));
  notification.set_receiver(receiver);
  notification.set_kind(kind);
  notification.set_id(std::string(DeriveNotificationId(receiver, incident, kind).bytes()));
  notification.mutable_event()->mutable_alert()->set_alert_id(alert_id);
  notification.mutable_event()->set_device_id(std::string(16, 'd'));
  return notification;
}

// One partition, receivers that answer when told to, a Kafka that acknowledges at once unless held.
class DeliverCoreTest : public testing::Test {
 protected:
  DeliverCoreTest() { Start(); }

  void Start() {
    sends_.clear();
    unacknowledged_.clear();
    core_.emplace(options_,
                  std::map<std::string, std::string>{{"desk", "email"}, {"erp", "webhook"}},
                  random_);
    core_->Assign(0);
    for (const auto& [key, value] : parked_) ASSERT_TRUE(core_->OnRestored(0, key, value).ok());
    Take(core_->OnRestoreEnd(now_, 0));
  }

  void Read(std::int64_t offset, const v1::Notification& notification) {
    const std::string value = notification.SerializeAsString();
    Take(core_->OnRecord(now_, {.offset = offset, .value = value}));
  }

  // The oldest try for `receiver` has this outcome.
  void Answer(const std::string& receiver, const SendResult& result) {
    for (auto send = sends_.begin(); send != sends_.end(); ++send) {
      if (send->notification->receiver() != receiver) continue;
      const Token token = send->token;
      sends_.erase(send);
      return Take(core_->OnResult(now_, token, result));
    }
    FAIL() << "nothing is being sent to " << receiver;
  }

  void Wait(base::Duration duration) {
    now_.monotonic += duration;
    now_.wall += duration;
    Take(core_->OnTimer(now_));
  }

  std::vector<std::string> Sending() const {
    std::vector<std::string> sending;
    for (const SendEffect& send : sends_) {
      sending.push_back(send.notification->receiver() + " " +
                        send.notification->event().alert().alert_id());
    }
    return sending;
  }

  void Acknowledge() {
    hold_kafka_ = false;
    while (!unacknowledged_.empty()) {
      const Token token = unacknowledged_.front();
      unacknowledged_.erase(unacknowledged_.begin());
      Take(core_->OnAcknowledged(token));
    }
  }

  void Take(const DeliverEffects& effects) {
    sends_.insert(sends_.end(), effects.sends.begin(), effects.sends.end());
    for (const ParkEffect& park : effects.parks) {
      if (park.parked.has_value()) {
        parked_[park.key] = park.parked->SerializeAsString();
      } else {
        parked_.erase(park.key);
      }
      unacknowledged_.push_back(park.token);
    }
    for (const ReportEffect& report : effects.reports) {
      reports_.push_back(report.event.notification_report());
      unacknowledged_.push_back(report.token);
    }
    for (const DeadLetterEffect& dead : effects.dead_letters) {
      dead_letters_.push_back(dead.letter.reason());
      unacknowledged_.push_back(dead.token);
    }
    for (const CommitEffect& commit : effects.commits) committed_ = commit.next;
    if (!hold_kafka_) Acknowledge();
  }

  DeliverOptions options_{
      .queue = {.backoff = {.first = seconds(1), .max = seconds(60), .jitter = 0}, .away_after = 3},
      .park_after = 3,
      .held_open_max = 5,
      .queued_max = 8};
  base::Random random_{1};
  Moment now_{.wall = base::WallFromMillis(1'700'000'000'000)};
  std::optional<DeliverCore> core_;
  std::vector<SendEffect> sends_;
  std::vector<Token> unacknowledged_;
  std::map<std::string, std::string> parked_;
  std::vector<NotificationReport> reports_;
  std::vector<std::string> dead_letters_;
  std::int64_t committed_ = 0;
  bool hold_kafka_ = false;
};

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

TEST_F(DeliverCoreTest, ReportsAReceiverThatIsNoLongerConfigured) {
  Read(1, Message("gone", "jam/1"));

  EXPECT_EQ(reports_.at(0).outcome(), NotificationReport::OUTCOME_REFUSED);
  EXPECT_THAT(dead_letters_, ElementsAre("refused-by-receiver"));
  EXPECT_EQ(committed_, 2);
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
