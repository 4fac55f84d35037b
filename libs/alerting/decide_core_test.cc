#include "libs/alerting/decide_core.h"

#include <map>
#include <string>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "libs/alerting/reason.h"

namespace platen::alerting {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

constexpr base::WallTime kNow = base::WallFromMillis(1'700'000'000'000);

event::v1::Event AlertEvent(const std::string& alert_id, event::v1::AlertTransition transition) {
  event::v1::Event event;
  event.set_id((alert_id + std::to_string(transition) + std::string(16, '.')).substr(0, 16));
  event.set_device_id(std::string(16, 'd'));
  event.set_term(1);
  event::v1::Alert& alert = *event.mutable_alert();
  alert.set_alert_id(alert_id);
  alert.set_instance(1);
  alert.set_transition(transition);
  if (transition == event::v1::ALERT_TRANSITION_ENDED) alert.set_end(event::v1::ALERT_END_CLEARED);
  return event;
}

event::v1::Event Raise(const std::string& alert_id) {
  return AlertEvent(alert_id, event::v1::ALERT_TRANSITION_RAISED);
}

event::v1::Event Clear(const std::string& alert_id) {
  return AlertEvent(alert_id, event::v1::ALERT_TRANSITION_ENDED);
}

rules::v1::Record RuleRecord() {
  rules::v1::Record record;
  record.set_name("rules/all");
  record.mutable_rule()->add_receivers("desk");
  record.mutable_rule()->add_receivers("erp");
  return record;
}

// One partition, a Kafka that acknowledges when told to, and a record of what was said.
class DecideCoreTest : public testing::Test {
 protected:
  DecideCoreTest() { Start(); }

  // A new life of the process: everything in memory is gone, what Kafka has is read.
  void Start() {
    core_.emplace(DecideOptions{.alerts_per_device_max = 2});
    ASSERT_TRUE(core_->SetDefaults({rule_}).ok());
    unacknowledged_.clear();
    core_->Assign(0);
    for (const auto& [key, value] : kafka_states_) {
      ASSERT_TRUE(core_->OnRestored(0, key, value).ok());
    }
    Take(core_->OnRestoreEnd(now_, 0));
  }

  void Read(std::int64_t offset, const event::v1::Event& event) {
    Take(core_->OnRecord(now_, {.offset = offset, .value = event.SerializeAsString()}));
  }

  // Kafka acknowledges one record.
  void AcknowledgeOne() {
    const auto [token, write] = *unacknowledged_.begin();
    unacknowledged_.erase(unacknowledged_.begin());
    if (write.state.has_value()) {
      if (write.state->empty()) {
        kafka_states_.erase(write.key);
      } else {
        kafka_states_[write.key] = *write.state;
      }
    } else if (!write.said.empty()) {
      said_.push_back(write.said);
    }
    Take(core_->OnAcknowledged(token));
  }

  void AcknowledgeAll() {
    while (!unacknowledged_.empty()) AcknowledgeOne();
  }

  std::string LastReason() const { return ReasonName(reasons_.back()); }

  std::map<std::string, std::string> kafka_states_;
  std::vector<std::string> said_;
  std::vector<notifier::v1::DecisionReason> reasons_;
  std::vector<event::v1::DeadLetter> dead_letters_;
  std::int64_t committed_ = 0;
  base::WallTime now_ = kNow;
  rules::v1::Record rule_ = RuleRecord();
  std::optional<DecideCore> core_;

  struct Write {
    std::string key;
    std::optional<std::string> state;
    std::string said;
  };

  std::map<Token, Write> unacknowledged_;

  void Take(const DecideEffects& effects) {
    for (const StateEffect& effect : effects.states) {
      unacknowledged_[effect.token] = {effect.key, effect.value.value_or(""), ""};
    }
    for (const NotificationEffect& effect : effects.notifications) {
      const notifier::v1::Notification& told = *effect.keyed.notification;
      unacknowledged_[effect.token].said =
          (told.kind() == notifier::v1::NOTIFICATION_KIND_RAISED ? "raised " : "cleared ") +
          told.event().alert().alert_id() + " to " + told.receiver();
    }
    for (const DeadLetterEffect& effect : effects.dead_letters) {
      dead_letters_.push_back(effect.letter);
      unacknowledged_[effect.token];
    }
    for (const CommitEffect& effect : effects.commits) committed_ = effect.next;
    reasons_.insert(reasons_.end(), effects.reasons.begin(), effects.reasons.end());
  }
};

TEST_F(DecideCoreTest, SaysNothingBeforeItsStateIsDurable) {
  Read(7, Raise("jam/1"));

  EXPECT_THAT(unacknowledged_, testing::SizeIs(1));
  EXPECT_TRUE(unacknowledged_.begin()->second.said.empty());
  AcknowledgeOne();
  EXPECT_THAT(unacknowledged_, testing::SizeIs(2));
  EXPECT_FALSE(unacknowledged_.begin()->second.said.empty());
}

TEST_F(DecideCoreTest, TellsEachReceiverOfBeginningAndEndInOrder) {
  Read(7, Raise("jam/1"));
  Read(8, Clear("jam/1"));
  AcknowledgeAll();

  EXPECT_THAT(said_,
              ElementsAre("raised jam/1 to desk",
                          "raised jam/1 to erp",
                          "cleared jam/1 to desk",
                          "cleared jam/1 to erp"));
  EXPECT_TRUE(core_->is_idle(0));
  EXPECT_EQ(core_->outbox_entries(), 0u);
}

TEST_F(DecideCoreTest, CommitsAnInputOnlyWhenItsNotificationsAreWithKafka) {
  Read(7, Raise("jam/1"));
  AcknowledgeOne();  // The state.
  AcknowledgeOne();  // One of two notifications.
  EXPECT_EQ(committed_, 0);

  AcknowledgeOne();

  EXPECT_EQ(committed_, 8);
}

TEST_F(DecideCoreTest, CommitsOverTheContiguousPrefixOnly) {
  Read(7, Raise("jam/1"));
  event::v1::Event beat;
  beat.mutable_heartbeat();
  Read(8, beat);
  EXPECT_EQ(LastReason(), "not_an_alert");
  EXPECT_EQ(committed_, 0);

  AcknowledgeAll();

  EXPECT_EQ(committed_, 9);
}

TEST_F(DecideCoreTest, LeavesNoOutboxInTheStateOnceEverythingIsSaid) {
  Read(7, Raise("jam/1"));
  AcknowledgeAll();

  notifier::v1::AlertState state;
  ASSERT_TRUE(state.ParseFromString(kafka_states_.begin()->second));
  EXPECT_EQ(state.outbox_size(), 0);
  EXPECT_EQ(state.phase(), notifier::v1::ALERT_PHASE_OPEN);
  EXPECT_EQ(state.next_input(), 8);
  EXPECT_THAT(state.told(), ElementsAre("desk", "erp"));
}

TEST_F(DecideCoreTest, SaysTheOutboxAgainAfterACrashAndDoesNotDecideAgain) {
  Read(7, Raise("jam/1"));
  AcknowledgeOne();  // The state is durable, nothing was said.

  Start();
  Read(7, Raise("jam/1"));
  EXPECT_EQ(LastReason(), "already_included");
  AcknowledgeAll();

  EXPECT_THAT(said_, ElementsAre("raised jam/1 to desk", "raised jam/1 to erp"));
}

TEST_F(DecideCoreTest, DecidesAgainWhereTheCrashCameBeforeTheState) {
  Read(7, Raise("jam/1"));

  Start();
  Read(7, Raise("jam/1"));
  AcknowledgeAll();

  EXPECT_THAT(said_, ElementsAre("raised jam/1 to desk", "raised jam/1 to erp"));
}

TEST_F(DecideCoreTest, RemembersTheTermOfADeviceAcrossACrash) {
  event::v1::Event raise = Raise("jam/1");
  raise.set_term(6);
  Read(7, raise);
  AcknowledgeAll();

  Start();
  event::v1::Event zombie = Clear("jam/1");
  zombie.set_term(5);
  Read(8, zombie);

  EXPECT_EQ(LastReason(), "lower_term");
}

TEST_F(DecideCoreTest, ANewOwnersCopyRaisesTheTermWithoutAWord) {
  Read(7, Raise("jam/1"));
  AcknowledgeAll();
  said_.clear();
  event::v1::Event copy = Raise("jam/1");
  copy.set_term(9);

  Read(8, copy);
  EXPECT_EQ(LastReason(), "duplicate");
  AcknowledgeAll();
  event::v1::Event zombie = Clear("jam/1");
  zombie.set_term(8);
  Read(9, zombie);

  EXPECT_EQ(LastReason(), "lower_term");
  EXPECT_THAT(said_, IsEmpty());
}

TEST_F(DecideCoreTest, ANewOwnersWordAboutWhatIsNotKeptRaisesTheTermForGood) {
  Read(7, Raise("jam/1"));
  AcknowledgeAll();
  event::v1::Event ready = Raise("ready/1");
  ready.mutable_alert()->set_code(507);
  ready.set_term(9);
  Read(8, ready);
  EXPECT_EQ(LastReason(), "status_line");
  event::v1::Event copy = Raise("jam/1");
  copy.set_term(9);
  Read(9, copy);
  AcknowledgeAll();
  EXPECT_EQ(committed_, 10);

  Start();
  event::v1::Event zombie = Clear("jam/1");
  zombie.set_term(8);
  Read(10, zombie);

  EXPECT_EQ(LastReason(), "lower_term");
}

TEST_F(DecideCoreTest, QuarantinesWhatCannotBeReadAndGoesOn) {
  Take(core_->OnRecord(now_, {.offset = 7, .value = "\xFF\xFF\xFF"}));
  Read(8, Raise("jam/1"));
  AcknowledgeAll();

  ASSERT_EQ(dead_letters_.size(), 1u);
  EXPECT_EQ(dead_letters_[0].reason(), "undecodable");
  EXPECT_EQ(dead_letters_[0].detail(), "no platen.event.v1.Event");
  EXPECT_EQ(dead_letters_[0].payload(), "\xFF\xFF\xFF");
  EXPECT_EQ(committed_, 9);
}

TEST_F(DecideCoreTest, BoundsTheAlertsOfADeviceAndForgetsEndedOnesFirst) {
  Read(1, Raise("a/1"));
  Read(2, Clear("a/1"));
  Read(3, Raise("b/1"));
  AcknowledgeAll();

  Read(4, Raise("c/1"));
  AcknowledgeAll();
  EXPECT_EQ(kafka_states_.size(), 2u);
  Read(5, Raise("d/1"));

  EXPECT_EQ(LastReason(), "too_many_alerts");
  EXPECT_EQ(dead_letters_.back().reason(), "too-many-alerts");
}

TEST_F(DecideCoreTest, ForgetsWhatEndedLongAgo) {
  Read(1, Raise("a/1"));
  Read(2, Clear("a/1"));
  Read(3, Raise("b/1"));
  AcknowledgeAll();

  Take(core_->OnTimer(kNow + std::chrono::hours(24 * 6)));
  EXPECT_THAT(unacknowledged_, IsEmpty());
  Take(core_->OnTimer(kNow + std::chrono::hours(24 * 8)));
  AcknowledgeAll();

  ASSERT_EQ(kafka_states_.size(), 1u);
  EXPECT_TRUE(kafka_states_.begin()->first.ends_with("/b/1"));
}

TEST_F(DecideCoreTest, KeepsTheStateThatIncludesMoreInput) {
  Read(7, Raise("jam/1"));
  const std::string key = unacknowledged_.begin()->second.key;
  const std::string older = *unacknowledged_.begin()->second.state;
  Read(8, Clear("jam/1"));
  AcknowledgeAll();
  const std::string newer = kafka_states_.at(key);

  core_.emplace(DecideOptions{});
  core_->Assign(0);
  ASSERT_TRUE(core_->OnRestored(0, key, newer).ok());
  ASSERT_TRUE(core_->OnRestored(0, key, older).ok());
  unacknowledged_.clear();
  Take(core_->OnRestoreEnd(now_, 0));

  EXPECT_THAT(unacknowledged_, IsEmpty()) << "the older record's outbox is not said again";
}

TEST_F(DecideCoreTest, IgnoresAcknowledgementsOfARevokedPartition) {
  Read(7, Raise("jam/1"));

  core_->Revoke(0);
  AcknowledgeAll();

  EXPECT_EQ(committed_, 0);
  EXPECT_TRUE(core_->is_idle(0));
}

// A crash after any number of acknowledgements, then the rest: everything is said at least once,
// and what each receiver first hears of is the beginning.
TEST_F(DecideCoreTest, LosesNothingWhereverItCrashes) {
  for (int steps = 0; steps < 12; ++steps) {
    kafka_states_.clear();
    said_.clear();
    committed_ = 0;
    Start();
    Read(1, Raise("jam/1"));
    Read(2, Clear("jam/1"));
    for (int i = 0; i < steps && !unacknowledged_.empty(); ++i) AcknowledgeOne();

    Start();
    if (committed_ < 2) Read(1, Raise("jam/1"));
    if (committed_ < 3) Read(2, Clear("jam/1"));
    AcknowledgeAll();

    for (const std::string receiver : {"desk", "erp"}) {
      const auto raised = std::find(said_.begin(), said_.end(), "raised jam/1 to " + receiver);
      const auto cleared = std::find(said_.begin(), said_.end(), "cleared jam/1 to " + receiver);
      EXPECT_NE(raised, said_.end()) << "crash after " << steps << " acknowledgements";
      EXPECT_NE(cleared, said_.end()) << "crash after " << steps << " acknowledgements";
      EXPECT_LT(raised, cleared) << "crash after " << steps << " acknowledgements";
    }
  }
}

}  // namespace
}  // namespace platen::alerting
