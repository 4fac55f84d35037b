// rules test: what rules make of one alert.
#include <algorithm>
#include <fstream>
#include <iterator>
#include <optional>

#include <google/protobuf/struct.pb.h>

#include "libs/alerting/reason.h"
#include "libs/alerting/rehearsal.h"
#include "libs/alerting/words.h"
#include "libs/base/status.h"
#include "libs/event/timestamps.h"
#include "libs/rules/rule_book.h"
#include "tools/platenctl/commands.h"
#include "tools/platenctl/output.h"
#include "tools/platenctl/rule_events.h"
#include "tools/platenctl/rule_words.h"
#include "tools/platenctl/rules_in_force.h"
#include "tools/platenctl/words.h"

namespace platen::platenctl {
namespace {

using event::v1::AlertDecision;
using event::v1::Event;

// What escalations that repeat and hours that are far may come to.
constexpr base::Duration kHorizon = std::chrono::hours(24 * 7);
constexpr std::int64_t kStepsShown = 20;

// Something that happens to the alert while it stays open.
struct Step {
  base::WallTime at;
  // "beginning", "waits: it has to be open for longer".
  std::string what;
  // Name of a receiver; empty where nobody is told.
  std::string who;
  // Name of a rule, silence or inhibition.
  std::string by;
};

absl::StatusOr<std::string> ReadAll(const std::string& path, std::istream& in) {
  if (path == "-") return std::string(std::istreambuf_iterator<char>(in), {});
  std::ifstream file(path);
  if (!file) return base::NotFound("'", path, "' can't be read");
  return std::string(std::istreambuf_iterator<char>(file), {});
}

// Nothing where a message says it as well.
std::optional<Step> StepOf(base::WallTime now, const AlertDecision& decision) {
  const std::string why = ReasonWords(decision.reason());
  switch (decision.action()) {
    case AlertDecision::ACTION_SILENCED:
      return Step{now, "waits: " + why, "", decision.author()};
    case AlertDecision::ACTION_SUPPRESSED: {
      const bool is_final =
          decision.reason() == alerting::ReasonName(notifier::v1::DECISION_REASON_BELOW_RATE);
      return Step{now, (is_final ? "not told: " : "waits: ") + why, "", decision.author()};
    }
    default:
      return std::nullopt;
  }
}

struct Verdict {
  std::vector<rules::Taken> rules;
  std::vector<Step> steps;
  // How the event itself was decided.
  notifier::v1::DecisionReason reason = notifier::v1::DECISION_REASON_UNSPECIFIED;
};

absl::StatusOr<Verdict> Try(const Event& event,
                            base::WallTime at,
                            const std::vector<rules::v1::Record>& records,
                            const rules::RuleBook& book) {
  Verdict verdict{.rules = book.RulesFor(event, at)};
  alerting::Rehearsal rehearsal(
      [&](base::WallTime now, const notifier::v1::Notification& message) {
        verdict.steps.push_back({now, MessageWords(message), message.receiver(), message.rule()});
      },
      [&](base::WallTime now, const Event& decision) {
        if (auto step = StepOf(now, decision.alert_decision())) {
          verdict.steps.push_back(*std::move(step));
        }
      });
  PLATEN_RETURN_IF_ERROR(rehearsal.SetRules(records));
  rehearsal.Play(at, event);
  if (!rehearsal.reasons().empty()) verdict.reason = rehearsal.reasons().begin()->first;
  rehearsal.PlayUntil(at + kHorizon);
  return verdict;
}

google::protobuf::Value Text(const std::string& text) {
  google::protobuf::Value value;
  value.set_string_value(text);
  return value;
}

void WriteJson(const Event& event, base::WallTime at, const Verdict& verdict, Session& session) {
  google::protobuf::Struct answer;
  auto& fields = *answer.mutable_fields();
  fields["title"] = Text(alerting::Title(event));
  fields["time"] = Text(Time(event::ToProto(at)));
  fields["reason"] = Text(alerting::ReasonName(verdict.reason));
  auto& rules = *fields["rules"].mutable_list_value();
  for (const rules::Taken& taken : verdict.rules) {
    *rules.add_values() = Text(*taken.name);
  }
  auto& steps = *fields["steps"].mutable_list_value();
  for (const Step& step : verdict.steps) {
    auto& said = *steps.add_values()->mutable_struct_value()->mutable_fields();
    said["time"] = Text(Time(event::ToProto(step.at)));
    said["what"] = Text(step.what);
    if (!step.who.empty()) said["receiver"] = Text(step.who);
    said["by"] = Text(step.by);
  }
  session.out << ToJson(answer) << '\n';
}

void WriteWords(const Event& event,
                base::WallTime at,
                const Verdict& verdict,
                const rules::RuleBook& book,
                Session& session) {
  session.out << alerting::Title(event) << '\n'
              << "if it began at " << Time(event::ToProto(at))
              << " and stayed open, and nobody acknowledged it\n\n";
  for (const rules::Taken& taken : verdict.rules) {
    session.out << *taken.name << " takes it";
    if (!taken.rule->summary().empty()) session.out << ": " << taken.rule->summary();
    session.out << '\n';
  }
  if (verdict.rules.empty()) session.out << "no rule takes it\n";
  if (book.MayBeInhibited(event)) {
    session.out << "while something else is open on the device, an inhibition may keep it quiet\n";
  }
  session.out << '\n';
}

Table TableOf(base::WallTime at, const Verdict& verdict, std::size_t limit) {
  Table table({{"TIME"}, {"WHEN"}, {"WHAT", Align::kLeft, true}, {"WHO"}, {"BY"}});
  for (std::size_t i = 0; i < std::min(limit, verdict.steps.size()); ++i) {
    const Step& step = verdict.steps[i];
    table.Add({Time(event::ToProto(step.at)),
               AfterWords(step.at - at),
               step.what,
               step.who.empty() ? "nobody" : step.who,
               step.by});
  }
  return table;
}

absl::Status Run(Session& session) {
  PLATEN_ASSIGN_OR_RETURN(const Format format, ReadFormat(session.arguments));
  // In whole seconds, as all that is said below.
  base::WallTime at = std::chrono::floor<std::chrono::seconds>(session.clock.WallNow());
  google::protobuf::Timestamp asked;
  PLATEN_RETURN_IF_ERROR(ReadTime(session.arguments, "at", &asked));
  if (session.arguments.Has("at")) at = event::FromProto(asked);
  if (!session.arguments.Has("rules") && !session.arguments.Has("over")) {
    return UsageError("--rules FILE: by which rules? Or --over FILE: by those that hold now");
  }
  PLATEN_ASSIGN_OR_RETURN(auto records, RulesInForce(session));
  if (session.arguments.Has("rules")) {
    PLATEN_ASSIGN_OR_RETURN(records, ReadRulesOver(records, session.arguments.Get("rules")));
  }
  PLATEN_ASSIGN_OR_RETURN(const std::string text,
                          ReadAll(session.arguments.operands().front(), session.in));
  PLATEN_ASSIGN_OR_RETURN(const Event said, ParseAlertEvent(text));
  const Event event = BeginningOf(said, at);
  rules::RuleBook book;
  for (const rules::v1::Record& record : records) PLATEN_RETURN_IF_ERROR(book.Put(record));
  PLATEN_ASSIGN_OR_RETURN(const Verdict verdict, Try(event, at, records, book));
  for (const std::string& missing : book.Missing()) {
    session.err << "platenctl: nobody has set what a record names: " << missing << '\n';
  }
  if (format == Format::kJson) {
    WriteJson(event, at, verdict, session);
    return absl::OkStatus();
  }
  const auto limit = static_cast<std::size_t>(session.arguments.Number("limit", kStepsShown));
  if (format == Format::kTable) WriteWords(event, at, verdict, book, session);
  Write(TableOf(at, verdict, limit),
        format,
        "nobody is told: " + ReasonWords(verdict.reason),
        session);
  if (format == Format::kTable && verdict.steps.size() > limit) {
    session.out << "and so on: " << verdict.steps.size() - limit << " more within a week\n";
  }
  return absl::OkStatus();
}

}  // namespace

Command RulesTestCommand() {
  return {
      .name = "rules test",
      .operands = "EVENT|-",
      .help = "who would be told of an alert, when and as what; EVENT is a file, - standard input",
      .options = {{"rules", "FILE", "by the rules of this file"},
                  kOverOption,
                  {"at", "TIME", "as if it began then; default now"},
                  {"limit", "N", "at most N steps; default 20", 1, INT32_MAX},
                  kOutputOption},
      .operands_min = 1,
      .operands_max = 1,
      .run = Run,
      .works_offline = true};
}

}  // namespace platen::platenctl
