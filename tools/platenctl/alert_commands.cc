// alerts list, alerts --watch.
#include <algorithm>
#include <thread>

#include <grpcpp/client_context.h>

#include "absl/strings/str_replace.h"
#include "libs/base/nearest_name.h"
#include "libs/base/status.h"
#include "tools/platenctl/commands.h"
#include "tools/platenctl/output.h"
#include "tools/platenctl/words.h"

namespace platen::platenctl {
namespace {

namespace fleet = platen::fleet::v1;

constexpr std::chrono::seconds kWatchAgain{1};

std::string Where(const fleet::AlertRecord& record) {
  const auto& device = record.alert().device();
  std::string words = device.display_name();
  if (!device.location().empty()) words += (words.empty() ? "" : ", ") + device.location();
  return words.empty() ? device.address() : words;
}

// What FindAlert() takes: "SERIAL/ALERT".
std::string Handle(const fleet::AlertRecord& record) {
  const std::string& serial = record.alert().device().serial_number();
  const std::string_view device = DeviceOfAlert(record.name());
  return base::StrCat(serial.empty() ? LastSegment(device) : std::string_view(serial),
                      "/",
                      record.alert().alert_id());
}

std::vector<std::string> Row(const fleet::AlertRecord& record, Format format, base::WallTime now) {
  const auto& device = record.alert().device();
  const auto& since = record.open() ? record.raise_time() : record.end_time();
  return {record.open() ? "open" : "ended",
          CategoryWord(record.alert().category()),
          format == Format::kCsv ? Time(since) : Age(since, now),
          AlertWords(record.alert()),
          Where(record),
          device.model(),
          device.serial_number(),
          Handle(record)};
}

absl::Status List(Session& session, Format format) {
  const std::int64_t limit = session.arguments.Number("limit", INT32_MAX);
  fleet::ListAlertsRequest request;
  request.set_parent(WherePlace(session.arguments) + "/devices/-");
  if (session.arguments.Has("device")) {
    PLATEN_ASSIGN_OR_RETURN(const fleet::Device device,
                            FindDevice(session, session.arguments.Get("device")));
    request.set_parent(device.name());
  }
  request.set_open_only(session.arguments.Has("open"));
  if (session.arguments.Has("filter")) request.set_filter(session.arguments.Get("filter"));
  Table table({{"STATE"},
               {"KIND"},
               {"SINCE", Align::kRight},
               {"WHAT", Align::kLeft, true},
               {"WHERE"},
               {"MODEL"},
               {"SERIAL"},
               {"ALERT"}});
  const base::WallTime now = session.clock.WallNow();
  std::int64_t taken = 0;
  do {
    request.set_page_size(static_cast<std::int32_t>(std::min<std::int64_t>(500, limit - taken)));
    fleet::ListAlertsResponse response;
    PLATEN_RETURN_IF_ERROR(session.gateway.Call([&](auto& stub, grpc::ClientContext& context) {
      return stub.ListAlerts(&context, request, &response);
    }));
    for (const fleet::AlertRecord& record : response.alerts()) {
      if (format == Format::kJson) {
        session.out << ToJson(record) << '\n';
      } else {
        table.Add(Row(record, format, now));
      }
    }
    taken += response.alerts_size();
    request.set_page_token(response.next_page_token());
  } while (!request.page_token().empty() && taken < limit);
  if (format != Format::kJson) Write(table, format, "no alerts", session);
  return absl::OkStatus();
}

void Print(const fleet::WatchAlertsResponse& response, Format format, Session& session) {
  if (format == Format::kJson) {
    if (response.has_alert()) session.out << ToJson(response.alert()) << std::endl;
    return;
  }
  if (response.has_synced()) session.out << "-- now as they come; Ctrl-C ends --" << std::endl;
  if (!response.has_alert()) return;
  const fleet::AlertRecord& record = response.alert();
  const std::string time = Time(record.open() ? record.raise_time() : record.end_time());
  session.out << time << (record.open() ? "  RAISED  " : "  ended   ")
              << CategoryWord(record.alert().category()) << "  "
              << Fit(AlertWords(record.alert()), 80) << "  " << Fit(Where(record), 60) << "  "
              << Fit(record.alert().device().model(), 40) << "  "
              << Fit(record.alert().device().serial_number(), 30) << std::endl;
}

// Until Ctrl-C: goes on from the last token where the stream ends.
absl::Status Watch(Session& session, Format format) {
  fleet::WatchAlertsRequest request;
  request.set_parent(WherePlace(session.arguments));
  if (session.arguments.Has("filter")) request.set_filter(session.arguments.Get("filter"));
  while (true) {
    grpc::ClientContext context;
    const auto reader = session.gateway.stub().WatchAlerts(&context, request);
    fleet::WatchAlertsResponse response;
    while (reader->Read(&response)) {
      if (!response.resume_token().empty()) request.set_resume_token(response.resume_token());
      Print(response, format, session);
    }
    const grpc::Status ended = reader->Finish();
    const bool expired = ended.error_code() == grpc::StatusCode::OUT_OF_RANGE;
    const bool again =
        ended.ok() || expired || ended.error_code() == grpc::StatusCode::RESOURCE_EXHAUSTED ||
        (ended.error_code() == grpc::StatusCode::UNAVAILABLE && !request.resume_token().empty());
    if (!again) return session.gateway.Explain(ended);
    if (expired) request.clear_resume_token();
    session.err << "platenctl: the stream ended (" << ended.error_message() << "); again\n";
    std::this_thread::sleep_for(kWatchAgain);
  }
}

absl::Status Run(Session& session) {
  PLATEN_ASSIGN_OR_RETURN(const Format format, ReadFormat(session.arguments));
  const auto& operands = session.arguments.operands();
  if (!operands.empty() && operands.front() != "list") {
    constexpr std::string_view kKnown[] = {
        "list", "ack", "unack", "silence", "unsilence", "explain"};
    const std::string nearest = base::NearestName(operands.front(), kKnown);
    return UsageError(
        "alerts knows \"list\" and others, not \"",
        operands.front(),
        nearest.empty() ? "\"; platenctl alerts --help lists them" : "\"; did you mean \"",
        nearest,
        nearest.empty() ? "" : "\"?");
  }
  return session.arguments.Has("watch") ? Watch(session, format) : List(session, format);
}

// All alerts of a device, open ones first, or the few that lie open.
absl::StatusOr<std::vector<fleet::AlertRecord>> AlertsOf(Session& session,
                                                         const std::string& device,
                                                         bool open_only,
                                                         const std::string& filter = "") {
  fleet::ListAlertsRequest request;
  request.set_parent(device);
  request.set_open_only(open_only);
  request.set_filter(filter);
  request.set_page_size(1000);
  std::vector<fleet::AlertRecord> alerts;
  do {
    fleet::ListAlertsResponse response;
    PLATEN_RETURN_IF_ERROR(session.gateway.Call([&](auto& stub, grpc::ClientContext& context) {
      return stub.ListAlerts(&context, request, &response);
    }));
    alerts.insert(alerts.end(), response.alerts().begin(), response.alerts().end());
    request.set_page_token(response.next_page_token());
  } while (!request.page_token().empty());
  return alerts;
}

// The alert of this id on a device.
absl::StatusOr<fleet::AlertRecord> AlertById(Session& session,
                                             const fleet::Device& device,
                                             std::string_view alert_id) {
  PLATEN_ASSIGN_OR_RETURN(const auto alerts, AlertsOf(session, device.name(), false));
  for (const fleet::AlertRecord& alert : alerts) {
    if (alert.alert().alert_id() == alert_id) return alert;
  }
  return base::NotFound("the device has no alert \"",
                        alert_id,
                        "\"; platenctl alerts list --device ",
                        device.uid(),
                        " lists them");
}

// Of a site or subnet that does not answer, whichever device it stands at.
absl::StatusOr<fleet::AlertRecord> OutageById(Session& session, const std::string& alert_id) {
  PLATEN_ASSIGN_OR_RETURN(const auto alerts,
                          AlertsOf(session,
                                   "tenants/-/sites/-/devices/-",
                                   false,
                                   base::StrCat("alert_id = \"", alert_id, "\"")));
  if (!alerts.empty()) return alerts.front();
  return base::NotFound("there is no alert \"", alert_id, "\"; platenctl alerts list shows them");
}

// Its only open alert, or the one that ended last.
absl::StatusOr<fleet::AlertRecord> OnlyAlertOf(Session& session,
                                               const fleet::Device& device,
                                               bool open_only) {
  PLATEN_ASSIGN_OR_RETURN(auto alerts, AlertsOf(session, device.name(), true));
  if (alerts.size() > 1) {
    std::string all;
    for (const fleet::AlertRecord& alert : alerts) all += "\n  " + Handle(alert);
    return base::FailedPrecondition("several alerts are open there; which?", all);
  }
  if (alerts.empty() && !open_only) {
    PLATEN_ASSIGN_OR_RETURN(alerts, AlertsOf(session, device.name(), false));
  }
  if (!alerts.empty()) return alerts.front();
  return base::NotFound(open_only ? "no alert is open there" : "the device never had an alert");
}

}  // namespace

absl::StatusOr<fleet::AlertRecord> FindAlert(Session& session,
                                             const std::string& text,
                                             bool open_only) {
  constexpr std::string_view kAlerts = "/alerts/";
  if (const std::size_t at = text.find(kAlerts);
      text.starts_with("tenants/") && at != std::string::npos) {
    PLATEN_ASSIGN_OR_RETURN(const fleet::Device device, FindDevice(session, text.substr(0, at)));
    const std::string id = absl::StrReplaceAll(text.substr(at + kAlerts.size()), {{"%2F", "/"}});
    return AlertById(session, device, id);
  }
  if (text.starts_with("site-silent/") || text.starts_with("subnet-silent/")) {
    return OutageById(session, text);
  }
  const absl::StatusOr<fleet::Device> device = FindDevice(session, text);
  if (device.ok()) return OnlyAlertOf(session, *device, open_only);
  const std::size_t slash = text.find('/');
  if (device.status().code() != absl::StatusCode::kNotFound || slash == std::string::npos) {
    return device.status();
  }
  PLATEN_ASSIGN_OR_RETURN(const fleet::Device its, FindDevice(session, text.substr(0, slash)));
  return AlertById(session, its, text.substr(slash + 1));
}

Command AlertsCommand() {
  return {
      .name = "alerts",
      .operands = "[list]",
      .help = "errors, jams and alarms: open ones first, then newest first",
      .options = {kTenantOption,
                  kSiteOption,
                  {"device", "DEVICE", "of one device: serial number, address, id or name"},
                  {"open", "", "only open ones"},
                  {"filter",
                   "FILTER",
                   "conditions: 'category = jam AND training = field_service AND text : \"tray\"'"},
                  {"watch", "", "the open ones, then changes as they come, until Ctrl-C"},
                  kLimitOption,
                  kOutputOption},
      .operands_max = 1,
      .run = Run};
}

}  // namespace platen::platenctl
