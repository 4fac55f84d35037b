// alerts ack, alerts unack, alerts silence, alerts unsilence, alerts explain.
#include <algorithm>
#include <map>
#include <set>

#include "libs/base/ids.h"
#include "libs/base/status.h"
#include "libs/event/timestamps.h"
#include "libs/rules/condition.h"
#include "libs/rules/record_name.h"
#include "libs/service/config_values.h"
#include "tools/platenctl/commands.h"
#include "tools/platenctl/matches.h"
#include "tools/platenctl/output.h"
#include "tools/platenctl/record_words.h"
#include "tools/platenctl/rule_events.h"
#include "tools/platenctl/words.h"

namespace platen::platenctl {
namespace {

namespace fleet = platen::fleet::v1;
namespace rules_v1 = platen::rules::v1;

constexpr OptionSpec kForOption = {"for", "TIME", "for how long: 30m, 4h, 2d; required"};

// How long --for says.
absl::StatusOr<base::Duration> ReadFor(const Arguments& arguments) {
  if (!arguments.Has("for")) return UsageError("--for: how long? \"--for 4h\"");
  const auto duration = service::ParseDuration(arguments.Get("for"));
  if (!duration.ok() || *duration <= base::Duration::zero()) {
    return UsageError("--for takes a time: 30m, 4h, 2d");
  }
  return *duration;
}

google::protobuf::Duration ToProto(base::Duration duration) {
  google::protobuf::Duration out;
  out.set_seconds(std::chrono::duration_cast<std::chrono::seconds>(duration).count());
  return out;
}

absl::Status Acknowledge(Session& session) {
  PLATEN_ASSIGN_OR_RETURN(const base::Duration duration, ReadFor(session.arguments));
  PLATEN_ASSIGN_OR_RETURN(const fleet::AlertRecord alert,
                          FindAlert(session, session.arguments.operands().front(), true));
  rules_v1::AcknowledgeAlertRequest request;
  request.set_name(alert.name());
  *request.mutable_ttl() = ToProto(duration);
  request.set_note(session.arguments.Get("note"));
  rules_v1::Record record;
  PLATEN_RETURN_IF_ERROR(session.gateway.CallRules([&](auto& stub, grpc::ClientContext& context) {
    return stub.AcknowledgeAlert(&context, request, &record);
  }));
  session.out << "Acknowledged by " << record.author() << " until "
              << Time(record.acknowledgement().expire_time()) << ": " << AlertWords(alert.alert())
              << "\nWhoever was told of it is told that; it is not escalated meanwhile.\n";
  return absl::OkStatus();
}

absl::Status DeleteRecord(Session& session, const std::string& name) {
  rules_v1::DeleteRecordRequest request;
  request.set_name(name);
  google::protobuf::Empty nothing;
  return session.gateway.CallRules([&](auto& stub, grpc::ClientContext& context) {
    return stub.DeleteRecord(&context, request, &nothing);
  });
}

absl::Status TakeAcknowledgementBack(Session& session) {
  PLATEN_ASSIGN_OR_RETURN(const fleet::AlertRecord alert,
                          FindAlert(session, session.arguments.operands().front(), true));
  // tenants/T/sites/S/devices/D of the alert, acknowledgements/D.ALERT of its record.
  const std::string device(DeviceOfAlert(alert.name()));
  const std::string site = device.substr(0, device.find("/devices/"));
  PLATEN_RETURN_IF_ERROR(DeleteRecord(
      session,
      base::StrCat(
          site, "/acknowledgements/", LastSegment(device), ".", alert.alert().alert_id())));
  session.out << "Taken back: nobody takes care of it any more. " << AlertWords(alert.alert())
              << '\n';
  return absl::OkStatus();
}

// Where the silence is set: as --tenant and --site say, or where its device is.
absl::StatusOr<rules::RecordName> NameSilence(const Arguments& arguments,
                                              const std::string& device,
                                              base::WallTime now) {
  rules::RecordName name{
      arguments.Get("tenant"), arguments.Get("site"), rules::RecordKind::kSilence};
  if (name.tenant.empty() && !name.site.empty()) {
    return UsageError("--site needs --tenant: whose site?");
  }
  if (name.tenant.empty() && !device.empty()) {
    PLATEN_ASSIGN_OR_RETURN(const auto place,
                            rules::RecordName::Parse(base::StrCat(
                                device.substr(0, device.find("/devices/")), "/silences/x")));
    name.tenant = place.tenant;
    name.site = place.site;
  }
  std::string day = Time(event::ToProto(now)).substr(0, 10);
  name.id = arguments.Get("name", base::StrCat(day, "-", base::NewDeviceId().ToHex().substr(0, 6)));
  return name;
}

// How many open alerts a silence of this name would keep quiet now.
absl::StatusOr<std::int64_t> CountQuiet(Session& session,
                                        const rules::RecordName& name,
                                        const rules_v1::Silence& silence) {
  PLATEN_ASSIGN_OR_RETURN(const auto condition, rules::Condition::Compile(silence.any_of()));
  fleet::ListAlertsRequest request;
  request.set_parent(base::StrCat("tenants/",
                                  name.tenant.empty() ? "-" : name.tenant,
                                  "/sites/",
                                  name.site.empty() ? "-" : name.site,
                                  "/devices/-"));
  request.set_open_only(true);
  request.set_page_size(1000);
  std::int64_t count = 0;
  do {
    fleet::ListAlertsResponse response;
    PLATEN_RETURN_IF_ERROR(session.gateway.Call([&](auto& stub, grpc::ClientContext& context) {
      return stub.ListAlerts(&context, request, &response);
    }));
    count += std::ranges::count_if(response.alerts(), [&](const fleet::AlertRecord& alert) {
      return condition.Takes(EventOf(alert));
    });
    request.set_page_token(response.next_page_token());
  } while (!request.page_token().empty());
  return count;
}

absl::Status Silence(Session& session) {
  const Arguments& arguments = session.arguments;
  const base::WallTime now = session.clock.WallNow();
  std::string device;
  rules_v1::Record record;
  rules_v1::Silence& silence = *record.mutable_silence();
  PLATEN_ASSIGN_OR_RETURN(*silence.add_any_of(), ParseMatch(arguments.All("match")));
  if (arguments.Has("device")) {
    PLATEN_ASSIGN_OR_RETURN(const fleet::Device found,
                            FindDevice(session, arguments.Get("device")));
    device = found.name();
    rules_v1::Matcher& matcher = *silence.mutable_any_of(0)->add_all_of();
    matcher.set_field("device_id");
    matcher.add_is(found.uid());
  }
  if (silence.any_of(0).all_of().empty()) {
    return UsageError(
        "what is to be quiet? --device DEVICE, or --match FIELD=VALUE: \"--match site=hq\"");
  }
  if (!arguments.Has("note")) return UsageError("--note: why? somebody will ask");
  silence.set_note(arguments.Get("note"));
  if (arguments.Has("from")) {
    PLATEN_RETURN_IF_ERROR(ReadTime(arguments, "from", silence.mutable_start_time()));
  }
  silence.set_calendar(arguments.Get("calendar"));
  if (arguments.Has("for") || silence.calendar().empty()) {
    PLATEN_ASSIGN_OR_RETURN(const base::Duration duration, ReadFor(arguments));
    const base::WallTime begins =
        silence.has_start_time() ? event::FromProto(silence.start_time()) : now;
    *silence.mutable_end_time() = event::ToProto(begins + duration);
  }
  PLATEN_ASSIGN_OR_RETURN(const rules::RecordName name, NameSilence(arguments, device, now));
  record.set_name(name.ToString());
  rules_v1::ApplyRecordsRequest request;
  *request.add_records() = record;
  rules_v1::ApplyRecordsResponse response;
  PLATEN_RETURN_IF_ERROR(session.gateway.CallRules([&](auto& stub, grpc::ClientContext& context) {
    return stub.ApplyRecords(&context, request, &response);
  }));
  for (const std::string& missing : response.missing()) {
    session.err << "platenctl: nobody has set " << missing << ": it is not quiet until then\n";
  }
  session.out << "Silent: " << RecordWords(record) << '\n';
  // It is set; that this can't be told is no failure.
  if (const auto quiet = CountQuiet(session, name, silence); quiet.ok()) {
    session.out << "Of what is open now, " << *quiet
                << (*quiet == 1 ? " alert matches" : " alerts match") << ".\n";
  }
  session.out << "To end it: platenctl alerts unsilence " << record.name() << '\n';
  return absl::OkStatus();
}

// The name of the only silence with this id, wherever it was set.
absl::StatusOr<std::string> FindSilence(Session& session, const std::string& id) {
  rules_v1::ListRecordsRequest request;
  request.add_collections("silences");
  request.set_page_size(500);
  std::vector<std::string> names;
  do {
    rules_v1::ListRecordsResponse response;
    PLATEN_RETURN_IF_ERROR(session.gateway.CallRules([&](auto& stub, grpc::ClientContext& context) {
      return stub.ListRecords(&context, request, &response);
    }));
    for (const rules_v1::Record& record : response.records()) {
      if (LastSegment(record.name()) == id) names.push_back(record.name());
    }
    request.set_page_token(response.next_page_token());
  } while (!request.page_token().empty());
  if (names.size() == 1) return names.front();
  if (names.empty()) {
    return base::NotFound(
        "there is no silence \"", id, "\"; platenctl rules list --kind silences lists them");
  }
  std::string all;
  for (const std::string& name : names) all += "\n  " + name;
  return base::FailedPrecondition("several silences have this name; which?", all);
}

absl::Status Unsilence(Session& session) {
  std::string name = session.arguments.operands().front();
  if (name.find('/') == std::string::npos) {
    PLATEN_ASSIGN_OR_RETURN(name, FindSilence(session, name));
  }
  PLATEN_ASSIGN_OR_RETURN(const rules::RecordName parsed, rules::RecordName::Parse(name));
  if (parsed.kind != rules::RecordKind::kSilence) {
    return UsageError(
        "\"", name, "\" is no silence; platenctl rules list --kind silences lists them");
  }
  PLATEN_RETURN_IF_ERROR(DeleteRecord(session, name));
  session.out << "Ended: " << name << ". What is open and was kept quiet is told now.\n";
  return absl::OkStatus();
}

// In the end, for people: what follows from what was and was not there.
std::string Summary(const fleet::AlertRecord& alert,
                    bool is_told_of,
                    const std::map<std::string, std::string>& delayed) {
  if (!is_told_of) {
    return "Nobody was told, and nothing kept it quiet: no rule takes it, or the notifier has not "
           "seen it yet.";
  }
  std::set<std::string> receivers;
  for (const auto& [id, receiver] : delayed) receivers.insert(receiver);
  std::string words = alert.open() ? "It is open." : "It is over.";
  for (const std::string& receiver : receivers) {
    words += base::StrCat(receiver == *receivers.begin() ? " Still being tried: " : ", ", receiver);
  }
  return receivers.empty() ? words : words + ".";
}

absl::Status Explain(Session& session) {
  PLATEN_ASSIGN_OR_RETURN(const Format format, ReadFormat(session.arguments));
  PLATEN_ASSIGN_OR_RETURN(const fleet::AlertRecord alert,
                          FindAlert(session, session.arguments.operands().front(), false));
  rules_v1::ListAlertHistoryRequest request;
  request.set_name(alert.name());
  request.set_page_size(500);
  Table table({{"TIME"}, {"WHAT", Align::kLeft, true}, {"BY"}});
  bool is_told_of = false;
  // Receivers of messages that are on their way, by the messages' ids.
  std::map<std::string, std::string> delayed;
  do {
    rules_v1::ListAlertHistoryResponse response;
    PLATEN_RETURN_IF_ERROR(session.gateway.CallRules([&](auto& stub, grpc::ClientContext& context) {
      return stub.ListAlertHistory(&context, request, &response);
    }));
    for (const rules_v1::AlertHistoryRecord& record : response.records()) {
      const auto& event = record.event();
      is_told_of |= event.has_alert_decision() || event.has_notification_report();
      if (event.has_notification_report()) {
        const auto& report = event.notification_report();
        delayed.erase(report.notification_id());
        for (const auto& fellow : report.fellows()) delayed.erase(fellow.notification_id());
        if (report.outcome() == platen::event::v1::NotificationReport::OUTCOME_DELAYED) {
          delayed[report.notification_id()] = report.receiver();
        }
      }
      if (format == Format::kJson) {
        session.out << ToJson(record) << '\n';
        continue;
      }
      const auto& when =
          event.has_occurrence_time() ? event.occurrence_time() : record.receipt_time();
      table.Add({Time(when), AlertHistoryWords(event), AlertHistoryAuthor(event)});
    }
    request.set_page_token(response.next_page_token());
  } while (!request.page_token().empty());
  if (format == Format::kJson) return absl::OkStatus();
  if (format == Format::kTable) {
    session.out << AlertWords(alert.alert()) << ", " << alert.alert().device().model() << ' '
                << alert.alert().device().serial_number() << '\n';
  }
  Write(table, format, "nothing is known of it", session);
  if (format == Format::kTable) session.out << Summary(alert, is_told_of, delayed) << '\n';
  return absl::OkStatus();
}

}  // namespace

Command AlertsAckCommand() {
  return {.name = "alerts ack",
          .operands = "ALERT",
          .help = "you take care of it: nobody else is told, and it is not escalated",
          .options = {kForOption, {"note", "TEXT", "what you do about it; others read it"}},
          .operands_min = 1,
          .operands_max = 1,
          .run = Acknowledge};
}

Command AlertsUnackCommand() {
  return {.name = "alerts unack",
          .operands = "ALERT",
          .help = "you do not: people are told again",
          .operands_min = 1,
          .operands_max = 1,
          .run = TakeAcknowledgementBack};
}

Command AlertsSilenceCommand() {
  return {.name = "alerts silence",
          .help = "nobody is told of what matches, for a while",
          .options = {{"match",
                       "FIELD=VALUE",
                       "\"alert.category=jam\", \"site!=hq,branch\"; given twice, both hold"},
                      {"device", "DEVICE", "one device: serial number, address, id or name"},
                      {"tenant", "TENANT", "for this tenant alone"},
                      {"site", "SITE", "of it, for this site alone"},
                      {"for", "TIME", "for how long: 30m, 4h, 2d; required without --calendar"},
                      {"from", "TIME", "beginning then: 2026-01-31T12:00:00Z; default now"},
                      {"calendar", "NAME", "only while this calendar is open"},
                      {"name", "NAME", "the silence's name; default one of its own"},
                      {"note", "TEXT", "why; required"}},
          .run = Silence};
}

Command AlertsUnsilenceCommand() {
  return {.name = "alerts unsilence",
          .operands = "NAME",
          .help = "ends a silence; rules list --kind silences lists them",
          .operands_min = 1,
          .operands_max = 1,
          .run = Unsilence};
}

Command AlertsExplainCommand() {
  return {.name = "alerts explain",
          .operands = "ALERT",
          .help = "why people were told of it, or not, and whether it reached them",
          .options = {kOutputOption},
          .operands_min = 1,
          .operands_max = 1,
          .run = Explain};
}

}  // namespace platen::platenctl
