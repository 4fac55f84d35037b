#include "services/notifier/edge/channels/events_api/event_body.h"

#include "libs/alerting/words.h"
#include "libs/base/ids.h"
#include "libs/base/status.h"
#include "services/notifier/edge/channels/description.h"
#include "services/notifier/edge/channels/json.h"

namespace platen::notifier::edge {
namespace {

constexpr std::size_t kSummaryBytesMax = 1024;
constexpr std::size_t kNameBytesMax = 300;

std::string_view ActionOf(v1::NotificationKind kind) {
  switch (kind) {
    case v1::NOTIFICATION_KIND_ACKNOWLEDGED:
      return "acknowledge";
    case v1::NOTIFICATION_KIND_CLEARED:
      return "resolve";
    default:
      return "trigger";
  }
}

// There are "critical", "error", "warning" and "info".
std::string_view SeverityOf(event::v1::AlertSeverity severity) {
  switch (severity) {
    case event::v1::ALERT_SEVERITY_CRITICAL:
      return "critical";
    case event::v1::ALERT_SEVERITY_WARNING:
    case event::v1::ALERT_SEVERITY_WARNING_BINARY:
      return "warning";
    default:
      return "error";
  }
}

// The printer, as its people know it.
std::string SourceOf(const event::v1::Event& event) {
  const event::v1::DeviceLabel& device = event.alert().device();
  for (const std::string& name :
       {device.serial_number(), device.display_name(), device.address()}) {
    if (std::string line = alerting::OneLine(name, kNameBytesMax); !line.empty()) return line;
  }
  return base::HexEncode(event.device_id());
}

JsonObject PayloadOf(const v1::Notification& notification) {
  const event::v1::Event& event = notification.event();
  const event::v1::Alert& alert = event.alert();
  const Description text = Describe(notification);
  JsonObject details;
  details.Text("Summary", text.first_line);
  for (const auto& [label, value] : text.rows) details.Text(label, value);
  JsonObject payload;
  payload.Text("summary", alerting::OneLine(notification.title(), kSummaryBytesMax));
  payload.Text("source", SourceOf(event));
  payload.Text("severity", SeverityOf(alert.severity()));
  payload.Time("timestamp",
               alert.has_raise_time() ? alert.raise_time() : notification.decide_time());
  payload.Text("component", alerting::OneLine(alert.where(), kNameBytesMax));
  payload.Text("group", base::StrCat(event.tenant(), "/", event.site()));
  payload.Text("class", CategoryWord(alert.category()));
  payload.Object("custom_details", details);
  return payload;
}

}  // namespace

std::string ComposeEventBody(const v1::Notification& notification, std::string_view routing_key) {
  const std::string_view action = ActionOf(notification.kind());
  JsonObject body;
  body.Text("routing_key", routing_key);
  body.Text("event_action", action);
  body.Text("dedup_key", base::HexEncode(notification.incident_id()));
  body.Text("client", "Platen");
  // Others need none, and what is open there keeps its own.
  if (action == "trigger") body.Object("payload", PayloadOf(notification));
  return body.Close();
}

}  // namespace platen::notifier::edge
