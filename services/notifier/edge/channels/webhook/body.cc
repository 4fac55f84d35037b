#include "services/notifier/edge/channels/webhook/body.h"

#include <string_view>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "absl/time/time.h"
#include "libs/base/ids.h"
#include "libs/base/status.h"
#include "libs/event/timestamps.h"
#include "libs/service/json.h"
#include "services/notifier/core/words.h"

namespace platen::notifier::edge {
namespace {

// Writes an object member by member; members without a value are left out.
class JsonObject {
 public:
  void Text(std::string_view name, std::string_view value) {
    if (!value.empty()) Raw(name, service::JsonString(value));
  }

  void Number(std::string_view name, std::int64_t value) { Raw(name, absl::StrCat(value)); }

  void Time(std::string_view name, const google::protobuf::Timestamp& time) {
    Text(name,
         absl::FormatTime("%Y-%m-%dT%H:%M:%E3SZ",
                          absl::FromUnixMillis(base::ToMillis(event::FromProto(time))),
                          absl::UTCTimeZone()));
  }

  void Object(std::string_view name, const JsonObject& value) { Raw(name, value.Close()); }

  std::string Close() const { return "{" + members_ + "}"; }

 private:
  void Raw(std::string_view name, const std::string& json) {
    if (!members_.empty()) members_ += ",";
    service::AppendJsonString(members_, name);
    members_ += ":" + json;
  }

  std::string members_;
};

// "critical" of ALERT_SEVERITY_CRITICAL; empty where unspecified.
std::string EnumWord(const std::string& name, std::string_view prefix) {
  const std::string word = absl::AsciiStrToLower(name.substr(prefix.size()));
  return word == "unspecified" ? "" : word;
}

JsonObject Device(const event::v1::Event& event) {
  const event::v1::DeviceLabel& label = event.alert().device();
  JsonObject device;
  device.Text("id", base::HexEncode(event.device_id()));
  device.Text("manufacturer", label.manufacturer());
  device.Text("model", label.model());
  device.Text("serial_number", label.serial_number());
  device.Text("display_name", label.display_name());
  device.Text("customer", label.customer());
  device.Text("site", label.site());
  device.Text("location", label.location());
  device.Text("address", label.address());
  device.Text("asset_tag", label.asset_tag());
  return device;
}

JsonObject AlertOf(const event::v1::Event& event) {
  const event::v1::Alert& alert = event.alert();
  JsonObject json;
  json.Text("id", alert.alert_id());
  json.Text("category",
            EnumWord(event::v1::AlertCategory_Name(alert.category()), "ALERT_CATEGORY_"));
  json.Text("severity",
            EnumWord(event::v1::AlertSeverity_Name(alert.severity()), "ALERT_SEVERITY_"));
  json.Text("training",
            EnumWord(event::v1::AlertTraining_Name(alert.training()), "ALERT_TRAINING_"));
  if (alert.code() != 0) json.Number("code", alert.code());
  if (alert.group() != 0) json.Number("group", alert.group());
  json.Text("subcode", alert.subcode());
  json.Text("reason", alert.reason_keyword());
  json.Text("description", alert.description());
  json.Text("where", alert.where());
  json.Text("paper_source", alert.paper_source());
  json.Text("media_size", alert.media_size());
  json.Text("console_text", alert.console_text());
  if (alert.has_raise_time()) json.Time("raise_time", alert.raise_time());
  if (event.has_observation_time()) json.Time("observation_time", event.observation_time());
  if (alert.counters().has_total()) {
    json.Number("total_pages", static_cast<std::int64_t>(alert.counters().total()));
  }
  return json;
}

}  // namespace

std::string ComposeWebhookBody(const v1::Notification& notification) {
  const event::v1::Event& event = notification.event();
  const bool raised = notification.kind() == v1::NOTIFICATION_KIND_RAISED;
  JsonObject data;
  data.Text("incident_id", base::HexEncode(notification.incident_id()));
  data.Text("transition", raised ? "raised" : "cleared");
  data.Text("title", notification.title());
  data.Text("tenant", event.tenant());
  data.Text("site", event.site());
  data.Text("receiver", notification.receiver());
  data.Object("device", Device(event));
  data.Object("alert", AlertOf(event));
  JsonObject cloud_event;
  cloud_event.Text("specversion", "1.0");
  cloud_event.Text("id", base::HexEncode(notification.id()));
  cloud_event.Text("type", raised ? "platen.alert.raised.v1" : "platen.alert.cleared.v1");
  cloud_event.Text("source", base::StrCat("/", event.tenant(), "/", event.site()));
  cloud_event.Text("subject", base::HexEncode(event.device_id()));
  cloud_event.Time("time", notification.decide_time());
  cloud_event.Text("datacontenttype", "application/json");
  cloud_event.Object("data", data);
  return cloud_event.Close();
}

}  // namespace platen::notifier::edge
