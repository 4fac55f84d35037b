#include "services/notifier/edge/channels/alertmanager/alerts.h"

#include <algorithm>

#include "absl/strings/ascii.h"
#include "absl/strings/str_replace.h"
#include "libs/alerting/words.h"
#include "libs/base/ids.h"
#include "libs/base/status.h"
#include "libs/event/timestamps.h"
#include "services/notifier/edge/channels/description.h"
#include "services/notifier/edge/channels/digest_members.h"
#include "services/notifier/edge/channels/json.h"

namespace platen::notifier::edge {
namespace {

constexpr std::size_t kAnnotationBytesMax = 1000;

// "PrinterJam".
std::string AlertName(event::v1::AlertCategory category) {
  std::string word = CategoryWord(category);
  if (word.empty()) word = "alert";
  word[0] = absl::ascii_toupper(static_cast<unsigned char>(word[0]));
  return "Printer" + word;
}

JsonObject LabelsOf(const v1::Notification& notification) {
  const event::v1::Event& event = notification.event();
  JsonObject labels;
  labels.Text("alertname", AlertName(event.alert().category()));
  labels.Text("category", CategoryWord(event.alert().category()));
  labels.Text("tenant", event.tenant());
  labels.Text("site", event.site());
  labels.Text("device", base::HexEncode(event.device_id()));
  labels.Text("alert", event.alert().alert_id());
  labels.Text("incident", base::HexEncode(notification.incident_id()));
  return labels;
}

JsonObject AnnotationsOf(const v1::Notification& notification) {
  const event::v1::Alert& alert = notification.event().alert();
  const event::v1::DeviceLabel& device = alert.device();
  const Description text = Describe(notification);
  JsonObject annotations;
  const auto add = [&annotations](std::string_view name, const std::string& value) {
    annotations.Text(name, alerting::OneLine(value, kAnnotationBytesMax));
  };
  annotations.Text("summary", ShownTitle(notification.title()));
  annotations.Text("description", base::StrCat(text.headline, ": ", text.first_line));
  annotations.Text("severity", SeverityWord(alert.severity()));
  annotations.Text("training", TrainingWord(alert.training()));
  add("customer", device.customer());
  add("location", device.location());
  add("printer", PrinterName(device));
  add("serial_number", device.serial_number());
  add("address", device.address());
  add("where", alert.where());
  add("acknowledged_by", notification.author());
  add("note", notification.note());
  annotations.Text("notification", base::HexEncode(notification.id()));
  return annotations;
}

JsonObject AlertOf(const v1::Notification& notification, const AlertmanagerTerms& terms) {
  const event::v1::Event& event = notification.event();
  const base::WallTime decided = event::FromProto(notification.decide_time());
  const bool is_over = notification.kind() == v1::NOTIFICATION_KIND_CLEARED;
  // An alert that ends before it begins is refused, and one that ends later than now is open.
  const base::WallTime end = is_over ? decided : decided + terms.open_for;
  const base::WallTime start =
      event.alert().has_raise_time() ? event::FromProto(event.alert().raise_time()) : decided;
  JsonObject alert;
  alert.Object("labels", LabelsOf(notification));
  alert.Object("annotations", AnnotationsOf(notification));
  alert.Time("startsAt", event::ToProto(std::min(start, end)));
  alert.Time("endsAt", event::ToProto(end));
  alert.Text("generatorURL",
             absl::StrReplaceAll(terms.generator_url,
                                 {{"{device}", base::HexEncode(event.device_id())},
                                  {"{incident}", base::HexEncode(notification.incident_id())}}));
  return alert;
}

}  // namespace

std::string ComposeAlerts(const v1::Notification& notification, const AlertmanagerTerms& terms) {
  JsonArray alerts;
  for (const v1::Notification& single : WithoutDigest(notification)) {
    alerts.Add(AlertOf(single, terms));
  }
  return alerts.Close();
}

}  // namespace platen::notifier::edge
