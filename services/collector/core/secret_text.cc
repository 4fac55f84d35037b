#include "services/collector/core/secret_text.h"

#include <algorithm>
#include <array>
#include <string>

#include "services/collector/core/mask.h"
#include "services/collector/core/text.h"

namespace platen::collector::core {
namespace {

bool IsTokenByte(char c) {
  return IsWordByte(c) || c == '.' || c == ':' || c == '@' || c == '_' || c == '+' || c == '-';
}

// Where each `x` of the shape is a hexadecimal digit, and everything else itself.
bool HasShape(std::string_view text, std::string_view shape) {
  return text.size() == shape.size() &&
         std::equal(text.begin(), text.end(), shape.begin(), [](char c, char s) {
           return s == 'x' ? IsHexDigit(c) : c == s;
         });
}

// Twelve digits alone may be anything: a MAC address has letters too.
bool IsMac(std::string_view text) {
  if (HasShape(text, "xx:xx:xx:xx:xx:xx") || HasShape(text, "xx-xx-xx-xx-xx-xx") ||
      HasShape(text, "xxxx.xxxx.xxxx")) {
    return true;
  }
  return HasShape(text, "xxxxxxxxxxxx") && std::any_of(text.begin(), text.end(), IsLetter) &&
         std::any_of(text.begin(), text.end(), IsDigit);
}

std::vector<std::string_view> Split(std::string_view text, char by) {
  std::vector<std::string_view> parts;
  for (;;) {
    const std::size_t end = text.find(by);
    parts.push_back(text.substr(0, end));
    if (end == std::string_view::npos) return parts;
    text.remove_prefix(end + 1);
  }
}

bool IsIpv4(std::string_view text) {
  const auto parts = Split(text, '.');
  if (parts.size() != 4) return false;
  for (const std::string_view part : parts) {
    if (part.empty() || part.size() > 3 || !std::all_of(part.begin(), part.end(), IsDigit)) {
      return false;
    }
    if (std::stoi(std::string(part)) > 255) return false;
  }
  const int first = std::stoi(std::string(parts.front()));
  return first >= 10 && first != 127 && first < 224;
}

bool IsIpv6(std::string_view text) {
  const auto parts = Split(text, ':');
  if (parts.size() < 3 || parts.size() > 9 || std::ranges::count_if(text, IsHexDigit) < 4) {
    return false;
  }
  if (text.find("::") == std::string_view::npos && parts.size() != 8) return false;
  return std::all_of(parts.begin(), parts.end(), [](std::string_view part) {
    return part.size() <= 4 && std::all_of(part.begin(), part.end(), IsHexDigit);
  });
}

bool IsHost(std::string_view text) {
  static constexpr std::string_view kEnds[] = {
      "com",      "net",  "org",  "edu",   "gov", "mil", "int", "local", "lan",
      "internal", "corp", "home", "intra", "eu",  "de",  "at",  "ch",    "fr",
      "uk",       "us",   "it",   "es",    "nl",  "be",  "jp",  "cn"};
  const auto labels = Split(text, '.');
  if (labels.size() < 2) return false;
  for (const std::string_view label : labels) {
    if (label.empty() || label.find_first_of(":@+") != std::string_view::npos) return false;
  }
  const std::string_view last = labels.back();
  if (last.size() < 2 || !std::all_of(last.begin(), last.end(), IsLetter)) return false;
  return labels.size() > 2 || std::ranges::find(kEnds, LowerCase(last)) != std::end(kEnds);
}

bool IsEmail(std::string_view text) {
  const std::size_t at = text.find('@');
  return at != std::string_view::npos && at > 0 && at + 1 < text.size() &&
         text.find('@', at + 1) == std::string_view::npos && IsWordByte(text[at + 1]);
}

std::string_view Trimmed(std::string_view token) {
  constexpr std::string_view kPunctuation = ".:@_+-";
  while (!token.empty() && kPunctuation.find(token.back()) != std::string_view::npos &&
         !token.ends_with("::")) {
    token.remove_suffix(1);
  }
  while (!token.empty() && kPunctuation.find(token.front()) != std::string_view::npos &&
         !token.starts_with("::")) {
    token.remove_prefix(1);
  }
  return token;
}

// Whether `token` as a whole is a secret, which is then noted.
bool NoteWhole(std::string_view token, std::vector<FoundSecret>& found) {
  constexpr std::size_t kLongest = 320;  // Of a mail address.
  if (token.size() > kLongest) return false;
  if (HasShape(token, "xxxxxxxx-xxxx-xxxx-xxxx-xxxxxxxxxxxx")) {
    found.push_back({SecretKind::kUuid, token});
  } else if (IsMac(token)) {
    found.push_back({SecretKind::kMac, token});
  } else if (IsIpv4(token) || IsIpv6(token)) {
    found.push_back({SecretKind::kIp, token});
  } else if (IsEmail(token)) {
    found.push_back({SecretKind::kEmail, token});
  } else if (IsHost(token)) {
    found.push_back({SecretKind::kHost, token});
  } else {
    return false;
  }
  return true;
}

// What is nothing as a whole is tried part by part, between colons ("host-7.acme.com:631",
// "MAC:00:1b:a9:12:34:56"), and those between other marks ("ip-10.0.0.1").
void FindInToken(std::string_view token,
                 std::string_view marks,
                 std::string_view lesser_marks,
                 std::vector<FoundSecret>& found) {
  for (token = Trimmed(token); !token.empty(); token = Trimmed(token)) {
    if (NoteWhole(token, found)) return;
    const std::size_t mark = token.find_first_of(marks);
    if (!lesser_marks.empty()) {
      FindInToken(token.substr(0, mark), lesser_marks, "", found);
    } else if (mark != std::string_view::npos) {
      NoteWhole(token.substr(0, mark), found);
    }
    if (mark == std::string_view::npos) return;
    token.remove_prefix(mark + 1);
  }
}

// "S/N:CRUM-10011234567", "SERN:ABC123;", "Serial Number 123456".
void FindNamedSerials(std::string_view text, std::vector<FoundSecret>& found) {
  static constexpr std::string_view kNames[] = {
      "serialnumber", "serial number", "serial no.", "serial no", "serial", "sern", "s/n", "sn"};
  const std::string low = LowerCase(text);
  for (std::size_t at = 0; at < low.size(); ++at) {
    if (at > 0 && IsWordByte(low[at - 1])) continue;
    const std::string_view rest = std::string_view(low).substr(at);
    const auto* name = std::ranges::find_if(
        kNames, [rest](std::string_view each) { return rest.starts_with(each); });
    if (name == std::end(kNames)) continue;
    std::size_t begin = at + name->size();
    const std::size_t gap = begin;
    while (begin < low.size() &&
           (low[begin] == ':' || low[begin] == ' ' || low[begin] == '=' || low[begin] == '#')) {
      ++begin;
    }
    std::size_t end = begin;
    while (end < low.size() && (IsWordByte(low[end]) || low[end] == '-')) ++end;
    const std::string_view number = text.substr(begin, end - begin);
    const bool apart = begin > gap || *name == "sn";  // Xerox: "SN48178080E0000481".
    if (apart && number.size() >= 4 && std::any_of(number.begin(), number.end(), IsDigit)) {
      found.push_back({SecretKind::kSerial, number});
    }
  }
}

// Digits in groups, from seven to fifteen, after '+', '(', a leading 0, or as 555-123-4567.
void FindPhones(std::string_view text, std::vector<FoundSecret>& found) {
  constexpr std::string_view kBetween = " -/().";
  for (std::size_t at = 0; at < text.size(); ++at) {
    const bool starts = IsDigit(text[at]) || text[at] == '+' || text[at] == '(';
    if (!starts || (at > 0 && (IsTokenByte(text[at - 1]) || text[at - 1] == '('))) continue;
    std::size_t end = at + 1;
    std::size_t digits = IsDigit(text[at]) ? 1 : 0;
    std::size_t groups = 1;
    std::size_t after_digit = end;
    for (; end < text.size(); ++end) {
      if (IsDigit(text[end])) {
        if (end > at + 1 && !IsDigit(text[end - 1])) ++groups;
        ++digits;
        after_digit = end + 1;
      } else if (kBetween.find(text[end]) == std::string_view::npos) {
        break;
      }
    }
    const std::string_view number = text.substr(at, after_digit - at);
    const bool ends = after_digit == text.size() || !IsWordByte(text[after_digit]);
    const bool american = number.size() == 12 && groups == 3 && !IsDigit(number[3]) &&
                          number[3] == number[7] && digits == 10;
    const bool begins = text[at] == '+' || text[at] == '(' || (text[at] == '0' && groups > 1);
    const bool date = groups == 3 && digits == 8 && number.size() == 10;  // "05/28/2018"
    if (ends && !date && digits >= 7 && digits <= 15 && (begins || american)) {
      found.push_back({SecretKind::kPhone, number});
      at = after_digit;
    }
  }
}

}  // namespace

std::string_view Name(SecretKind kind) {
  static constexpr std::array<std::string_view, kSecretKinds> kNames = {
      "serial numbers",
      "names and places",
      "MAC addresses",
      "IP addresses",
      "UUIDs",
      "mail addresses",
      "host names",
      "telephone numbers",
      "words in objects that no profile reads"};
  return kNames[static_cast<std::size_t>(kind)];
}

std::vector<FoundSecret> FindSecrets(std::string_view text) {
  std::vector<FoundSecret> found;
  std::size_t at = 0;
  while (at < text.size()) {
    if (!IsTokenByte(text[at])) {
      ++at;
      continue;
    }
    std::size_t end = at;
    while (end < text.size() && IsTokenByte(text[end])) ++end;
    FindInToken(text.substr(at, end - at), ":", "_+-", found);
    at = end;
  }
  FindNamedSerials(text, found);
  FindPhones(text, found);
  return found;
}

}  // namespace platen::collector::core
