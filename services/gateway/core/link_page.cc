#include "services/gateway/core/link_page.h"

#include "absl/strings/ascii.h"
#include "absl/time/time.h"
#include "libs/alerting/words.h"
#include "libs/base/status.h"
#include "libs/base/text.h"
#include "libs/event/timestamps.h"

namespace platen::gateway::core {
namespace {

constexpr std::size_t kValueBytesMax = 300;
constexpr std::size_t kNoteBytesMax = 1024;

constexpr std::string_view kHead =
    "<!DOCTYPE html>\n<html lang=\"en\"><head><meta charset=\"utf-8\">\n"
    "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n"
    "<meta name=\"robots\" content=\"noindex\">\n<title>Take care of an alert</title>\n"
    "<style>body{font:16px/1.5 sans-serif;max-width:36em;margin:2em auto;padding:0 1em}"
    "h1{font-size:1.3em}td{padding-right:1em;vertical-align:top}td:first-child{color:#666}"
    "textarea{width:100%;box-sizing:border-box}button{font-size:1.1em;padding:.5em 1em}</style>\n"
    "</head><body>\n";

constexpr std::string_view kForm =
    "<form method=\"post\">\n<p><label>For <select name=\"for\"><option value=\"1h\">an hour"
    "<option value=\"4h\" selected>4 hours<option value=\"24h\">a day"
    "<option value=\"72h\">three days</select></label></p>\n"
    "<p><label>A note for the others, if you like<br>"
    "<textarea name=\"note\" rows=\"3\" maxlength=\"300\"></textarea></label></p>\n"
    "<p><button>I take care of it</button></p>\n</form>\n";

std::string Utc(base::WallTime time) {
  return absl::FormatTime(
      "%Y-%m-%d %H:%M UTC", absl::FromUnixMillis(base::ToMillis(time)), absl::UTCTimeZone());
}

std::string Paragraph(std::string_view text) {
  return base::StrCat("<p>", base::EscapeHtml(text), "</p>\n");
}

void AddRow(std::string_view label, const std::string& value, std::string& html) {
  const std::string line = alerting::OneLine(value, kValueBytesMax);
  if (line.empty()) return;
  html += base::StrCat("<tr><td>", label, "</td><td>", base::EscapeHtml(line), "</td></tr>\n");
}

std::string Rows(const event::v1::Event& event) {
  const event::v1::Alert& alert = event.alert();
  const event::v1::DeviceLabel& device = alert.device();
  std::string html = "<table>\n";
  AddRow("What", alerting::WhatHappened(alert), html);
  AddRow("Printer", device.model(), html);
  AddRow("Name", device.display_name(), html);
  AddRow("Serial number", device.serial_number(), html);
  AddRow("Customer", device.customer().empty() ? event.tenant() : device.customer(), html);
  AddRow("Site", device.site().empty() ? event.site() : device.site(), html);
  AddRow("Location", device.location(), html);
  if (alert.has_raise_time()) AddRow("Since", Utc(event::FromProto(alert.raise_time())), html);
  return html + "</table>\n";
}

// Who takes care of it, where somebody does.
std::string Care(const LinkedAlert& alert, base::WallTime now) {
  if (!alert.care.has_value() || !alert.last.has_value() || !alert.is_open) return "";
  const rules::v1::Acknowledgement& care = alert.care->acknowledgement();
  const base::WallTime until = event::FromProto(care.expire_time());
  if (care.instance() != alert.last->alert().instance() || until <= now) return "";
  const std::string note = alerting::OneLine(care.note(), kNoteBytesMax);
  return Paragraph(base::StrCat(alerting::OneLine(alert.care->author(), kValueBytesMax),
                                " takes care of it until ",
                                Utc(until),
                                note.empty() ? "." : ": ",
                                note));
}

std::string Said(LinkOutcome outcome,
                 const links::v1::AcknowledgeLink* link,
                 const LinkedAlert* alert,
                 std::string_view fault) {
  switch (outcome) {
    case LinkOutcome::kShown:
      return "";
    case LinkOutcome::kAcknowledged:
      return "Thank you. Those who were told of it will be told that you take care of it.";
    case LinkOutcome::kUsed:
      return base::StrCat("This link works once. It was used at ",
                          Utc(base::WallFromMillis(alert->use_ms)),
                          ", as ",
                          AuthorOf(*link),
                          ".");
    case LinkOutcome::kOver:
      return "It is over: there is nothing to take care of any more.";
    case LinkOutcome::kUnknown:
      return "Nothing is known of this alert any more.";
    case LinkOutcome::kExpired:
      return "This link's time is over. Nothing was changed.";
    case LinkOutcome::kForged:
      return "This link is damaged, or was not made here. Was all of it copied?";
    case LinkOutcome::kBadForm:
      return base::StrCat("That can't be taken: ", fault, ". Nothing was changed; please go back.");
    case LinkOutcome::kWrongMethod:
      return "Links are opened, or their form is sent; nothing else.";
    case LinkOutcome::kNoPage:
      return "There is no such page.";
    case LinkOutcome::kTooMany:
    case LinkOutcome::kUnavailable:
      return "It can't be done just now. Nothing was changed; please try again in a minute.";
  }
  return "";
}

}  // namespace

absl::StatusOr<AlertPlace> PlaceOfLink(const links::v1::AcknowledgeLink& link) {
  PLATEN_ASSIGN_OR_RETURN(const base::DeviceId device, base::DeviceId::FromBytes(link.device_id()));
  return AlertPlace{
      .device = {.place = {.tenant = link.tenant(), .site = link.site()}, .device = device},
      .alert_id = link.alert_id()};
}

LinkOutcome JudgeLink(const links::v1::AcknowledgeLink& link, const LinkedAlert& alert) {
  if (alert.use_ms != 0) return LinkOutcome::kUsed;
  if (!alert.last.has_value()) return LinkOutcome::kUnknown;
  const bool is_meant = link.instance() == alert.last->alert().instance();
  return alert.is_open && is_meant ? LinkOutcome::kShown : LinkOutcome::kOver;
}

std::string AuthorOf(const links::v1::AcknowledgeLink& link) {
  return base::StrCat(alerting::OneLine(link.receiver(), 100), " by link");
}

absl::StatusOr<base::Duration> ReadChoice(std::string_view text) {
  if (text == "1h") return std::chrono::hours(1);
  if (text == "4h" || text.empty()) return std::chrono::hours(4);
  if (text == "24h") return std::chrono::hours(24);
  if (text == "72h") return std::chrono::hours(72);
  return base::InvalidArgument("for how long: 1h, 4h, 24h or 72h");
}

int HttpStatusOf(LinkOutcome outcome) {
  switch (outcome) {
    case LinkOutcome::kShown:
    case LinkOutcome::kAcknowledged:
      return 200;
    case LinkOutcome::kUsed:
      return 409;
    case LinkOutcome::kOver:
    case LinkOutcome::kExpired:
      return 410;
    case LinkOutcome::kUnknown:
    case LinkOutcome::kForged:
    case LinkOutcome::kNoPage:
      return 404;
    case LinkOutcome::kBadForm:
      return 400;
    case LinkOutcome::kWrongMethod:
      return 405;
    case LinkOutcome::kTooMany:
      return 429;
    case LinkOutcome::kUnavailable:
      return 503;
  }
  return 500;
}

std::string RenderLinkPage(LinkOutcome outcome,
                           const links::v1::AcknowledgeLink* link,
                           const LinkedAlert* alert,
                           std::string_view fault,
                           base::WallTime now) {
  const bool is_known = alert != nullptr && alert->last.has_value();
  std::string html(kHead);
  html += base::StrCat(
      "<h1>",
      is_known ? base::EscapeHtml(alerting::Title(*alert->last)) : "Take care of an alert",
      "</h1>\n");
  if (const std::string said = Said(outcome, link, alert, fault); !said.empty()) {
    html += Paragraph(said);
  }
  if (is_known) {
    html += Care(*alert, now);
    html += Rows(*alert->last);
  }
  const bool has_form =
      outcome == LinkOutcome::kShown || (outcome == LinkOutcome::kBadForm && is_known);
  if (has_form) {
    html += kForm;
    html += Paragraph(base::StrCat("You do so as ", AuthorOf(*link), "."));
  }
  return html + "</body></html>\n";
}

}  // namespace platen::gateway::core
