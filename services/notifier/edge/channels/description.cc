#include "services/notifier/edge/channels/description.h"

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_replace.h"
#include "absl/time/time.h"
#include "libs/alerting/words.h"
#include "libs/base/ids.h"
#include "libs/base/status.h"
#include "libs/event/enum_names.h"
#include "libs/event/timestamps.h"

namespace platen::notifier::edge {
namespace {

constexpr std::size_t kValueBytesMax = 300;
// A note is written by people, and may be longer.
constexpr std::size_t kNoteBytesMax = 1000;
constexpr std::size_t kTitleBytesMax = 1000;
constexpr char kTakesCare[] = "I take care of it";

void AddRow(Description& text,
            const std::string& label,
            const std::string& value,
            std::size_t bytes_max = kValueBytesMax) {
  std::string line = alerting::OneLine(value, bytes_max);
  if (!line.empty()) text.rows.emplace_back(label, std::move(line));
}

std::string Utc(const google::protobuf::Timestamp& time) {
  return absl::FormatTime("%Y-%m-%d %H:%M:%S UTC",
                          absl::FromUnixMillis(base::ToMillis(event::FromProto(time))),
                          absl::UTCTimeZone());
}

std::string FirstLine(const event::v1::Event& event) {
  const event::v1::Alert& alert = event.alert();
  const event::v1::DeviceLabel& device = alert.device();
  std::vector<std::string> parts;
  const auto add = [&parts](const std::string& prefix, const std::string& value) {
    std::string line = alerting::OneLine(value, kValueBytesMax);
    if (!line.empty()) parts.push_back(prefix + line);
  };
  add("", device.customer().empty() ? event.tenant() : device.customer());
  add("", device.location().empty() ? device.site() : device.location());
  add("serial ", device.serial_number());
  if (alert.counters().has_total()) add("", base::StrCat(alert.counters().total(), " pages"));
  add("", alert.paper_source().empty() ? alert.where() : alert.paper_source());
  return absl::StrJoin(parts, ", ");
}

std::string Headline(const v1::Notification& notification) {
  std::string what = alerting::WhatHappened(notification.event().alert());
  switch (notification.kind()) {
    case v1::NOTIFICATION_KIND_CLEARED:
      return base::StrCat("Cleared: ", what);
    case v1::NOTIFICATION_KIND_ACKNOWLEDGED: {
      const std::string author = alerting::OneLine(notification.author(), kValueBytesMax);
      return base::StrCat("Acknowledged", author.empty() ? "" : " by ", author, ": ", what);
    }
    case v1::NOTIFICATION_KIND_ESCALATED:
      return base::StrCat("Passed on to you, for nobody takes care of it: ", what);
    case v1::NOTIFICATION_KIND_REMINDED:
      return base::StrCat("Still open, and nobody takes care of it: ", what);
    default:
      what[0] = absl::ascii_toupper(static_cast<unsigned char>(what[0]));
      return what;
  }
}

void DescribeDevice(const event::v1::Event& event, Description& text) {
  const event::v1::DeviceLabel& device = event.alert().device();
  AddRow(text, "Printer", PrinterName(device));
  AddRow(text, "Name", device.display_name());
  AddRow(text, "Serial number", device.serial_number());
  AddRow(text, "Customer", device.customer().empty() ? event.tenant() : device.customer());
  AddRow(text, "Site", device.site().empty() ? event.site() : device.site());
  AddRow(text, "Location", device.location());
  AddRow(text, "Address", device.address());
  AddRow(text, "Asset tag", device.asset_tag());
}

// What stood there when it began, where it is `over`: nobody is to look for a jam that is gone.
void DescribeAlert(const event::v1::Event& event, bool over, Description& text) {
  const event::v1::Alert& alert = event.alert();
  if (alert.has_raise_time()) AddRow(text, "Raised", Utc(alert.raise_time()));
  if (event.has_observation_time()) {
    AddRow(text, over ? "Cleared" : "Seen", Utc(event.observation_time()));
  }
  const bool is_of_platen = alert.origin() == event::v1::ALERT_ORIGIN_PLATEN;
  AddRow(text,
         base::StrCat(is_of_platen ? "Platen" : "The device", over ? " said" : " says"),
         alert.description());
  AddRow(text,
         over ? "Panel said" : "Panel says",
         absl::StrReplaceAll(alert.console_text(), {{"\n", " / "}}));
  AddRow(text, "Where", alert.where());
  AddRow(text, "Paper from", alert.paper_source());
  AddRow(text, "Paper", alert.media_size());
  if (alert.counters().has_total()) {
    AddRow(text, "Pages so far", base::StrCat(alert.counters().total()));
  }
  if (alert.code() != 0) {
    AddRow(text, "Code", base::StrCat(alert.code(), ", group ", alert.group()));
  }
  if (alert.level() != 0) {
    AddRow(text, "Level", base::StrCat(alert.level(), alert.level_derived() ? " (derived)" : ""));
  }
}

std::string MemberLine(const v1::DigestMember& member) {
  const std::string_view prefix = KindPrefix(member.kind());
  std::string line = base::StrCat(prefix, prefix.empty() ? "" : ": ", member.title());
  if (const std::string& where = member.event().alert().device().location(); !where.empty()) {
    line += base::StrCat(" (", where, ")");
  }
  if (!member.author().empty()) line += base::StrCat(", by ", member.author());
  if (!member.note().empty()) line += base::StrCat(": ", member.note());
  return line;
}

Description DescribeDigest(const v1::Notification& digest) {
  Description text;
  text.first_line = alerting::OneLine(digest.title(), kValueBytesMax);
  text.headline = base::StrCat(digest.members_size(), " messages in one");
  for (const v1::DigestMember& member : digest.members()) {
    AddRow(text, Utc(member.decide_time()), MemberLine(member), kNoteBytesMax);
  }
  for (const v1::DigestMember& member : digest.members()) {
    if (member.acknowledge_url().empty()) continue;
    text.links.emplace_back(
        base::StrCat(kTakesCare, ": ", alerting::OneLine(member.title(), kValueBytesMax)),
        member.acknowledge_url());
  }
  AddRow(text, "Rule", digest.rule());
  return text;
}

}  // namespace

std::string ShownTitle(const std::string& title) {
  return alerting::OneLine(title, kTitleBytesMax);
}

Description Describe(const v1::Notification& notification) {
  if (notification.kind() == v1::NOTIFICATION_KIND_DIGEST) return DescribeDigest(notification);
  Description text;
  text.first_line = FirstLine(notification.event());
  text.headline = Headline(notification);
  AddRow(text, "Acknowledged by", notification.author());
  AddRow(text, "Note", notification.note(), kNoteBytesMax);
  DescribeDevice(notification.event(), text);
  DescribeAlert(notification.event(), notification.kind() == v1::NOTIFICATION_KIND_CLEARED, text);
  AddRow(text, "Rule", notification.rule());
  AddRow(text, "Incident", base::HexEncode(notification.incident_id()));
  if (!notification.acknowledge_url().empty()) {
    text.links.emplace_back(kTakesCare, notification.acknowledge_url());
  }
  return text;
}

std::string TransitionWord(v1::NotificationKind kind) {
  return event::ShortEnumName(*v1::NotificationKind_descriptor(), kind);
}

std::string_view KindPrefix(v1::NotificationKind kind) {
  switch (kind) {
    case v1::NOTIFICATION_KIND_CLEARED:
      return "Cleared";
    case v1::NOTIFICATION_KIND_ACKNOWLEDGED:
      return "Acknowledged";
    case v1::NOTIFICATION_KIND_ESCALATED:
      return "Escalated";
    case v1::NOTIFICATION_KIND_REMINDED:
      return "Reminder";
    default:
      return "";
  }
}

std::string CategoryWord(event::v1::AlertCategory category) {
  return event::ShortEnumName(*event::v1::AlertCategory_descriptor(), category);
}

std::string SeverityWord(event::v1::AlertSeverity severity) {
  return event::ShortEnumName(*event::v1::AlertSeverity_descriptor(), severity);
}

std::string TrainingWord(event::v1::AlertTraining training) {
  return event::ShortEnumName(*event::v1::AlertTraining_descriptor(), training);
}

std::string PrinterName(const event::v1::DeviceLabel& device) {
  if (absl::StartsWithIgnoreCase(device.model(), device.manufacturer())) return device.model();
  return base::StrCat(device.manufacturer(), " ", device.model());
}

}  // namespace platen::notifier::edge
