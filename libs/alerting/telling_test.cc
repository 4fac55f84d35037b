// What rules, time and people do to an alert, through DecideCore: each test says what happens and
// reads what people are told.
#include "libs/alerting/telling.h"

#include <map>
#include <string>
#include <vector>

#include <gmock/gmock.h>
#include <google/protobuf/text_format.h>
#include <gtest/gtest.h>

#include "libs/alerting/decide_core.h"
#include "libs/alerting/reason.h"
#include "libs/base/status.h"
#include "libs/event/timestamps.h"
#include "libs/rules/test_rules.h"

namespace platen::alerting {
namespace {

using std::chrono::hours;
using std::chrono::minutes;
using std::chrono::seconds;
using testing::ElementsAre;
using testing::IsEmpty;

// Monday, 23 November 2026, 12:00 UTC.
const base::WallTime kMonday{std::chrono::seconds(1795435200)};
constexpr const char* kJams = "any_of { all_of { field: 'alert.category' is: 'jam' } } ";

class TellingTest : public testing::Test {
 protected:
  TellingTest() { Start(); }

  // A new life of the process, with what Kafka has.
  void Start() {
    core_.emplace(DecideOptions{});
    DecideEffects effects;
    for (const auto& [name, value] : kafka_rules_) {
      ASSERT_TRUE(core_->OnRule(now_, name, value, effects).ok());
    }
    core_->Assign(0);
    for (const auto& [key, value] : kafka_states_) {
      ASSERT_TRUE(core_->OnRestored(0, key, value).ok());
    }
    Take(core_->OnRestoreEnd(now_, 0));
  }

  void Put(const std::string& name, const std::string& content) {
    rules::v1::Record record;
    ASSERT_TRUE(google::protobuf::TextFormat::ParseFromString(content, &record)) << content;
    record.set_name(name);
    *record.mutable_set_time() = event::ToProto(now_);
    kafka_rules_[name] = record.SerializeAsString();
    DecideEffects effects;
    const absl::Status status = core_->OnRule(now_, name, kafka_rules_[name], effects);
    ASSERT_TRUE(status.ok()) << status;
    Take(effects);
  }

  void Remove(const std::string& name) {
    kafka_rules_.erase(name);
    DecideEffects effects;
    ASSERT_TRUE(core_->OnRule(now_, name, std::nullopt, effects).ok());
    Take(effects);
  }

  // Time goes by; what is due on the way is looked at when it is due.
  void Wait(base::Duration duration) {
    const base::WallTime until = now_ + duration;
    for (auto wake = core_->next_wake(); wake.has_value() && *wake <= until;
         wake = core_->next_wake()) {
      now_ = std::max(now_, *wake);
      Take(core_->OnTimer(now_));
    }
    now_ = until;
    Take(core_->OnTimer(now_));
  }

  event::v1::Event AlertEvent(const std::string& id, event::v1::AlertTransition transition) {
    event::v1::Event event;
    event.set_id((std::to_string(++events_) + std::string(16, '.')).substr(0, 16));
    event.set_tenant("acme");
    event.set_site("hq");
    event.set_device_id(std::string(16, 'd'));
    *event.mutable_observation_time() = event::ToProto(now_);
    event::v1::Alert& alert = *event.mutable_alert();
    alert.set_alert_id(id);
    alert.set_instance(instances_[id]);
    alert.set_transition(transition);
    alert.set_code(8);
    const bool is_jam = id.starts_with("jam");
    alert.set_category(is_jam ? event::v1::ALERT_CATEGORY_JAM : event::v1::ALERT_CATEGORY_ERROR);
    alert.mutable_counters()->set_total(pages_);
    return event;
  }

  void Raise(const std::string& id) {
    ++instances_[id];
    Read(AlertEvent(id, event::v1::ALERT_TRANSITION_RAISED));
  }

  void End(const std::string& id, event::v1::AlertEnd end = event::v1::ALERT_END_CLEARED) {
    auto event = AlertEvent(id, event::v1::ALERT_TRANSITION_ENDED);
    event.mutable_alert()->set_end(end);
    Read(event);
  }

  void Read(const event::v1::Event& event) {
    Take(core_->OnRecord(now_, {.offset = next_offset_++, .value = event.SerializeAsString()}));
  }

  void Acknowledge(const std::string& id, base::Duration duration, std::uint64_t instance = 1) {
    Put("tenants/acme/sites/hq/acknowledgements/" + Hex() + "." + id,
        base::StrCat(
            "author: 'alice' acknowledgement { instance: ",
            instance,
            " note: 'on my way' expire_time { seconds: ",
            std::chrono::duration_cast<seconds>((now_ + duration).time_since_epoch()).count(),
            " } }"));
  }

  static std::string Hex() { return base::DeviceId::FromBytes(std::string(16, 'd'))->ToHex(); }

  // What was said since the last call.
  std::vector<std::string> Said() { return std::exchange(said_, {}); }

  std::vector<std::string> History() { return std::exchange(history_, {}); }

  std::string LastReason() const { return ReasonName(reasons_.back()); }

  // Whatever asks for Kafka is acknowledged at once.
  void Take(const DecideEffects& first) {
    std::vector<DecideEffects> left{first};
    while (!left.empty()) {
      const DecideEffects effects = left.front();
      left.erase(left.begin());
      reasons_.insert(reasons_.end(), effects.reasons.begin(), effects.reasons.end());
      for (const CommitEffect& effect : effects.commits) committed_ = effect.next;
      std::vector<Token> tokens;
      for (const StateEffect& effect : effects.states) {
        kafka_states_.erase(effect.key);
        if (effect.value.has_value()) kafka_states_[effect.key] = *effect.value;
        tokens.push_back(effect.token);
      }
      for (const NotificationEffect& effect : effects.notifications) {
        const notifier::v1::Notification& told = *effect.keyed.notification;
        std::string kind = notifier::v1::NotificationKind_Name(told.kind()).substr(18);
        said_.push_back(
            base::StrCat(kind, " ", told.event().alert().alert_id(), " to ", told.receiver()));
        EXPECT_TRUE(ids_.insert(told.id()).second) << said_.back();
        for (const std::string& email : told.emails()) said_.back() += " " + email;
        tokens.push_back(effect.token);
      }
      for (const DecisionEffect& effect : effects.decisions) {
        const auto& decision = effect.event.alert_decision();
        history_.push_back(event::v1::AlertDecision::Action_Name(decision.action()).substr(7) +
                           (decision.author().empty() ? "" : " by " + decision.author()) +
                           (decision.reason().empty() ? "" : ": " + decision.reason()));
        tokens.push_back(effect.token);
      }
      for (const Token token : tokens) left.push_back(core_->OnAcknowledged(token));
    }
  }

  base::WallTime now_ = kMonday;
  std::uint64_t pages_ = 1000;
  std::int64_t next_offset_ = 0;
  std::int64_t committed_ = 0;
  int events_ = 0;
  std::map<std::string, std::uint64_t> instances_;
  std::map<std::string, std::string> kafka_states_;
  std::map<std::string, std::string> kafka_rules_;
  std::vector<std::string> said_;
  std::vector<std::string> history_;
  std::vector<notifier::v1::DecisionReason> reasons_;
  std::set<std::string> ids_;
  std::optional<DecideCore> core_;
};

TEST_F(TellingTest, AnAlertThatIsOverBeforeItsTimeIsToldToNobody) {
  Put("rules/jams", std::string("rule { after { seconds: 600 } receivers: 'desk' ") + kJams + "}");
  Raise("jam/1");
  EXPECT_EQ(LastReason(), "waiting");
  Wait(minutes(9));
  End("jam/1");
  EXPECT_EQ(LastReason(), "ended_untold");
  Wait(hours(1));
  EXPECT_THAT(Said(), IsEmpty());
  EXPECT_THAT(History(), ElementsAre("SUPPRESSED by rules/jams: waiting"));
  EXPECT_EQ(committed_, 2);
}

TEST_F(TellingTest, OneThatIsStillOpenByThenIsTold) {
  Put("rules/jams", std::string("rule { after { seconds: 600 } receivers: 'desk' ") + kJams + "}");
  Raise("jam/1");
  Wait(minutes(10) - seconds(1));
  EXPECT_THAT(Said(), IsEmpty());
  Wait(seconds(1));
  EXPECT_THAT(Said(), ElementsAre("RAISED jam/1 to desk"));
  End("jam/1");
  EXPECT_THAT(Said(), ElementsAre("CLEARED jam/1 to desk"));
}

TEST_F(TellingTest, WhatIsToComeSurvivesACrash) {
  Put("rules/jams", std::string("rule { after { seconds: 600 } receivers: 'desk' ") + kJams + "}");
  Raise("jam/1");
  Wait(minutes(4));
  Start();
  Wait(minutes(5));
  EXPECT_THAT(Said(), IsEmpty());
  Wait(minutes(1));
  EXPECT_THAT(Said(), ElementsAre("RAISED jam/1 to desk"));
  Start();
  Wait(hours(1));
  EXPECT_THAT(Said(), IsEmpty());
}

TEST_F(TellingTest, WhatHappensTooOftenIsToldBeforeItsTime) {
  Put("rules/jams",
      std::string(
          "rule { after { seconds: 600 } rate { more_than: 2 pages: 1000 } receivers: 'desk' ") +
          kJams + "}");
  for (int i = 0; i < 2; ++i) {
    Raise("jam/1");
    Wait(minutes(1));
    End("jam/1");
    pages_ += 100;
  }
  EXPECT_THAT(Said(), IsEmpty());
  Raise("jam/2");
  EXPECT_THAT(Said(), ElementsAre("RAISED jam/2 to desk"));
}

TEST_F(TellingTest, ARateAloneTellsNobodyOfWhatIsRare) {
  Put("rules/jams",
      std::string("rule { rate { more_than: 1 window { seconds: 3600 } } receivers: 'desk' ") +
          kJams + "}");
  Raise("jam/1");
  EXPECT_EQ(LastReason(), "below_rate");
  Wait(hours(3));
  EXPECT_THAT(Said(), IsEmpty());
  Raise("jam/2");
  Raise("jam/3");
  EXPECT_THAT(Said(), ElementsAre("RAISED jam/3 to desk"));
}

TEST_F(TellingTest, OutsideItsHoursARuleWaitsForThem) {
  Put("calendars/office",
      "calendar { time_zone: 'UTC' spans { days: [DAY_MON, DAY_TUE] from: '08:00' to: '17:00' } }");
  Put("rules/all", "rule { hours: 'office' receivers: 'desk' }");
  Wait(hours(6));
  Raise("error/1");
  Raise("error/2");
  EXPECT_EQ(LastReason(), "outside_hours");
  Wait(hours(2));
  End("error/2");
  EXPECT_THAT(Said(), IsEmpty());
  Wait(hours(12));
  EXPECT_THAT(Said(), ElementsAre("RAISED error/1 to desk"));
}

TEST_F(TellingTest, ASilenceHoldsBackAndLetsGoAtItsEnd) {
  Put("rules/all", "rule { receivers: 'desk' }");
  Raise("jam/1");
  EXPECT_THAT(Said(), ElementsAre("RAISED jam/1 to desk"));
  Put("tenants/acme/silences/move",
      std::string("silence { note: 'moving' end_time { seconds: 1795442400 } ") + kJams + "}");
  Raise("jam/2");
  Raise("jam/3");
  EXPECT_EQ(LastReason(), "silenced");
  // Whoever was told of a beginning is told of its end.
  End("jam/1");
  EXPECT_THAT(Said(), ElementsAre("CLEARED jam/1 to desk"));
  End("jam/2");
  Wait(hours(2));
  EXPECT_THAT(Said(), ElementsAre("RAISED jam/3 to desk"));
  EXPECT_THAT(History(),
              ElementsAre("SILENCED by tenants/acme/silences/move: silenced",
                          "SILENCED by tenants/acme/silences/move: silenced"));
}

TEST_F(TellingTest, ASilenceThatIsTakenBackLetsGoAtOnceAlsoWhereNobodyWasThere) {
  Put("rules/all", "rule { receivers: 'desk' }");
  Put("silences/move",
      std::string("silence { note: 'x' end_time { seconds: 1795535200 } ") + kJams + "}");
  Raise("jam/1");
  Remove("silences/move");
  EXPECT_THAT(Said(), ElementsAre("RAISED jam/1 to desk"));

  Put("silences/move",
      std::string("silence { note: 'x' end_time { seconds: 1795535200 } ") + kJams + "}");
  Raise("jam/2");
  kafka_rules_.erase("silences/move");
  Start();
  Wait(seconds(1));
  EXPECT_THAT(Said(), ElementsAre("RAISED jam/2 to desk"));
}

TEST_F(TellingTest, WhatIsInhibitedIsToldWhenWhatInhibitsItIsOver) {
  Put("rules/all", "rule { receivers: 'desk' }");
  Put("inhibitions/broken", R"(inhibition {
    source { all_of { field: "alert.category" is: "error" } }
    target { all_of { field: "alert.category" is: "jam" } } })");
  Raise("error/1");
  Raise("jam/1");
  Raise("jam/2");
  EXPECT_EQ(LastReason(), "inhibited");
  EXPECT_THAT(Said(), ElementsAre("RAISED error/1 to desk"));
  End("jam/2");
  End("error/1");
  EXPECT_THAT(Said(), ElementsAre("CLEARED error/1 to desk", "RAISED jam/1 to desk"));
}

TEST_F(TellingTest, NobodyTakesCareSoItIsPassedOnAndPeopleAreReminded) {
  Put("contacts/bob", "contact { emails: 'bob@example.com' }");
  Put("escalations/up", R"(escalation {
    steps { after { seconds: 900 } receivers: ["contacts/bob", "desk"] }
    steps { after { seconds: 3600 } receivers: "boss" }
    repeat { seconds: 7200 } })");
  Put("rules/all", "rule { receivers: 'desk' escalation: 'up' }");
  Raise("error/1");
  EXPECT_THAT(Said(), ElementsAre("RAISED error/1 to desk"));
  Wait(minutes(15));
  EXPECT_THAT(Said(), ElementsAre("ESCALATED error/1 to contacts/bob bob@example.com"));
  Start();
  Wait(minutes(45));
  EXPECT_THAT(Said(), ElementsAre("ESCALATED error/1 to boss"));
  Wait(hours(2));
  EXPECT_THAT(Said(),
              ElementsAre("REMINDED error/1 to desk",
                          "REMINDED error/1 to contacts/bob bob@example.com",
                          "REMINDED error/1 to boss"));
  Wait(hours(2));
  EXPECT_EQ(Said().size(), 3u);
  End("error/1");
  EXPECT_THAT(Said(),
              ElementsAre("CLEARED error/1 to desk",
                          "CLEARED error/1 to contacts/bob bob@example.com",
                          "CLEARED error/1 to boss"));
  Wait(hours(24));
  EXPECT_THAT(Said(), IsEmpty());
}

TEST_F(TellingTest, SomebodyTakesCareUntilTheTimeIsOver) {
  Put("escalations/up", "escalation { steps { after { seconds: 900 } receivers: 'boss' } }");
  Put("rules/all", "rule { receivers: 'desk' escalation: 'up' }");
  Raise("error/1");
  Wait(minutes(5));
  Acknowledge("error/1", hours(2));
  EXPECT_THAT(Said(), ElementsAre("RAISED error/1 to desk", "ACKNOWLEDGED error/1 to desk"));
  EXPECT_THAT(History(), ElementsAre("ACKNOWLEDGED by alice"));
  // Read again after a restart it is the same acknowledgement.
  Start();
  Wait(hours(1));
  EXPECT_THAT(Said(), IsEmpty());
  History();
  Wait(hours(1));
  EXPECT_THAT(Said(), ElementsAre("REMINDED error/1 to desk", "ESCALATED error/1 to boss"));
  EXPECT_THAT(
      History(),
      ElementsAre(
          "ACKNOWLEDGEMENT_EXPIRED by alice", "REMINDED: reminded", "ESCALATED by up: escalated"));
}

TEST_F(TellingTest, AnAcknowledgementIsForOneInstanceOnlyAndMayBeTakenBack) {
  Put("rules/all", "rule { receivers: 'desk' }");
  Raise("jam/1");
  Acknowledge("jam/1", hours(2));
  EXPECT_THAT(Said(), ElementsAre("RAISED jam/1 to desk", "ACKNOWLEDGED jam/1 to desk"));
  Remove("tenants/acme/sites/hq/acknowledgements/" + Hex() + ".jam/1");
  EXPECT_THAT(Said(), ElementsAre("REMINDED jam/1 to desk"));
  Acknowledge("jam/1", hours(2));
  Said();
  End("jam/1");
  Raise("jam/1");
  EXPECT_THAT(Said(), ElementsAre("CLEARED jam/1 to desk", "RAISED jam/1 to desk"));
  Acknowledge("jam/1", hours(1), 1);
  EXPECT_THAT(Said(), IsEmpty());
}

TEST_F(TellingTest, SomebodyMayTakeCareBeforeWeHaveReadThatItBegan) {
  Put("rules/all", "rule { receivers: 'desk' }");
  Acknowledge("error/1", hours(2));
  EXPECT_THAT(History(), IsEmpty());
  Raise("error/1");
  EXPECT_THAT(Said(), IsEmpty());
  EXPECT_THAT(History(), ElementsAre("ACKNOWLEDGED by alice", "SUPPRESSED by alice: acknowledged"));
  Wait(hours(2));
  EXPECT_THAT(Said(), ElementsAre("RAISED error/1 to desk"));
}

TEST_F(TellingTest, WhatComesAndGoesIsToldOnceItHasBeenQuiet) {
  Put("rules/all",
      "rule { receivers: 'desk' damping { more_than: 2 window { seconds: 600 } quiet { seconds: "
      "1800 } } }");
  for (int i = 0; i < 5; ++i) {
    Raise("jam/1");
    Wait(minutes(1));
    End("jam/1");
    Wait(minutes(1));
  }
  EXPECT_THAT(Said(),
              ElementsAre("RAISED jam/1 to desk",
                          "CLEARED jam/1 to desk",
                          "RAISED jam/1 to desk",
                          "CLEARED jam/1 to desk"));
  Raise("jam/1");
  EXPECT_EQ(LastReason(), "flapping");
  Wait(minutes(29));
  EXPECT_THAT(Said(), IsEmpty());
  Wait(minutes(1));
  EXPECT_THAT(Said(), ElementsAre("RAISED jam/1 to desk"));
}

TEST_F(TellingTest, WhatComesBackUnderAnotherNumberIsTheSameThatComesAndGoes) {
  Put("rules/all", "rule { receivers: 'desk' damping { more_than: 2 window { seconds: 600 } } }");
  for (const char* id : {"jam/1", "jam/2", "jam/3"}) {
    Raise(id);
    Wait(minutes(1));
    End(id);
    Wait(minutes(1));
  }
  Raise("cover-open/1");
  EXPECT_THAT(Said(),
              ElementsAre("RAISED jam/1 to desk",
                          "CLEARED jam/1 to desk",
                          "RAISED jam/2 to desk",
                          "CLEARED jam/2 to desk",
                          "RAISED cover-open/1 to desk"));
}

TEST_F(TellingTest, ARuleThatGoesOnTellsBesidesTheOneThatDecides) {
  Put("rules/archive", "rule { order: -1 goes_on: true receivers: 'archive' }");
  Put("rules/jams",
      std::string("rule { after { seconds: 60 } receivers: ['desk', 'archive'] ") + kJams + "}");
  Raise("jam/1");
  EXPECT_THAT(Said(), ElementsAre("RAISED jam/1 to archive"));
  Wait(minutes(1));
  EXPECT_THAT(Said(), ElementsAre("RAISED jam/1 to desk"));
}

TEST_F(TellingTest, ARuleThatIsGoneByThenTellsNobody) {
  Put("rules/jams", std::string("rule { after { seconds: 600 } receivers: 'desk' ") + kJams + "}");
  Raise("jam/1");
  Remove("rules/jams");
  Wait(hours(1));
  EXPECT_THAT(Said(), IsEmpty());
  EXPECT_EQ(LastReason(), "rule_gone");
}

TEST_F(TellingTest, ARebootThatInterruptsStartsNothingAnew) {
  Put("rules/all", "rule { receivers: 'desk' }");
  Raise("jam/1");
  End("jam/1", event::v1::ALERT_END_SUPERSEDED);
  Wait(minutes(1));
  Read(AlertEvent("jam/1", event::v1::ALERT_TRANSITION_RAISED));
  EXPECT_EQ(LastReason(), "reopened");
  End("jam/1");
  EXPECT_THAT(Said(), ElementsAre("RAISED jam/1 to desk", "CLEARED jam/1 to desk"));
}

TEST_F(TellingTest, WhatRulesOfTheConfigurationSayHoldsUntilTheTopicSaysOtherwise) {
  rules::v1::Record everyone;
  everyone.set_name("rules/all");
  everyone.mutable_rule()->add_receivers("desk");
  ASSERT_TRUE(core_->SetDefaults({everyone}).ok());
  Raise("jam/1");
  Put("rules/all", "rule { receivers: 'boss' }");
  Raise("jam/2");
  everyone.mutable_rule()->set_receivers(0, "somebody");
  ASSERT_TRUE(core_->SetDefaults({everyone}).ok());
  Raise("jam/3");
  Remove("rules/all");
  Raise("jam/4");
  EXPECT_THAT(Said(),
              ElementsAre("RAISED jam/1 to desk",
                          "RAISED jam/2 to boss",
                          "RAISED jam/3 to boss",
                          "RAISED jam/4 to somebody"));
}

TEST_F(TellingTest, WhatTheTopicSaysHoldsAlsoWhereItIsWhatTheConfigurationSaid) {
  rules::v1::Record everyone = rules::RecordOf("rules/all", "rule { receivers: 'desk' }");
  ASSERT_TRUE(core_->SetDefaults({everyone}).ok());
  Put("rules/all", "rule { receivers: 'desk' }");
  everyone.mutable_rule()->set_receivers(0, "somebody");
  ASSERT_TRUE(core_->SetDefaults({everyone}).ok());
  Raise("jam/1");
  EXPECT_THAT(Said(), ElementsAre("RAISED jam/1 to desk"));
}

}  // namespace
}  // namespace platen::alerting
