#include "services/notifier/edge/channels/webhook/body.h"

#include "libs/base/ids.h"
#include "libs/base/status.h"
#include "services/notifier/edge/channels/description.h"
#include "services/notifier/edge/channels/json.h"

namespace platen::notifier::edge {
namespace {

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
  json.Text("category", CategoryWord(alert.category()));
  json.Text("severity", SeverityWord(alert.severity()));
  json.Text("training", TrainingWord(alert.training()));
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

JsonObject MemberOf(const v1::DigestMember& member) {
  JsonObject json;
  json.Text("id", base::HexEncode(member.id()));
  json.Text("incident_id", base::HexEncode(member.incident_id()));
  json.Text("transition", TransitionWord(member.kind()));
  json.Text("title", ShownTitle(member.title()));
  json.Text("author", member.author());
  json.Text("note", member.note());
  json.Text("acknowledge_url", member.acknowledge_url());
  json.Time("time", member.decide_time());
  json.Object("device", Device(member.event()));
  json.Object("alert", AlertOf(member.event()));
  return json;
}

}  // namespace

std::string ComposeWebhookBody(const v1::Notification& notification) {
  const event::v1::Event& event = notification.event();
  const bool is_digest = notification.kind() == v1::NOTIFICATION_KIND_DIGEST;
  const std::string transition = TransitionWord(notification.kind());
  JsonObject data;
  data.Text("incident_id", is_digest ? "" : base::HexEncode(notification.incident_id()));
  data.Text("transition", transition);
  data.Text("title", ShownTitle(notification.title()));
  data.Text("tenant", event.tenant());
  data.Text("site", event.site());
  data.Text("receiver", notification.receiver());
  data.Text("rule", notification.rule());
  data.Text("author", notification.author());
  data.Text("note", notification.note());
  data.Text("acknowledge_url", notification.acknowledge_url());
  if (is_digest) {
    JsonArray members;
    for (const v1::DigestMember& member : notification.members()) members.Add(MemberOf(member));
    data.Array("members", members);
  } else {
    data.Object("device", Device(event));
    data.Object("alert", AlertOf(event));
  }
  JsonObject cloud_event;
  cloud_event.Text("specversion", "1.0");
  cloud_event.Text("id", base::HexEncode(notification.id()));
  cloud_event.Text("type", base::StrCat("platen.alert.", transition, ".v1"));
  cloud_event.Text("source", base::StrCat("/", event.tenant(), "/", event.site()));
  if (!is_digest) cloud_event.Text("subject", base::HexEncode(event.device_id()));
  cloud_event.Time("time", notification.decide_time());
  cloud_event.Text("datacontenttype", "application/json");
  cloud_event.Object("data", data);
  return cloud_event.Close();
}

}  // namespace platen::notifier::edge
