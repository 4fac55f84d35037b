#include "libs/alerting/decide.h"

#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "libs/alerting/reason.h"

namespace platen::alerting {
namespace {

using event::v1::AlertEnd;
using event::v1::AlertTransition;
using event::v1::Event;

Event AlertEvent(AlertTransition transition, AlertEnd end = event::v1::ALERT_END_UNSPECIFIED) {
  Event event;
  event.set_id(std::string(16, transition == event::v1::ALERT_TRANSITION_ENDED ? 'e' : 'r'));
  event.set_device_id(std::string(16, 'd'));
  event.set_term(5);
  event.mutable_observation_time()->set_seconds(1'000);
  event::v1::Alert& alert = *event.mutable_alert();
  alert.set_alert_id("jam/1");
  alert.set_instance(1);
  alert.set_transition(transition);
  alert.set_end(end);
  alert.set_code(8);
  alert.set_severity(event::v1::ALERT_SEVERITY_CRITICAL);
  return event;
}

Event Raise() {
  return AlertEvent(event::v1::ALERT_TRANSITION_RAISED);
}

Event End(AlertEnd end) {
  return AlertEvent(event::v1::ALERT_TRANSITION_ENDED, end);
}

AlertRecord OpenRecord() {
  AlertRecord record{.instance = 1, .round = 1, .open = true};
  record.raise_event = *base::EventId::FromBytes(std::string(16, '1'));
  record.observed_millis = 900'000;
  record.told = {{.name = "desk"}};
  return record;
}

AlertRecord ClosedRecord(AlertEnd end) {
  AlertRecord record = OpenRecord();
  record.open = false;
  record.end = end;
  record.end_event = *base::EventId::FromBytes(std::string(16, '2'));
  if (end == event::v1::ALERT_END_CLEARED) record.told.clear();
  return record;
}

struct Case {
  std::string name;
  Event event;
  const AlertRecord* known = nullptr;
  Verdict expected;
};

class DecideTest : public testing::Test {
 protected:
  const AlertRecord open_ = OpenRecord();
  const AlertRecord cleared_ = ClosedRecord(event::v1::ALERT_END_CLEARED);
  const AlertRecord withdrawn_ = ClosedRecord(event::v1::ALERT_END_WITHDRAWN);
  const AlertRecord superseded_ = ClosedRecord(event::v1::ALERT_END_SUPERSEDED);

  static void Check(const std::vector<Case>& cases) {
    for (const Case& test : cases) {
      const Verdict verdict = Decide({.event = test.event, .known = test.known, .device_term = 5});
      EXPECT_EQ(verdict.action, test.expected.action) << test.name;
      EXPECT_EQ(ReasonName(verdict.reason), ReasonName(test.expected.reason)) << test.name;
    }
  }
};

TEST_F(DecideTest, TellsOfBeginnings) {
  const Verdict told{Action::kBegin, notifier::v1::DECISION_REASON_RAISED};
  Check({
      {"of an unknown alert", Raise(), nullptr, told},
      {"whose raise was missed", AlertEvent(event::v1::ALERT_TRANSITION_CHANGED), nullptr, told},
      {"again, after people heard of its end", Raise(), &cleared_, told},
      {"again, after it was withdrawn", Raise(), &withdrawn_, told},
      {"not again, where a reboot only interrupted it",
       Raise(),
       &superseded_,
       {Action::kReopen, notifier::v1::DECISION_REASON_REOPENED}},
      {"not again, while it is open",
       Raise(),
       &open_,
       {Action::kIgnore, notifier::v1::DECISION_REASON_CHANGED}},
      {"not of a change",
       AlertEvent(event::v1::ALERT_TRANSITION_CHANGED),
       &open_,
       {Action::kRefresh, notifier::v1::DECISION_REASON_CHANGED}},
  });
}

TEST_F(DecideTest, TellsOfTheEndOnlyWhereItWasCleared) {
  Check({
      {"cleared",
       End(event::v1::ALERT_END_CLEARED),
       &open_,
       {Action::kTellCleared, notifier::v1::DECISION_REASON_CLEARED}},
      {"withdrawn",
       End(event::v1::ALERT_END_WITHDRAWN),
       &open_,
       {Action::kCloseSilently, notifier::v1::DECISION_REASON_WITHDRAWN}},
      {"superseded",
       End(event::v1::ALERT_END_SUPERSEDED),
       &open_,
       {Action::kCloseSilently, notifier::v1::DECISION_REASON_SUPERSEDED}},
      {"expired",
       End(event::v1::ALERT_END_EXPIRED),
       &open_,
       {Action::kCloseSilently, notifier::v1::DECISION_REASON_EXPIRED}},
      {"cleared, as it shows after it was withdrawn",
       End(event::v1::ALERT_END_CLEARED),
       &withdrawn_,
       {Action::kTellCleared, notifier::v1::DECISION_REASON_CLEARED}},
      {"cleared already",
       End(event::v1::ALERT_END_CLEARED),
       &cleared_,
       {Action::kIgnore, notifier::v1::DECISION_REASON_ALREADY_ENDED}},
  });
}

TEST_F(DecideTest, ToleratesAnEndBeforeItsBeginning) {
  AlertRecord ended{.instance = 1};
  ended.end = event::v1::ALERT_END_CLEARED;
  ended.observed_millis = 1'000'000;
  Event later = Raise();
  later.mutable_observation_time()->set_seconds(1'001);

  Check({
      {"the end",
       End(event::v1::ALERT_END_CLEARED),
       nullptr,
       {Action::kCloseSilently, notifier::v1::DECISION_REASON_END_BEFORE_RAISE}},
      {"its beginning",
       Raise(),
       &ended,
       {Action::kIgnore, notifier::v1::DECISION_REASON_ALREADY_ENDED}},
      {"a beginning that was observed later",
       later,
       &ended,
       {Action::kBegin, notifier::v1::DECISION_REASON_RAISED}},
  });
}

TEST_F(DecideTest, IgnoresWhatWasSeenBefore) {
  Event first = Raise();
  first.set_id(std::string(16, '1'));
  Event end = End(event::v1::ALERT_END_CLEARED);
  end.set_id(std::string(16, '2'));
  Event earlier = Raise();
  earlier.mutable_alert()->set_instance(0);

  Check({
      {"the raise", first, &open_, {Action::kIgnore, notifier::v1::DECISION_REASON_DUPLICATE}},
      {"the raise, after its end",
       first,
       &cleared_,
       {Action::kIgnore, notifier::v1::DECISION_REASON_DUPLICATE}},
      {"the end", end, &cleared_, {Action::kIgnore, notifier::v1::DECISION_REASON_DUPLICATE}},
      {"an earlier instance",
       earlier,
       &open_,
       {Action::kIgnore, notifier::v1::DECISION_REASON_EARLIER_INSTANCE}},
  });
}

TEST_F(DecideTest, ANewInstanceIsAnAlertOfItsOwn) {
  Event second = Raise();
  second.mutable_alert()->set_instance(2);
  Check({{"while the first is open",
          second,
          &open_,
          {Action::kBegin, notifier::v1::DECISION_REASON_RAISED}}});
}

TEST_F(DecideTest, IgnoresAnOwnerOfALowerTerm) {
  Event zombie = End(event::v1::ALERT_END_CLEARED);
  zombie.set_term(4);
  Event pushed = End(event::v1::ALERT_END_CLEARED);
  pushed.set_term(0);

  Check({
      {"who no longer owns it",
       zombie,
       &open_,
       {Action::kIgnore, notifier::v1::DECISION_REASON_LOWER_TERM}},
      {"but not the device itself",
       pushed,
       &open_,
       {Action::kTellCleared, notifier::v1::DECISION_REASON_CLEARED}},
  });
}

TEST_F(DecideTest, KeepsLinesOfStatusToItself) {
  Event ready = Raise();
  ready.mutable_alert()->set_code(507);
  Event other = Raise();
  other.mutable_alert()->set_severity(event::v1::ALERT_SEVERITY_OTHER);
  Event over = End(event::v1::ALERT_END_CLEARED);
  over.mutable_alert()->set_code(23);
  Event derived = Raise();
  derived.mutable_alert()->set_code(0);
  derived.mutable_alert()->set_severity(event::v1::ALERT_SEVERITY_UNSPECIFIED);

  Check({
      {"ready", ready, nullptr, {Action::kIgnore, notifier::v1::DECISION_REASON_STATUS_LINE}},
      {"neither", other, nullptr, {Action::kIgnore, notifier::v1::DECISION_REASON_SEVERITY_OTHER}},
      {"the end of a sleep",
       over,
       nullptr,
       {Action::kIgnore, notifier::v1::DECISION_REASON_STATUS_LINE}},
      {"but not what was derived without a code",
       derived,
       nullptr,
       {Action::kBegin, notifier::v1::DECISION_REASON_RAISED}},
  });
}

TEST_F(DecideTest, TellsNobodyWhereNoRuleNamesAReceiver) {
  const Event raise = Raise();
  const Verdict verdict = Decide({.event = raise, .is_taken = false});
  EXPECT_EQ(verdict, (Verdict{Action::kIgnore, notifier::v1::DECISION_REASON_NO_RECEIVER}));
}

TEST_F(DecideTest, PutsAsideWhatLacksItsIdentity) {
  const Verdict malformed{Action::kQuarantine, notifier::v1::DECISION_REASON_MALFORMED};
  Event no_device = Raise();
  no_device.set_device_id("short");
  Event no_alert_id = Raise();
  no_alert_id.mutable_alert()->clear_alert_id();
  Event long_alert_id = Raise();
  long_alert_id.mutable_alert()->set_alert_id(std::string(300, 'x'));
  Event no_transition = Raise();
  no_transition.mutable_alert()->clear_transition();
  Event beat;
  beat.mutable_heartbeat();

  Check({
      {"no device", no_device, nullptr, malformed},
      {"no alert id", no_alert_id, nullptr, malformed},
      {"an endless alert id", long_alert_id, nullptr, malformed},
      {"no transition", no_transition, nullptr, malformed},
      {"an end without a kind", End(event::v1::ALERT_END_UNSPECIFIED), nullptr, malformed},
      {"but not another kind of event",
       beat,
       nullptr,
       {Action::kIgnore, notifier::v1::DECISION_REASON_NOT_AN_ALERT}},
  });
}

}  // namespace
}  // namespace platen::alerting
