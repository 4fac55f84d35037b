#include "services/collector/core/secret_table.h"

#include <algorithm>
#include <charconv>

#include "libs/base/ids.h"
#include "services/collector/core/text.h"

namespace platen::collector::core {
namespace {

// A shorter secret is looked for as a whole word only.
constexpr std::size_t kAnywhere = 6;
constexpr std::size_t kShortest = 4;

char Low(char c) {
  return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
}

std::string Interleaved(std::string_view text, bool nul_first) {
  std::string wide;
  for (const char c : text) {
    if (nul_first) wide.push_back('\0');
    wide.push_back(c);
    if (!nul_first) wide.push_back('\0');
  }
  return wide;
}

// "00:1b:a9:12:34:56" of hexadecimal digits.
std::string Separated(std::string_view hex, std::size_t group, char by) {
  std::string text;
  for (std::size_t i = 0; i < hex.size(); i += group) {
    if (i > 0) text.push_back(by);
    text += hex.substr(i, group);
  }
  return text;
}

std::string Dotted(std::string_view four_bytes) {
  std::string text;
  for (const char byte : four_bytes) {
    if (!text.empty()) text.push_back('.');
    text += std::to_string(static_cast<unsigned char>(byte));
  }
  return text;
}

std::string OctetsOf(std::string_view text, int base) {
  std::string octets;
  for (const char* at = text.data(); at < text.data() + text.size();) {
    const char* const last = text.data() + text.size();
    unsigned value = 0;
    const auto parsed =
        std::from_chars(at, base == 16 ? std::min(at + 2, last) : last, value, base);
    if (parsed.ec != std::errc()) {
      ++at;
      continue;
    }
    octets.push_back(static_cast<char>(value));
    at = parsed.ptr;
  }
  return octets;
}

std::uint64_t BigEndian(std::string_view bytes) {
  std::uint64_t number = 0;
  for (const char byte : bytes) number = number << 8 | static_cast<unsigned char>(byte);
  return number;
}

std::optional<std::uint64_t> NumberOf(std::string_view text) {
  std::uint64_t number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return number;
}

}  // namespace

void SecretTable::AddSpelling(Spelling spelling) {
  const auto insert = [this, &spelling](char first) {
    std::vector<Spelling>& list = by_first_[static_cast<unsigned char>(first)];
    const auto at = std::ranges::find_if(list, [&spelling](const Spelling& each) {
      return each.find.size() < spelling.find.size();
    });
    list.insert(at, spelling);
  };
  const char first = spelling.find.front();
  insert(first);
  if (spelling.fold && first >= 'a' && first <= 'z') insert(static_cast<char>(first - 'a' + 'A'));
}

void SecretTable::AddText(SecretKind kind, std::string_view find, std::string_view put, Edge edge) {
  const std::string low = LowerCase(find);
  const std::string mask = LowerCase(put);
  AddSpelling({low, mask, kind, true, edge});
  for (const bool nul_first : {false, true}) {
    AddSpelling(
        {Interleaved(low, nul_first), Interleaved(mask, nul_first), kind, true, Edge::kAny});
  }
  for (const std::string& spelt : {std::string(find), low}) {
    const std::string cased = spelt == low ? mask : std::string(put);
    AddSpelling({base::HexEncode(spelt), base::HexEncode(cased), kind, true, Edge::kAny});
  }
}

void SecretTable::Add(SecretKind kind, std::string_view text) {
  if (kind == SecretKind::kMac) {
    const bool dotted = text.find('.') != std::string_view::npos;
    std::string hex;
    std::copy_if(text.begin(), text.end(), std::back_inserter(hex), IsHexDigit);
    if (hex.size() == 12 || dotted) AddMac(OctetsOf(hex, 16));
    return;
  }
  if (kind == SecretKind::kIp && text.find(':') == std::string_view::npos) {
    AddIpv4(OctetsOf(text, 10));
    return;
  }
  std::string digits;
  std::copy_if(text.begin(), text.end(), std::back_inserter(digits), IsHexDigit);
  // What a device calls its UUID need not be one.
  constexpr std::size_t kUuidDigits = 32;
  const bool uuid = kind == SecretKind::kUuid && digits.size() == kUuidDigits;
  const bool hex = uuid || kind == SecretKind::kIp;
  const bool whole = kind == SecretKind::kEmail || kind == SecretKind::kHost;
  if (text.size() < kShortest ||
      std::all_of(text.begin(), text.end(), [&text](char c) { return c == text.front(); })) {
    return;  // A place-holder, or nothing that tells one from another.
  }
  if (!known_.insert(LowerCase(text)).second) return;
  const std::string put = hex     ? masker_.Hex(LowerCase(text))
                          : whole ? masker_.Words(text)
                                  : masker_.Text(text);
  AddText(kind, text, put, hex || text.size() >= kAnywhere ? Edge::kAny : Edge::kWord);
  if (uuid) {
    std::string masked;
    std::copy_if(put.begin(), put.end(), std::back_inserter(masked), IsHexDigit);
    AddSpelling({LowerCase(digits), masked, kind, true, Edge::kAny});
    AddSpelling({OctetsOf(digits, 16), OctetsOf(masked, 16), kind, false, Edge::kAny});
  }
  const auto number = NumberOf(text);
  if (number.has_value() && text.size() >= kAnywhere) {
    numbers_[*number] = {kind, NumberOf(put).value_or(0)};
  }
}

void SecretTable::AddMac(std::string_view six_bytes) {
  constexpr std::size_t kMacBytes = 6;
  if (six_bytes.size() != kMacBytes || six_bytes == std::string(kMacBytes, '\0') ||
      six_bytes == std::string(kMacBytes, '\xff') ||
      !known_.insert(std::string(six_bytes)).second) {
    return;
  }
  const std::string mask = masker_.Mac(six_bytes);
  AddSpelling({std::string(six_bytes), mask, SecretKind::kMac, false, Edge::kAny});
  const std::string find = base::HexEncode(six_bytes);
  const std::string put = base::HexEncode(mask);
  AddText(SecretKind::kMac, find, put, Edge::kAny);
  for (const char by : {':', '-', ' '}) {
    AddText(SecretKind::kMac, Separated(find, 2, by), Separated(put, 2, by), Edge::kAny);
  }
  AddText(SecretKind::kMac, Separated(find, 4, '.'), Separated(put, 4, '.'), Edge::kAny);
  // Default names of many makers end with the second half: "NPI12AB34".
  AddText(SecretKind::kMac, find.substr(6), put.substr(6), Edge::kEnd);
  numbers_[BigEndian(six_bytes)] = {SecretKind::kMac, BigEndian(mask)};
}

void SecretTable::AddIpv4(std::string_view four_bytes) {
  if (four_bytes.size() != 4 || BigEndian(four_bytes) == 0) return;
  const auto first = static_cast<unsigned char>(four_bytes.front());
  if (first == 127 || first >= 224 || !known_.insert(std::string(four_bytes)).second) return;
  const std::string mask = masker_.Ipv4(four_bytes);
  AddSpelling({std::string(four_bytes), mask, SecretKind::kIp, false, Edge::kAny});
  AddText(SecretKind::kIp, Dotted(four_bytes), Dotted(mask), Edge::kDotted);
  AddSpelling(
      {base::HexEncode(four_bytes), base::HexEncode(mask), SecretKind::kIp, true, Edge::kWord});
  numbers_[BigEndian(four_bytes)] = {SecretKind::kIp, BigEndian(mask)};
}

bool SecretTable::Fits(const Spelling& spelling, std::string_view bytes, std::size_t at) {
  const std::string& find = spelling.find;
  if (bytes.size() - at < find.size()) return false;
  for (std::size_t i = 0; i < find.size(); ++i) {
    if ((spelling.fold ? Low(bytes[at + i]) : bytes[at + i]) != find[i]) return false;
  }
  const auto has = [bytes](std::size_t i, auto is) { return i < bytes.size() && is(bytes[i]); };
  const std::size_t end = at + find.size();
  switch (spelling.edge) {
    case Edge::kAny:
      return true;
    case Edge::kWord:
      return !has(at - 1, IsWordByte) && !has(end, IsWordByte);
    case Edge::kEnd:
      return !has(end, IsWordByte);
    case Edge::kDotted:
      return !has(at - 1, IsDigit) && !has(end, IsDigit);
  }
  return false;
}

std::optional<SecretTable::Hit> SecretTable::At(std::string_view bytes, std::size_t at) const {
  for (const Spelling& spelling : by_first_[static_cast<unsigned char>(bytes[at])]) {
    if (!Fits(spelling, bytes, at)) continue;
    Hit hit{spelling.kind, spelling.put};
    if (!spelling.fold) return hit;
    const std::string_view old = bytes.substr(at, hit.mask.size());
    const bool capitals =
        std::any_of(old.begin(), old.end(), [](char c) { return c >= 'A' && c <= 'Z'; });
    for (std::size_t i = 0; i < hit.mask.size(); ++i) {
      char& c = hit.mask[i];
      const bool upper = IsDigit(old[i]) ? capitals : old[i] >= 'A' && old[i] <= 'Z';
      if (upper && c >= 'a' && c <= 'z') c = static_cast<char>(c - 'a' + 'A');
    }
    return hit;
  }
  return std::nullopt;
}

std::optional<std::pair<SecretKind, std::uint64_t>> SecretTable::OfNumber(
    std::uint64_t number) const {
  const auto found = numbers_.find(number);
  if (found == numbers_.end()) return std::nullopt;
  return found->second;
}

}  // namespace platen::collector::core
