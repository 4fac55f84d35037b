// rules replay: how many messages rules would have sent.
#include <algorithm>
#include <fstream>
#include <functional>
#include <map>
#include <memory>
#include <set>

#include <google/protobuf/struct.pb.h>

#include "libs/alerting/reason.h"
#include "libs/alerting/rehearsal.h"
#include "libs/alerting/tally.h"
#include "libs/base/status.h"
#include "libs/event/timestamps.h"
#include "libs/service/config_values.h"
#include "libs/service/rule_file.h"
#include "tools/platenctl/commands.h"
#include "tools/platenctl/output.h"
#include "tools/platenctl/rule_events.h"
#include "tools/platenctl/rule_words.h"
#include "tools/platenctl/rules_in_force.h"
#include "tools/platenctl/words.h"

namespace platen::platenctl {
namespace {

namespace fleet = platen::fleet::v1;
using event::v1::Event;

// One set of rules over all events.
struct Run {
  alerting::Tally tally;
  alerting::Rehearsal rehearsal{
      [this](base::WallTime now, const notifier::v1::Notification& message) {
        tally.Count(now, message);
      }};
};

// What was played.
struct Played {
  std::size_t events = 0;
  std::set<std::string> devices;
  base::WallTime begin;
  base::WallTime end;
};

using Records = std::vector<rules::v1::Record>;

absl::StatusOr<std::unique_ptr<Run>> MakeRun(const Records& records) {
  auto run = std::make_unique<Run>();
  PLATEN_RETURN_IF_ERROR(run->rehearsal.SetRules(records));
  return run;
}

// "30d" before now, or a time.
absl::StatusOr<base::WallTime> ReadSince(Session& session) {
  const std::string text = session.arguments.Get("since", "30d");
  if (const auto span = service::ParseDuration(text); span.ok()) {
    return session.clock.WallNow() - *span;
  }
  google::protobuf::Timestamp time;
  if (!ReadTime(session.arguments, "since", &time).ok()) {
    return UsageError("--since takes a span or a time: 30d, 12h, 2026-01-31");
  }
  return event::FromProto(time);
}

using OnEvent = std::function<void(const Event&, base::WallTime at)>;

// When the notifier may have read it: it is not kept waiting where the gateway is.
base::WallTime ReadAt(const Event& event, base::WallTime received) {
  return event.has_observation_time() ? event::FromProto(event.observation_time()) : received;
}

absl::Status ReadGateway(Session& session, base::WallTime since, const OnEvent& on_event) {
  fleet::ListAlertEventsRequest request;
  request.set_parent(WherePlace(session.arguments));
  request.set_page_size(1000);
  *request.mutable_start_time() = event::ToProto(since);
  do {
    fleet::ListAlertEventsResponse response;
    PLATEN_RETURN_IF_ERROR(session.gateway.Call([&](auto& stub, grpc::ClientContext& context) {
      return stub.ListAlertEvents(&context, request, &response);
    }));
    for (const fleet::DeviceHistoryRecord& record : response.records()) {
      on_event(record.event(), ReadAt(record.event(), event::FromProto(record.receipt_time())));
    }
    request.set_page_token(response.next_page_token());
  } while (!request.page_token().empty());
  return absl::OkStatus();
}

// A line of JSON each, in order.
absl::Status ReadLines(std::istream& in, base::WallTime since, const OnEvent& on_event) {
  std::string line;
  for (std::size_t number = 1; std::getline(in, line); ++number) {
    if (line.find_first_not_of(" \t\r") == std::string::npos) continue;
    const auto event = ParseAlertEvent(line);
    if (!event.ok()) {
      return base::Annotate(event.status(), base::StrCat("line ", number));
    }
    const base::WallTime at = ReadAt(*event, since);
    if (at >= since) on_event(*event, at);
  }
  return absl::OkStatus();
}

absl::Status ReadEvents(Session& session, base::WallTime since, const OnEvent& on_event) {
  if (!session.arguments.Has("events")) return ReadGateway(session, since, on_event);
  const std::string path = session.arguments.Get("events");
  if (path == "-") return ReadLines(session.in, since, on_event);
  std::ifstream file(path);
  if (!file) return base::NotFound("'", path, "' can't be read");
  return ReadLines(file, since, on_event);
}

using Key = std::tuple<std::string, std::string, std::string>;

Key KeyOf(const alerting::TallyRow& row) {
  return {row.receiver, row.rule, row.category};
}

// Rows of `run`, and after them what only `before` has, with what `before` sent.
std::vector<std::pair<alerting::TallyRow, std::size_t>> Compare(const Run& run, const Run* before) {
  std::map<Key, alerting::TallyRow> former;
  if (before != nullptr) {
    for (alerting::TallyRow& row : before->tally.Rows()) former[KeyOf(row)] = std::move(row);
  }
  std::vector<std::pair<alerting::TallyRow, std::size_t>> rows;
  for (alerting::TallyRow& row : run.tally.Rows()) {
    const auto found = former.extract(KeyOf(row));
    rows.emplace_back(std::move(row), found.empty() ? 0 : found.mapped().messages);
  }
  for (const auto& [key, row] : former) {
    rows.push_back(
        {{.receiver = row.receiver, .rule = row.rule, .category = row.category}, row.messages});
  }
  return rows;
}

std::string OrNone(const std::string& text) {
  return text.empty() ? "-" : text;
}

Table TableOf(const Run& run, const Run* before) {
  std::vector<Column> columns{{"RECEIVER"},
                              {"RULE"},
                              {"KIND"},
                              {"MESSAGES", Align::kRight},
                              {"BEGINNINGS", Align::kRight},
                              {"ENDS", Align::kRight},
                              {"OTHER", Align::kRight}};
  if (before != nullptr) columns.push_back({"NOW", Align::kRight});
  Table table(std::move(columns));
  for (const auto& [row, former] : Compare(run, before)) {
    std::vector<std::string> cells{row.receiver,
                                   OrNone(row.rule),
                                   row.category,
                                   Grouped(row.messages),
                                   Grouped(row.beginnings),
                                   Grouped(row.ends),
                                   Grouped(row.others)};
    if (before != nullptr) cells.push_back(Grouped(former));
    table.Add(std::move(cells));
  }
  return table;
}

double DaysOf(const Played& played) {
  return std::max(1.0, base::ToSeconds(played.end - played.begin) / 86'400);
}

// Why nobody was told, by how often.
std::string QuietWords(const Run& run) {
  constexpr std::pair<notifier::v1::DecisionReason, std::string_view> kQuiet[] = {
      {notifier::v1::DECISION_REASON_ENDED_UNTOLD, "over before anybody was to be told"},
      {notifier::v1::DECISION_REASON_STATUS_LINE, "lines of status"},
      {notifier::v1::DECISION_REASON_SEVERITY_OTHER, "without severity"},
      {notifier::v1::DECISION_REASON_NO_RECEIVER, "taken by no rule"},
      {notifier::v1::DECISION_REASON_BELOW_RATE, "not often enough"},
      {notifier::v1::DECISION_REASON_MALFORMED, "malformed"}};
  std::string words;
  for (const auto& [reason, said] : kQuiet) {
    const auto found = run.rehearsal.reasons().find(reason);
    if (found == run.rehearsal.reasons().end()) continue;
    words += base::StrCat(words.empty() ? "" : ", ", Grouped(found->second), " ", said);
  }
  return words;
}

void WriteSummary(const Run& run, const Run* before, const Played& played, Session& session) {
  const double days = DaysOf(played);
  const auto a_day = [&](std::size_t count) {
    return Grouped(static_cast<std::uint64_t>(static_cast<double>(count) / days + 0.5));
  };
  session.out << '\n'
              << Grouped(run.tally.messages()) << " messages, " << a_day(run.tally.messages())
              << " a day, of " << Grouped(played.events) << " events of "
              << Grouped(played.devices.size())
              << (played.devices.size() == 1 ? " device from " : " devices from ")
              << Time(event::ToProto(played.begin)) << " to " << Time(event::ToProto(played.end))
              << '\n';
  if (before != nullptr) {
    session.out << "now: " << Grouped(before->tally.messages()) << " messages, "
                << a_day(before->tally.messages()) << " a day\n";
  }
  if (const auto hour = run.tally.BusiestHour(); hour.messages > 0) {
    session.out << "busiest hour: " << Time(event::ToProto(hour.begin)) << ", "
                << Grouped(hour.messages) << " messages\n";
  }
  if (const auto device = run.tally.BusiestDevice(); device.beginnings > 0) {
    session.out << "busiest device: " << device.id << ", told " << Grouped(device.beginnings)
                << " times, last of: " << device.title << '\n';
  }
  if (const std::string quiet = QuietWords(run); !quiet.empty()) {
    session.out << "not told: " << quiet << '\n';
  }
}

void WriteJson(const Run& run, const Run* before, const Played& played, Session& session) {
  const auto text = [](const std::string& said) {
    google::protobuf::Value value;
    value.set_string_value(said);
    return value;
  };
  const auto number = [](std::size_t count) {
    google::protobuf::Value value;
    value.set_number_value(static_cast<double>(count));
    return value;
  };
  for (const auto& [row, former] : Compare(run, before)) {
    google::protobuf::Struct line;
    auto& fields = *line.mutable_fields();
    fields["receiver"] = text(row.receiver);
    fields["rule"] = text(row.rule);
    fields["category"] = text(row.category);
    fields["messages"] = number(row.messages);
    fields["beginnings"] = number(row.beginnings);
    fields["ends"] = number(row.ends);
    fields["others"] = number(row.others);
    if (before != nullptr) fields["now"] = number(former);
    session.out << ToJson(line) << '\n';
  }
  google::protobuf::Struct line;
  auto& fields = *line.mutable_fields();
  fields["messages"] = number(run.tally.messages());
  if (before != nullptr) fields["now"] = number(before->tally.messages());
  fields["events"] = number(played.events);
  fields["devices"] = number(played.devices.size());
  fields["startTime"] = text(Time(event::ToProto(played.begin)));
  fields["endTime"] = text(Time(event::ToProto(played.end)));
  fields["busiestHour"] = text(Time(event::ToProto(run.tally.BusiestHour().begin)));
  fields["busiestHourMessages"] = number(run.tally.BusiestHour().messages);
  fields["busiestDevice"] = text(run.tally.BusiestDevice().id);
  fields["busiestDeviceBeginnings"] = number(run.tally.BusiestDevice().beginnings);
  auto& reasons = *fields["reasons"].mutable_struct_value()->mutable_fields();
  for (const auto& [reason, count] : run.rehearsal.reasons()) {
    reasons[alerting::ReasonName(reason)] = number(count);
  }
  session.out << ToJson(line) << '\n';
}

absl::Status Replay(Session& session) {
  PLATEN_ASSIGN_OR_RETURN(const Format format, ReadFormat(session.arguments));
  PLATEN_ASSIGN_OR_RETURN(const base::WallTime since, ReadSince(session));
  PLATEN_ASSIGN_OR_RETURN(const Records in_force, RulesInForce(session));
  PLATEN_ASSIGN_OR_RETURN(const Records tried,
                          ReadRulesOver(in_force, session.arguments.operands().front()));
  PLATEN_ASSIGN_OR_RETURN(const auto run, MakeRun(tried));
  std::unique_ptr<Run> before;
  if (session.arguments.Has("compare")) {
    PLATEN_ASSIGN_OR_RETURN(const Records compared,
                            service::ReadRuleFile(session.arguments.Get("compare")));
    PLATEN_ASSIGN_OR_RETURN(before, MakeRun(compared));
  } else if (session.arguments.Has("over")) {
    PLATEN_ASSIGN_OR_RETURN(before, MakeRun(in_force));
  }
  Played played{.begin = since, .end = session.clock.WallNow()};
  PLATEN_RETURN_IF_ERROR(ReadEvents(session, since, [&](const Event& event, base::WallTime at) {
    ++played.events;
    played.devices.insert(event.device_id());
    run->rehearsal.Play(at, event);
    if (before != nullptr) before->rehearsal.Play(at, event);
  }));
  run->rehearsal.PlayUntil(played.end);
  if (before != nullptr) before->rehearsal.PlayUntil(played.end);
  if (format == Format::kJson) {
    WriteJson(*run, before.get(), played, session);
    return absl::OkStatus();
  }
  Write(TableOf(*run, before.get()), format, "no messages", session);
  if (format == Format::kTable) WriteSummary(*run, before.get(), played, session);
  return absl::OkStatus();
}

}  // namespace

Command RulesReplayCommand() {
  return {.name = "rules replay",
          .operands = "FILE",
          .help = "how many messages the rules of FILE would have sent, to whom, for what",
          .options = {{"since", "SPAN|TIME", "over what came since then; default 30d"},
                      kOverOption,
                      {"compare",
                       "FILE",
                       "beside the rules of this file; default with --over: what holds now"},
                      {"events",
                       "FILE|-",
                       "events from here, a line of JSON each, and not from the gateway"},
                      kTenantOption,
                      kSiteOption,
                      kOutputOption},
          .operands_min = 1,
          .operands_max = 1,
          .run = Replay,
          .works_offline = true};
}

}  // namespace platen::platenctl
