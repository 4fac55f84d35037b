#include "libs/alerting/words.h"

#include <algorithm>
#include <string_view>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_replace.h"
#include "libs/base/status.h"

namespace platen::alerting {
namespace {

using event::v1::Alert;

constexpr std::size_t kWhatBytesMax = 100;
constexpr std::size_t kLabelBytesMax = 60;
constexpr std::size_t kSerialTail = 4;

// "Tray 2" is a name at the start of a line, "tray 2" within one; "ADF" stays as it is.
std::string InSentence(std::string text) {
  if (text.size() > 1 && absl::ascii_isupper(static_cast<unsigned char>(text[0])) &&
      absl::ascii_islower(static_cast<unsigned char>(text[1]))) {
    text[0] = absl::ascii_tolower(static_cast<unsigned char>(text[0]));
  }
  return text;
}

std::string Fault(const Alert& alert) {
  if (alert.category() == event::v1::ALERT_CATEGORY_JAM) return "jam";
  if (std::string said = OneLine(alert.description(), kWhatBytesMax); !said.empty()) {
    return InSentence(std::move(said));
  }
  if (!alert.reason_keyword().empty() && alert.reason_keyword() != "other") {
    return absl::StrReplaceAll(OneLine(alert.reason_keyword(), kWhatBytesMax), {{"-", " "}});
  }
  return alert.category() == event::v1::ALERT_CATEGORY_ERROR ? "error" : "alarm";
}

// The last characters tell two printers of one room apart; the whole number is in the body.
std::string SerialTail(const std::string& serial) {
  const std::string line = OneLine(serial, kLabelBytesMax);
  if (line.size() <= kSerialTail) return line;
  std::size_t begin = line.size() - kSerialTail;
  while (begin > 0 && (static_cast<unsigned char>(line[begin]) & 0xC0) == 0x80) --begin;
  return base::StrCat("…", line.substr(begin));
}

std::string FirstOf(const std::string& first, const std::string& second) {
  return OneLine(first.empty() ? second : first, kLabelBytesMax);
}

}  // namespace

std::string OneLine(const std::string& text, std::size_t bytes_max) {
  std::string line;
  line.reserve(std::min(text.size(), bytes_max));
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    const char shown = byte < 0x20 || byte == 0x7F ? ' ' : c;
    if (shown == ' ' && (line.empty() || line.back() == ' ')) continue;
    line.push_back(shown);
  }
  if (line.size() > bytes_max) {
    std::size_t end = bytes_max;
    while (end > 0 && (static_cast<unsigned char>(line[end]) & 0xC0) == 0x80) --end;
    line.resize(end);
  }
  while (!line.empty() && line.back() == ' ') line.pop_back();
  return line;
}

std::string WhatHappened(const Alert& alert) {
  std::string what = Fault(alert);
  const std::string where = InSentence(OneLine(alert.where(), kLabelBytesMax));
  if (!where.empty() &&
      !absl::StrContains(absl::AsciiStrToLower(what), absl::AsciiStrToLower(where))) {
    what += base::StrCat(" in ", where);
  }
  return what;
}

std::string Title(const event::v1::Event& event) {
  const event::v1::DeviceLabel& device = event.alert().device();
  const std::string customer = FirstOf(device.customer(), event.tenant());
  const std::string site = FirstOf(device.site(), event.site());
  std::string title;
  if (!customer.empty() || !site.empty()) {
    title = base::StrCat("[", customer, customer.empty() || site.empty() ? "" : "/", site, "] ");
  }
  std::string who = FirstOf(device.model(), device.display_name());
  if (who.empty()) who = OneLine(device.address(), kLabelBytesMax);
  if (who.empty()) who = "printer";
  title += who;
  if (const std::string tail = SerialTail(device.serial_number()); !tail.empty()) {
    title += base::StrCat(", ", tail);
  }
  title += base::StrCat(": ", WhatHappened(event.alert()));
  return OneLine(title, kTitleBytesMax);
}

}  // namespace platen::alerting
