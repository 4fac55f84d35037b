#include "libs/alerting/rehearsal.h"

#include <string>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "libs/alerting/tally.h"
#include "libs/base/status.h"
#include "libs/event/timestamps.h"
#include "libs/rules/test_rules.h"

namespace platen::alerting {
namespace {

using rules::RecordOf;
using std::chrono::minutes;
using testing::ElementsAre;
using testing::IsEmpty;

// Monday, 23 November 2026, 12:00 UTC.
const base::WallTime kMonday{std::chrono::seconds(1795435200)};

class RehearsalTest : public testing::Test {
 protected:
  void Rules(const std::vector<rules::v1::Record>& records) {
    ASSERT_TRUE(rehearsal_.SetRules(records).ok());
  }

  void Play(base::Duration after,
            const std::string& alert,
            event::v1::AlertTransition transition = event::v1::ALERT_TRANSITION_RAISED,
            char device = 'd',
            const std::string& more = "") {
    event::v1::Event event = rules::JamEvent(more);
    event.set_id((std::to_string(++events_) + std::string(16, '.')).substr(0, 16));
    event.set_device_id(std::string(16, device));
    *event.mutable_observation_time() = event::ToProto(kMonday + after);
    event.mutable_alert()->set_alert_id(alert);
    event.mutable_alert()->set_transition(transition);
    if (transition == event::v1::ALERT_TRANSITION_ENDED) {
      event.mutable_alert()->set_end(event::v1::ALERT_END_CLEARED);
    }
    rehearsal_.Play(kMonday + after, event);
  }

  std::vector<std::string> Said() { return std::exchange(said_, {}); }

  // "receiver rule category: messages, beginnings, ends, others".
  std::vector<std::string> Rows() const {
    std::vector<std::string> rows;
    for (const TallyRow& row : tally_.Rows()) {
      rows.push_back(base::StrCat(row.receiver,
                                  " ",
                                  row.rule,
                                  " ",
                                  row.category,
                                  ": ",
                                  row.messages,
                                  ", ",
                                  row.beginnings,
                                  ", ",
                                  row.ends,
                                  ", ",
                                  row.others));
    }
    return rows;
  }

  std::vector<std::string> said_;
  Tally tally_;
  int events_ = 0;
  Rehearsal rehearsal_{[this](base::WallTime now, const notifier::v1::Notification& message) {
    const auto kind = notifier::v1::NotificationKind_Name(message.kind());
    said_.push_back(base::StrCat("+",
                                 base::ToMillis(now - kMonday) / 60'000,
                                 "m ",
                                 kind.substr(std::string_view("NOTIFICATION_KIND_").size()),
                                 " to ",
                                 message.receiver()));
    tally_.Count(now, message);
  }};
};

TEST_F(RehearsalTest, TellsWhenTimeHasComeAndNotBefore) {
  Rules({RecordOf("rules/jam", "rule { after { seconds: 600 } receivers: 'desk' }")});
  Play(minutes(0), "jam/1");
  Play(minutes(5), "jam/2");
  Play(minutes(6), "jam/2", event::v1::ALERT_TRANSITION_ENDED);
  EXPECT_THAT(Said(), IsEmpty());
  rehearsal_.PlayUntil(kMonday + minutes(60));
  EXPECT_THAT(Said(), ElementsAre("+10m RAISED to desk"));
  Play(minutes(90), "jam/1", event::v1::ALERT_TRANSITION_ENDED);
  EXPECT_THAT(Said(), ElementsAre("+90m CLEARED to desk"));
}

TEST_F(RehearsalTest, WhatWaitsForOthersOfItsGroupIsOneMessage) {
  Rules({RecordOf("rules/site",
                  "rule { receivers: 'desk' group { by: GROUP_BY_SITE wait { seconds: 120 } } }")});
  Play(minutes(0), "jam/1", event::v1::ALERT_TRANSITION_RAISED, 'a');
  Play(minutes(1), "jam/1", event::v1::ALERT_TRANSITION_RAISED, 'b');
  rehearsal_.PlayUntil(kMonday + minutes(60));
  EXPECT_THAT(Said(), ElementsAre("+2m DIGEST to desk"));
  EXPECT_THAT(Rows(), ElementsAre("desk rules/site jam: 1, 2, 0, 0"));
}

TEST_F(RehearsalTest, EndsCountForTheRuleThatToldOfTheBeginning) {
  Rules({RecordOf("rules/all", "rule { receivers: 'desk' receivers: 'boss' goes_on: true }"),
         RecordOf("rules/other", "rule { order: 1 receivers: 'pager' escalation: 'up' }"),
         RecordOf("escalations/up",
                  "escalation { steps { after { seconds: 600 } receivers: 'chief' } }")});
  Play(minutes(0), "jam/1");
  Play(minutes(20), "jam/1", event::v1::ALERT_TRANSITION_ENDED);
  EXPECT_THAT(Rows(),
              ElementsAre("boss rules/all jam: 2, 1, 1, 0",
                          "chief rules/other jam: 2, 0, 1, 1",
                          "desk rules/all jam: 2, 1, 1, 0",
                          "pager rules/other jam: 2, 1, 1, 0"));
  EXPECT_EQ(tally_.BusiestHour().messages, 8u);
  EXPECT_EQ(tally_.BusiestHour().begin, kMonday);
  EXPECT_EQ(tally_.BusiestDevice().beginnings, 3u);
}

TEST_F(RehearsalTest, ASiteThatDoesNotAnswerIsOneMessageAndItsEndAnother) {
  Rules({RecordOf("rules/silent",
                  "rule { receivers: 'desk' site_silence { at_least: 3 } "
                  "group { by: GROUP_BY_SITE wait { seconds: 300 } } }")});
  const std::string silence =
      "alert { origin: ALERT_ORIGIN_PLATEN reason_keyword: 'timed-out' "
      "category: ALERT_CATEGORY_ALARM description: 'does not answer SNMP: it was asleep' }";
  for (const char device : {'a', 'b', 'c', 'd', 'e'}) {
    Play(minutes(0), "jam/1", event::v1::ALERT_TRANSITION_ENDED, device);
  }
  for (const char device : {'a', 'b', 'c'}) {
    Play(minutes(1), "unreachable/1", event::v1::ALERT_TRANSITION_RAISED, device, silence);
  }
  rehearsal_.PlayUntil(kMonday + minutes(60));
  EXPECT_THAT(Said(), ElementsAre("+6m RAISED to desk"));
  EXPECT_EQ(rehearsal_.reasons().at(notifier::v1::DECISION_REASON_SITE_SILENT), 3u);
  for (const char device : {'a', 'b', 'c'}) {
    Play(minutes(90), "unreachable/1", event::v1::ALERT_TRANSITION_ENDED, device, silence);
  }
  rehearsal_.PlayUntil(kMonday + minutes(91));
  EXPECT_THAT(Said(), ElementsAre("+90m CLEARED to desk"));
}

TEST_F(RehearsalTest, SaysWhyNobodyIsTold) {
  Rules({RecordOf("rules/jam", "rule { rate { more_than: 5 pages: 1000 } receivers: 'desk' }")});
  Play(minutes(0), "jam/1");
  EXPECT_THAT(Said(), IsEmpty());
  EXPECT_EQ(rehearsal_.reasons().at(notifier::v1::DECISION_REASON_BELOW_RATE), 1u);
}

}  // namespace
}  // namespace platen::alerting
