#include "libs/event/serial_number.h"

#include <algorithm>
#include <array>

namespace platen::event {
namespace {

// Letters and digits are ASCII in every serial number that was ever seen; other bytes stay.
char Upper(char c) {
  return c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c;
}

bool IsBlank(char c) {
  return static_cast<unsigned char>(c) <= 0x20 || c == 0x7f;
}

bool IsLetterOrDigit(char c) {
  return (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || static_cast<unsigned char>(c) >= 0x80;
}

// What firmware writes where nobody has set a number. In upper case, letters and digits only.
constexpr std::array<std::string_view, 20> kPlaceholders{"NOTSET",
                                                         "NOTAVAILABLE",
                                                         "NOTAPPLICABLE",
                                                         "NOTSPECIFIED",
                                                         "NOTDEFINED",
                                                         "UNDEFINED",
                                                         "UNKNOWN",
                                                         "UNAVAILABLE",
                                                         "UNSET",
                                                         "NONE",
                                                         "NULL",
                                                         "NA",
                                                         "DEFAULT",
                                                         "EMPTY",
                                                         "INVALID",
                                                         "SERIAL",
                                                         "SERIALNO",
                                                         "SERIALNUMBER",
                                                         "SYSTEMSERIALNUMBER",
                                                         "TOBEFILLEDBYOEM"};

bool IsPlaceholder(std::string_view upper) {
  std::string bare;
  std::copy_if(upper.begin(), upper.end(), std::back_inserter(bare), IsLetterOrDigit);
  // "0000", "XXXXXXX", "------".
  if (bare.find_first_not_of(bare.empty() ? '\0' : bare.front()) == std::string::npos) return true;
  // "123456789", "0123456789", "1234567890".
  constexpr std::string_view kCounting = "01234567890";
  if (bare.size() >= 6 && kCounting.find(bare) != std::string_view::npos) return true;
  return std::find(kPlaceholders.begin(), kPlaceholders.end(), bare) != kPlaceholders.end();
}

bool IsSharp(std::string_view manufacturer) {
  constexpr std::string_view kSharp = "SHARP";
  return manufacturer.size() >= kSharp.size() &&
         std::equal(kSharp.begin(), kSharp.end(), manufacturer.begin(), [](char a, char b) {
           return a == Upper(b);
         });
}

}  // namespace

std::string SerialEvidence(std::string_view manufacturer, std::string_view serial_number) {
  std::string text;
  for (const char c : serial_number) {
    if (!IsBlank(c)) text.push_back(Upper(c));
  }
  if (IsPlaceholder(text)) return {};
  if (IsSharp(manufacturer)) {
    for (const std::string_view tail : {"X00", "00"}) {
      if (text.size() <= tail.size() || !text.ends_with(tail)) continue;
      text.resize(text.size() - tail.size());
      break;
    }
  }
  text.erase(0, text.find_first_not_of('0'));
  return text;
}

}  // namespace platen::event
