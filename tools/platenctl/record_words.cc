#include "tools/platenctl/record_words.h"

#include <algorithm>
#include <utility>

#include "libs/base/status.h"
#include "libs/event/enum_names.h"
#include "libs/event/timestamps.h"
#include "libs/service/config.h"
#include "libs/service/config_values.h"
#include "tools/platenctl/rule_words.h"
#include "tools/platenctl/words.h"

namespace platen::platenctl {
namespace {

using base::StrCat;
namespace ev = platen::event::v1;
namespace rules_v1 = platen::rules::v1;
using Strings = google::protobuf::RepeatedPtrField<std::string>;

std::string Joined(const Strings& values, std::string_view between) {
  std::string text;
  for (const std::string& value : values)
    text += (text.empty() ? "" : std::string(between)) + value;
  return text;
}

std::string DurationWords(const google::protobuf::Duration& duration) {
  return service::FormatDuration(event::FromProto(duration));
}

std::string MatcherWords(const rules_v1::Matcher& matcher) {
  std::string words = matcher.field();
  if (!matcher.is().empty()) words += " is " + Joined(matcher.is(), "|");
  if (!matcher.is_not().empty()) words += " is not " + Joined(matcher.is_not(), "|");
  return words;
}

std::string MatchWords(const google::protobuf::RepeatedPtrField<rules_v1::Match>& any_of) {
  std::string words;
  for (const rules_v1::Match& match : any_of) {
    std::string all;
    for (const rules_v1::Matcher& matcher : match.all_of()) {
      all += (all.empty() ? "" : " and ") + MatcherWords(matcher);
    }
    words += (words.empty() ? "" : ", or ") + all;
  }
  return words.empty() ? "everything but supplies" : words;
}

std::string RuleWords(const rules_v1::Rule& rule) {
  if (rule.off()) return "off";
  std::string words = rule.summary().empty() ? MatchWords(rule.any_of()) : rule.summary();
  if (rule.has_after()) words += "; after " + DurationWords(rule.after());
  if (rule.has_rate()) {
    words += StrCat("; more than ", rule.rate().more_than(), " in ");
    words += rule.rate().pages() == 0 ? DurationWords(rule.rate().window())
                                      : StrCat(rule.rate().pages(), " pages");
  }
  if (!rule.hours().empty()) words += "; hours " + rule.hours();
  words += " → " + (rule.receivers().empty() ? "nobody" : Joined(rule.receivers(), ", "));
  if (!rule.escalation().empty()) words += ", then " + rule.escalation();
  return words;
}

std::string SilenceWords(const rules_v1::Silence& silence) {
  std::string words = MatchWords(silence.any_of());
  if (silence.has_start_time()) words += ", from " + Time(silence.start_time());
  if (silence.has_end_time()) words += ", until " + Time(silence.end_time());
  if (!silence.calendar().empty()) words += ", while " + silence.calendar() + " is open";
  return words + ": " + silence.note();
}

std::string EscalationWords(const rules_v1::Escalation& escalation) {
  if (escalation.off()) return "off";
  std::string words;
  for (const auto& step : escalation.steps()) {
    words += StrCat(words.empty() ? "" : "; ",
                    "after ",
                    DurationWords(step.after()),
                    " → ",
                    Joined(step.receivers(), ", "));
  }
  if (escalation.has_repeat()) words += "; then every " + DurationWords(escalation.repeat());
  return words;
}

// Whether people may still be told of it later.
std::string SuppressionWords(const std::string& reason) {
  const bool is_final = reason == "below_rate" || reason == "ended_untold" || reason == "rule_gone";
  return (is_final ? "not told: " : "waits: ") + ReasonWords(reason);
}

std::string DecisionWords(const ev::AlertDecision& decision) {
  std::string words;
  switch (decision.action()) {
    case ev::AlertDecision::ACTION_ACKNOWLEDGED:
      words = "acknowledged until " + Time(decision.expire_time());
      break;
    case ev::AlertDecision::ACTION_ACKNOWLEDGEMENT_EXPIRED:
      words = "the acknowledgement ended, and it is open still";
      break;
    case ev::AlertDecision::ACTION_SILENCED:
      words = "waits: a silence keeps it quiet";
      break;
    case ev::AlertDecision::ACTION_ESCALATED:
      words = "passed on: nobody has acknowledged it";
      break;
    case ev::AlertDecision::ACTION_SUPPRESSED:
      words = SuppressionWords(decision.reason());
      break;
    case ev::AlertDecision::ACTION_REOPENED:
      words = "came back: people still think of it as open, and are not told again";
      break;
    case ev::AlertDecision::ACTION_REMINDED:
      words = "told again: it is open still";
      break;
    default:
      words = EnumWords(ev::AlertDecision::Action_Name(decision.action()), "ACTION_");
  }
  return decision.note().empty() ? words : StrCat(words, ": ", decision.note());
}

std::string TransitionWords(const ev::Alert& alert) {
  switch (alert.transition()) {
    case ev::ALERT_TRANSITION_RAISED:
      return "began: " + AlertWords(alert);
    case ev::ALERT_TRANSITION_ENDED:
      return "ended: " + EnumWords(ev::AlertEnd_Name(alert.end()), "ALERT_END_");
    default:
      return "changed: " + AlertWords(alert);
  }
}

std::string DelayWords(const ev::NotificationReport& report, const std::string& how) {
  std::string words = "not delivered yet to " + how;
  if (!report.rule().empty()) words += " (" + report.rule() + ")";
  if (report.attempts() > 0) words += StrCat(", try ", report.attempts(), " failed");
  if (!report.detail().empty()) words += ": " + report.detail();
  if (report.has_next_try_time()) words += "; next try at " + Time(report.next_try_time());
  return words;
}

// All of them where they are few.
std::string ReceiversOf(const ev::NotificationReport& report) {
  constexpr int kNamedMax = 10;
  std::string words = report.receiver();
  for (int i = 0; i < std::min(report.fellows_size(), kNamedMax - 1); ++i) {
    const ev::NotificationReport::Fellow& fellow = report.fellows(i);
    words += ", " + fellow.receiver();
    if (!fellow.rule().empty()) words += " (" + fellow.rule() + ")";
  }
  const int unnamed = report.fellows_size() - (kNamedMax - 1);
  return unnamed > 0 ? StrCat(words, " and ", unnamed, " more") : words;
}

std::string ReportWords(const ev::NotificationReport& report) {
  const std::string how = StrCat(
      ReceiversOf(report), " by ", report.channel().empty() ? "its channel" : report.channel());
  std::string words;
  switch (report.outcome()) {
    case ev::NotificationReport::OUTCOME_DELIVERED:
      words = "delivered to " + how;
      break;
    case ev::NotificationReport::OUTCOME_REFUSED:
      words = "refused by " + how;
      break;
    case ev::NotificationReport::OUTCOME_DELAYED:
      return DelayWords(report, how);
    default:
      words = "given up: " + how;
  }
  if (!report.rule().empty()) words += " (" + report.rule() + ")";
  if (report.attempts() > 1) words += StrCat(", at the ", report.attempts(), ". try");
  return report.detail().empty() ? words : StrCat(words, ": ", report.detail());
}

}  // namespace

std::string RecordWords(const rules_v1::Record& record) {
  switch (record.content_case()) {
    case rules_v1::Record::kRule:
      return RuleWords(record.rule());
    case rules_v1::Record::kSilence:
      return SilenceWords(record.silence());
    case rules_v1::Record::kAcknowledgement:
      return StrCat("until ",
                    Time(record.acknowledgement().expire_time()),
                    record.acknowledgement().note().empty() ? "" : ": ",
                    record.acknowledgement().note());
    case rules_v1::Record::kCalendar:
      return StrCat(record.calendar().spans_size(),
                    record.calendar().spans_size() == 1 ? " span of " : " spans of ",
                    record.calendar().time_zone());
    case rules_v1::Record::kInhibition:
      if (record.inhibition().off()) return "off";
      return StrCat(MatchWords(record.inhibition().source()),
                    " keeps quiet: ",
                    MatchWords(record.inhibition().target()));
    case rules_v1::Record::kEscalation:
      return EscalationWords(record.escalation());
    case rules_v1::Record::kRoster:
      return StrCat(Joined(record.roster().contacts(), ", "),
                    ", ",
                    record.roster().shift_days(),
                    record.roster().shift_days() == 1 ? " day each" : " days each");
    case rules_v1::Record::kContact:
      return Joined(record.contact().emails(), ", ");
    default:
      return "";
  }
}

std::string ToYaml(rules_v1::Record record) {
  record.clear_author();
  record.clear_set_time();
  rules_v1::RuleFile file;
  *file.add_records() = std::move(record);
  return service::PrintConfig(file, service::Unset::kLeftOut);
}

std::string AlertHistoryWords(const ev::Event& event) {
  if (event.has_alert()) return TransitionWords(event.alert());
  if (event.has_alert_decision()) return DecisionWords(event.alert_decision());
  return ReportWords(event.notification_report());
}

std::string AlertHistoryAuthor(const ev::Event& event) {
  return event.alert_decision().author();
}

}  // namespace platen::platenctl
