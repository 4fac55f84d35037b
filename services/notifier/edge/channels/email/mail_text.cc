#include "services/notifier/edge/channels/email/mail_text.h"

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_replace.h"
#include "absl/time/time.h"
#include "libs/base/ids.h"
#include "libs/base/status.h"
#include "libs/event/timestamps.h"
#include "services/notifier/core/words.h"
#include "services/notifier/edge/channels/email/encoding.h"

namespace platen::notifier::edge {
namespace {

constexpr std::size_t kValueBytesMax = 300;

void AddRow(MailText& text, const std::string& label, const std::string& value) {
  std::string line = core::OneLine(value, kValueBytesMax);
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
    std::string line = core::OneLine(value, kValueBytesMax);
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
  std::string what = core::WhatHappened(notification.event().alert());
  if (notification.kind() == v1::NOTIFICATION_KIND_CLEARED) {
    return base::StrCat("Cleared: ", what);
  }
  what[0] = absl::ascii_toupper(static_cast<unsigned char>(what[0]));
  return what;
}

// Many models begin with their maker's name already.
std::string PrinterName(const event::v1::DeviceLabel& device) {
  if (absl::StartsWithIgnoreCase(device.model(), device.manufacturer())) return device.model();
  return base::StrCat(device.manufacturer(), " ", device.model());
}

}  // namespace

MailText Describe(const v1::Notification& notification) {
  const event::v1::Event& event = notification.event();
  const event::v1::Alert& alert = event.alert();
  const event::v1::DeviceLabel& device = alert.device();
  MailText text;
  text.first_line = FirstLine(event);
  text.headline = Headline(notification);
  AddRow(text, "Printer", PrinterName(device));
  AddRow(text, "Name", device.display_name());
  AddRow(text, "Serial number", device.serial_number());
  AddRow(text, "Customer", device.customer().empty() ? event.tenant() : device.customer());
  AddRow(text, "Site", device.site().empty() ? event.site() : device.site());
  AddRow(text, "Location", device.location());
  AddRow(text, "Address", device.address());
  AddRow(text, "Asset tag", device.asset_tag());
  if (alert.has_raise_time()) AddRow(text, "Raised", Utc(alert.raise_time()));
  // What stood there when it began: nobody is to look for a jam that is gone.
  const bool cleared = notification.kind() == v1::NOTIFICATION_KIND_CLEARED;
  if (event.has_observation_time()) {
    AddRow(text, cleared ? "Cleared" : "Seen", Utc(event.observation_time()));
  }
  AddRow(text, cleared ? "The device said" : "The device says", alert.description());
  AddRow(text,
         cleared ? "Panel said" : "Panel says",
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
  AddRow(text, "Incident", base::HexEncode(notification.incident_id()));
  return text;
}

std::string RenderPlain(const MailText& text) {
  std::string plain = base::StrCat(text.first_line, "\n\n", text.headline, "\n\n");
  for (const auto& [label, value] : text.rows) plain += base::StrCat(label, ": ", value, "\n");
  return plain;
}

std::string RenderHtml(const MailText& text) {
  std::string html =
      base::StrCat("<!DOCTYPE html>\n<html><body style=\"font-family:sans-serif\">\n<p>",
                   EscapeHtml(text.first_line),
                   "</p>\n<h2>",
                   EscapeHtml(text.headline),
                   "</h2>\n<table>\n");
  for (const auto& [label, value] : text.rows) {
    html += base::StrCat("<tr><td style=\"color:#666;padding-right:1em\">",
                         EscapeHtml(label),
                         "</td><td>",
                         EscapeHtml(value),
                         "</td></tr>\n");
  }
  return html + "</table>\n</body></html>\n";
}

}  // namespace platen::notifier::edge
