// What decide does with outages of sites, which deliver finds and tells; the two together are tried
// in notifier_steps_test.
#include "libs/alerting/outage_alert.h"

#include <map>
#include <optional>
#include <string>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "libs/alerting/decide_core.h"
#include "libs/alerting/site_message.h"
#include "libs/alerting/site_outages.h"
#include "libs/base/status.h"
#include "libs/event/timestamps.h"
#include "libs/rules/test_rules.h"

namespace platen::alerting {
namespace {

using event::v1::NotificationReport;
using notifier::v1::Notification;
using rules::RecordOf;
using std::chrono::hours;
using std::chrono::minutes;
using testing::ElementsAre;
using testing::IsEmpty;
using testing::UnorderedElementsAre;

const std::string kDevice(16, 'd');

// One partition and a Kafka that answers at once.
class OutageAlertTest : public testing::Test {
 protected:
  OutageAlertTest() { Start(); }

  void Start() {
    core_.emplace(DecideOptions());
    for (const auto& [name, record] : records_) Read(record);
    core_->Assign(0);
    for (const auto& [key, value] : states_) ASSERT_TRUE(core_->OnRestored(0, key, value).ok());
    Take(core_->OnRestoreEnd(now_, 0));
  }

  void Set(const rules::v1::Record& record) {
    records_[record.name()] = record;
    Read(record);
  }

  void Read(const rules::v1::Record& record) {
    DecideEffects effects;
    const auto status = core_->OnRule(now_, record.name(), record.SerializeAsString(), effects);
    ASSERT_TRUE(status.ok()) << status;
    Take(std::move(effects));
  }

  void Acknowledge(base::Duration ttl) {
    rules::v1::Record record =
        RecordOf(base::StrCat("tenants/acme/sites/hq/acknowledgements/",
                              base::DeviceId::FromBytes(kDevice)->ToHex(),
                              ".",
                              Beginning("desk").event().alert().alert_id()),
                 "author: 'alice' acknowledgement { instance: 1 note: 'fuse' }");
    *record.mutable_set_time() = event::ToProto(now_);
    *record.mutable_acknowledgement()->mutable_expire_time() = event::ToProto(now_ + ttl);
    Set(record);
  }

  static Notification Silence(const std::string& receiver) {
    Notification silence;
    silence.set_receiver(receiver);
    silence.set_rule("tenants/acme/rules/silent");
    silence.set_incident_id(std::string(16, 'i'));
    silence.mutable_group()->set_key("site/acme/hq/tenants/acme/rules/silent");
    silence.mutable_group()->mutable_site()->set_at_least(3);
    *silence.mutable_event() = rules::JamEvent("tenant: 'acme' site: 'hq'");
    silence.mutable_event()->set_device_id(kDevice);
    silence.mutable_event()->mutable_alert()->set_origin(event::v1::ALERT_ORIGIN_PLATEN);
    return silence;
  }

  static Notification Beginning(const std::string& receiver) {
    const Notification silence = Silence(receiver);
    return MakeSiteBeginning(kBegin, {&silence}, 3, "");
  }

  void Read(event::v1::Event event) {
    // As Voice does it.
    event.set_id((event.occurrence().instance().condition().substr(0, 14) +
                  std::to_string(event.body_case()))
                     .append(16, '.')
                     .substr(0, 16));
    Take(core_->OnRecord(now_, {.offset = ++offset_, .value = event.SerializeAsString()}));
  }

  void Begin(const std::string& receiver) { Read(ToOutageEvent(Beginning(receiver))); }

  void End(const std::string& receiver) {
    event::v1::Event event = ToOutageEvent(MakeSiteEnd(now_, Beginning(receiver), 0));
    event.mutable_occurrence()->mutable_instance()->set_condition("end of outage");
    Read(event);
  }

  void Report(const std::string& receiver,
              NotificationReport::Outcome outcome = NotificationReport::OUTCOME_DELIVERED) {
    const Notification beginning = Beginning(receiver);
    event::v1::Event event;
    event.set_tenant("acme");
    event.set_site("hq");
    event.set_device_id(kDevice);
    NotificationReport& report = *event.mutable_notification_report();
    report.set_alert_id(beginning.event().alert().alert_id());
    report.set_receiver(receiver);
    report.set_rule(beginning.rule());
    report.set_outcome(outcome);
    Read(event);
  }

  void Wait(base::Duration duration) {
    now_ += duration;
    Take(core_->OnTimer(now_));
  }

  void Take(DecideEffects effects) {
    for (const StateEffect& effect : effects.states) {
      if (effect.value.has_value()) {
        states_[effect.key] = *effect.value;
      } else {
        states_.erase(effect.key);
      }
      Take(core_->OnAcknowledged(effect.token));
    }
    for (const NotificationEffect& effect : effects.notifications) {
      said_.push_back(effect.keyed);
      Take(core_->OnAcknowledged(effect.token));
    }
    for (const DecisionEffect& effect : effects.decisions) {
      decisions_.push_back(effect.event.alert_decision());
      Take(core_->OnAcknowledged(effect.token));
    }
    for (const CommitEffect& effect : effects.commits) committed_ = effect.next;
    EXPECT_THAT(effects.dead_letters, IsEmpty());
  }

  // "ACKNOWLEDGED to desk", …
  std::vector<std::string> Said() {
    std::vector<std::string> said;
    for (const KeyedNotification& each : said_) {
      const auto& kind = notifier::v1::NotificationKind_Name(each.notification->kind());
      said.push_back(base::StrCat(kind.substr(18), " to ", each.notification->receiver()));
    }
    said_.clear();
    return said;
  }

  static constexpr base::WallTime kBegin = base::WallFromMillis(1'700'000'000'000);

  std::map<std::string, rules::v1::Record> records_{
      {"rules/all", RecordOf("rules/all", "rule { receivers: 'everybody' }")}};
  std::map<std::string, std::string> states_;
  std::vector<KeyedNotification> said_;
  std::vector<event::v1::AlertDecision> decisions_;
  base::WallTime now_ = kBegin + minutes(1);
  std::int64_t offset_ = 0;
  std::int64_t committed_ = 0;
  std::optional<DecideCore> core_;
};

TEST_F(OutageAlertTest, NoRuleTellsOfItForItIsToldAlready) {
  Begin("desk");
  Wait(hours(10));
  Report("desk");
  End("desk");
  EXPECT_THAT(Said(), IsEmpty());
  EXPECT_EQ(committed_, 4);
}

TEST_F(OutageAlertTest, WhoeverWasToldOfItIsToldWhoTakesCareOfIt) {
  Begin("desk");
  Begin("boss");
  Begin("erp");
  Report("desk");
  Report("boss");
  Report("erp", NotificationReport::OUTCOME_REFUSED);
  Acknowledge(hours(4));

  ASSERT_EQ(said_.size(), 2u);
  const Notification& told = *said_[0].notification;
  const Notification beginning = Beginning("desk");
  EXPECT_EQ(told.author(), "alice");
  EXPECT_EQ(told.note(), "fuse");
  EXPECT_EQ(told.incident_id(), beginning.incident_id()) << "in its thread";
  EXPECT_EQ(said_[0].key, "desk/" + beginning.group().key()) << "where the outage is known";
  EXPECT_THAT(Said(), UnorderedElementsAre("ACKNOWLEDGED to desk", "ACKNOWLEDGED to boss"));
  ASSERT_EQ(decisions_.size(), 1u);
  EXPECT_EQ(decisions_[0].alert_id(), beginning.event().alert().alert_id());
  EXPECT_EQ(decisions_[0].author(), "alice");
  EXPECT_TRUE(decisions_[0].has_expire_time());
}

TEST_F(OutageAlertTest, WhoeverIsToldOfItLaterIsToldThatToo) {
  Begin("desk");
  Report("desk");
  Acknowledge(hours(4));
  Said();
  Begin("boss");
  Report("boss");
  EXPECT_THAT(Said(), ElementsAre("ACKNOWLEDGED to boss"));
  Report("boss");
  EXPECT_THAT(Said(), IsEmpty());
}

TEST_F(OutageAlertTest, AnAcknowledgementThatExpiresIsSpokenOfAgainAlsoAfterARestart) {
  Begin("desk");
  Report("desk");
  Acknowledge(hours(4));
  Said();
  Start();
  Wait(hours(3));
  EXPECT_THAT(Said(), IsEmpty());
  Wait(hours(1));
  EXPECT_THAT(Said(), ElementsAre("REMINDED to desk"));
  Acknowledge(hours(4));
  EXPECT_THAT(Said(), ElementsAre("ACKNOWLEDGED to desk"));
}

TEST_F(OutageAlertTest, AnAcknowledgementThatWasTakenBackWhileNobodyLookedIsNone) {
  Begin("desk");
  Report("desk");
  Acknowledge(hours(4));
  Said();
  std::erase_if(records_, [](const auto& each) { return each.second.has_acknowledgement(); });
  Start();
  EXPECT_THAT(Said(), ElementsAre("REMINDED to desk"));
  Start();
  EXPECT_THAT(Said(), IsEmpty());
}

TEST_F(OutageAlertTest, WhatIsOverIsNotSpokenOfAgain) {
  Begin("desk");
  Report("desk");
  Acknowledge(hours(4));
  Said();
  End("desk");
  // Another receiver's, who was away.
  Begin("boss");
  Report("boss");
  Wait(hours(10));
  Acknowledge(hours(4));
  EXPECT_THAT(Said(), IsEmpty());
}

TEST_F(OutageAlertTest, KeepsNothingElseOfItsDeviceQuiet) {
  Set(RecordOf("inhibitions/silent",
               "inhibition { source { all_of { field: 'alert.origin' is: 'platen' } } "
               "target { all_of { field: 'alert.category' is: 'jam' } } }"));
  Begin("desk");
  event::v1::Event jam = rules::JamEvent("tenant: 'acme' site: 'hq'");
  jam.set_device_id(kDevice);
  Read(jam);
  EXPECT_THAT(Said(), ElementsAre("RAISED to everybody"));
}

TEST_F(OutageAlertTest, IsSaidInTheWordsOfItsBeginning) {
  Notification beginning = Beginning("contacts/alice");
  beginning.add_emails("alice@acme.test");
  Notification said;
  said.set_receiver("contacts/alice");
  said.set_kind(notifier::v1::NOTIFICATION_KIND_ACKNOWLEDGED);
  said.set_author("bob");
  said.set_title("as another receiver reads it");
  const Notification told = InWordsOf(beginning, said);
  EXPECT_EQ(told.kind(), notifier::v1::NOTIFICATION_KIND_ACKNOWLEDGED);
  EXPECT_EQ(told.author(), "bob");
  EXPECT_EQ(told.title(), beginning.title());
  EXPECT_THAT(told.emails(), ElementsAre("alice@acme.test"));
  EXPECT_EQ(told.event().alert().alert_id(), beginning.event().alert().alert_id());
}

TEST_F(OutageAlertTest, TheHistoryLearnsWhyNobodyWasToldOfADevice) {
  const event::v1::Event event = ToInhibitionEvent(Silence("desk"));
  EXPECT_EQ(event.alert_decision().reason(), "site_silent");
  EXPECT_EQ(event.alert_decision().alert_id(), "jam/1");
  EXPECT_EQ(event.device_id(), kDevice);
}

}  // namespace
}  // namespace platen::alerting
