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

// A character that is not shown as it is.
struct Unshown {
  // Of its UTF-8; 0: the text begins with another.
  std::size_t bytes = 0;
  // A blank stands in its place; nothing does for one that turns the direction of writing.
  bool is_blank = false;
};

Unshown UnshownAt(std::string_view text) {
  const auto byte = [&](std::size_t at) {
    return at < text.size() ? static_cast<unsigned char>(text[at]) : 0;
  };
  const int first = byte(0);
  const int last = byte(2);
  if (first < 0x20 || first == 0x7F) return {1, true};
  if (first == 0xC2 && byte(1) >= 0x80 && byte(1) <= 0x9F) return {2, true};  // C1
  if (first == 0xD8 && byte(1) == 0x9C) return {2, false};                    // U+061C
  if (first == 0xE2 && byte(1) == 0x80) {
    if (last == 0xA8 || last == 0xA9) return {3, true};   // U+2028, U+2029: ends of lines
    if (last == 0x8E || last == 0x8F) return {3, false};  // U+200E, U+200F
    if (last >= 0xAA && last <= 0xAE) return {3, false};  // U+202A to U+202E
  }
  if (first == 0xE2 && byte(1) == 0x81 && last >= 0xA6 && last <= 0xA9)
    return {3, false};  // U+2066…
  return {};
}

}  // namespace

std::string OneLine(const std::string& text, std::size_t bytes_max) {
  std::string line;
  line.reserve(std::min(text.size(), bytes_max));
  for (std::string_view rest = text; !rest.empty();) {
    const Unshown unshown = UnshownAt(rest);
    const char shown = unshown.is_blank ? ' ' : rest.front();
    const bool doubles = shown == ' ' && (line.empty() || line.back() == ' ');
    if (!doubles && (unshown.bytes == 0 || unshown.is_blank)) line.push_back(shown);
    rest.remove_prefix(std::max<std::size_t>(unshown.bytes, 1));
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
