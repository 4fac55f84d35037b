#include "services/gateway/edge/live_page.h"

#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/str_format.h"
#include "libs/base/status.h"
#include "libs/service/json.h"
#include "libs/service/log.h"
#include "services/gateway/core/device_projection.h"

namespace platen::gateway::edge {
namespace {

namespace fleet = platen::fleet::v1;
using service::AppendJsonString;

constexpr std::int64_t kLookedAtMs = 10'000;
constexpr std::int64_t kIdleRefreshMs = 5'000;
constexpr char kPolicy[] =
    "default-src 'none'; style-src 'unsafe-inline'; script-src 'unsafe-inline'; connect-src 'self';"
    " img-src data:; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

std::string StateWord(fleet::Device::State state) {
  std::string name = absl::AsciiStrToLower(fleet::Device::State_Name(state));
  return name.starts_with("state_") ? name.substr(6) : name;
}

// Whether `text` says `part`, in any case of letters.
bool Says(const std::string& text, const std::string& part) {
  return absl::AsciiStrToLower(text).find(absl::AsciiStrToLower(part)) != std::string::npos;
}

// Appends `"name":`, with a comma where something stands before.
void Key(std::string_view name, std::string& json) {
  if (json.back() != '{' && json.back() != '[') json += ',';
  AppendJsonString(json, name);
  json += ':';
}

template <class Number>
void Put(std::string_view name, Number number, std::string& json) {
  Key(name, json);
  json += base::StrCat(number);
}

void Put(std::string_view name, const std::string& text, std::string& json) {
  Key(name, json);
  AppendJsonString(json, text);
}

void PutHops(PipelineView& view, std::string& json) {
  double rate = 0;
  Key("hops", json);
  json += '[';
  for (const PipelineView::Hop& hop : view.hops()) {
    if (hop.hop.role() == "gateway") rate += hop.hop.events_per_second();
    json += json.back() == '[' ? "{" : ",{";
    Put("role", hop.hop.role(), json);
    Put("instance", hop.hop.instance(), json);
    Key("rate", json);
    json += absl::StrFormat("%.2f", hop.hop.events_per_second());
    Put("heard", core::TimestampMillis(hop.hop.last_heard_time()), json);
    Key("history", json);
    json += '[';
    for (const std::uint64_t count : hop.history) {
      if (json.back() != '[') json += ',';
      json += std::to_string(count);
    }
    json += "]}";
  }
  json += ']';
  Key("rate", json);
  json += absl::StrFormat("%.2f", rate);
}

void PutAlerts(const std::vector<fleet::AlertRecord>& alerts, std::string& json) {
  Key("alerts", json);
  json += '[';
  for (const fleet::AlertRecord& record : alerts) {
    const auto& alert = record.alert();
    const auto& device = alert.device();
    json += json.back() == '[' ? "{" : ",{";
    std::string kind =
        absl::AsciiStrToLower(platen::event::v1::AlertCategory_Name(alert.category()));
    Put("kind", kind.substr(kind.rfind('_') + 1), json);
    std::string what = alert.description().empty() ? alert.reason_keyword() : alert.description();
    if (what.empty()) what = alert.alert_id();
    if (!Says(what, alert.where())) {
      what += ", " + alert.where();
    }
    Put("what", what, json);
    Put("name", device.display_name(), json);
    Put("model", device.model(), json);
    Put("serial", device.serial_number(), json);
    Put("address", device.address(), json);
    Put("customer", device.customer(), json);
    Put("raised", core::TimestampMillis(record.raise_time()), json);
    json += '}';
  }
  json += ']';
}

// Rows as arrays, in the order of FIELDS in live_page.html: names in each would double the size.
void PutDevices(const std::vector<DeviceLine>& lines, std::string& json) {
  Key("devices", json);
  json += '[';
  for (const DeviceLine& line : lines) {
    json += json.back() == '[' ? "[" : ",[";
    for (const std::string& text : {line.id,
                                    line.display_name,
                                    line.model,
                                    line.serial_number,
                                    line.address,
                                    line.location,
                                    StateWord(line.state)}) {
      AppendJsonString(json, text);
      json += ',';
    }
    json += base::StrCat(line.total.value_or(-1),
                         ",",
                         line.supplies_low,
                         ",",
                         line.open_alerts,
                         ",",
                         line.seen_ms,
                         "]");
  }
  json += ']';
}

}  // namespace

service::HttpResponse LivePage::Page() const {
  return {.content_type = "text/html; charset=utf-8",
          .body = kLivePageHtml,
          .headers = {{"Content-Security-Policy", kPolicy}, {"Cache-Control", "no-cache"}}};
}

service::HttpResponse LivePage::Live() {
  asked_ms_ = base::ToMillis(clock_.WallNow());
  const std::lock_guard lock(mutex_);
  if (json_.empty()) return {.status = 503, .body = "not yet\n"};
  return {.content_type = "application/json",
          .body = json_,
          .headers = {{"Cache-Control", "no-store"}}};
}

void LivePage::Refresh() {
  const std::int64_t now = base::ToMillis(clock_.WallNow());
  if (now - asked_ms_ > kLookedAtMs && now - made_ms_ < kIdleRefreshMs) return;
  made_ms_ = now;
  absl::StatusOr<std::string> json = MakeJson();
  if (!json.ok()) {
    return service::LogWarning("the live page can't be made",
                               {{"reason", json.status().message()}});
  }
  const std::lock_guard lock(mutex_);
  json_ = *std::move(json);
}

absl::StatusOr<std::string> LivePage::MakeJson() {
  PLATEN_ASSIGN_OR_RETURN(const auto states, reader_->CountStates({}));
  PLATEN_ASSIGN_OR_RETURN(const std::int64_t open, reader_->CountOpenAlerts({}));
  PLATEN_ASSIGN_OR_RETURN(const auto alerts,
                          reader_->ListAlerts({.range = {.limit = kAlertsMax}, .open_only = true}));
  PLATEN_ASSIGN_OR_RETURN(const auto lines, reader_->ListDeviceLines({.limit = kDevicesMax}));
  const Store::Status status = store_.status();
  std::string json = "{";
  Put("now", base::ToMillis(clock_.WallNow()), json);
  Put("instance", instance_, json);
  Put("stored", status.counts.stored, json);
  Put("duplicates", status.counts.duplicates, json);
  Put("refused", status.counts.refusals, json);
  Put("missing", status.missing, json);
  Put("fault", std::string(status.last_write.message()), json);
  Put("open_alerts", open, json);
  std::int64_t total = 0;
  for (const auto& [state, count] : states) total += count;
  Put("devices_total", total, json);
  Key("states", json);
  json += '{';
  for (const auto& [state, count] : states) {
    Put(StateWord(static_cast<fleet::Device::State>(state)), count, json);
  }
  json += '}';
  PutHops(view_, json);
  PutAlerts(alerts.items, json);
  PutDevices(lines, json);
  json += '}';
  return json;
}

}  // namespace platen::gateway::edge
