#include "services/collector/core/mask.h"

#include <algorithm>

#include "services/collector/core/text.h"

namespace platen::collector::core {

std::uint64_t Masker::Hash(std::string_view bytes) const {
  std::uint64_t state = bytes.size();
  while (!bytes.empty()) {
    std::uint64_t block = 0;
    for (const char c : bytes.substr(0, 8)) block = block << 8 | static_cast<unsigned char>(c);
    state = snmp::SipHash(key_, state, block);
    bytes.remove_prefix(std::min<std::size_t>(bytes.size(), 8));
  }
  return state;
}

std::uint32_t Masker::Draw(std::uint64_t hash, std::size_t i, std::uint32_t bound) const {
  return static_cast<std::uint32_t>(snmp::SipHash(key_, hash, i) % bound);
}

std::string Masker::Text(std::string_view text) const {
  std::string secret;
  std::copy_if(text.begin(), text.end(), std::back_inserter(secret), IsWordByte);
  const std::uint64_t hash = Hash(LowerCase(secret));
  const auto other = [&](std::size_t at, std::uint32_t old, std::uint32_t count) {
    return static_cast<char>((old + 1 + Draw(hash, at, count - 1)) % count);
  };
  std::string mask(text);
  std::size_t at = 0;
  for (char& c : mask) {
    if (!IsWordByte(c)) continue;
    if (c == '0') {
      c = static_cast<char>('1' + Draw(hash, at, 9));
    } else if (IsDigit(c)) {
      c = static_cast<char>('1' + other(at, static_cast<std::uint32_t>(c - '1'), 9));
    } else if (IsLetter(c)) {
      const char first = c >= 'a' ? 'a' : 'A';
      c = static_cast<char>(first + other(at, static_cast<std::uint32_t>(c - first), 26));
    } else {
      c = static_cast<char>('a' + Draw(hash, at, 26));
    }
    ++at;
  }
  return mask;
}

std::string Masker::Words(std::string_view text) const {
  std::string masks;
  while (!text.empty()) {
    const auto end = IsWordByte(text.front())
                         ? std::find_if_not(text.begin(), text.end(), IsWordByte)
                         : std::find_if(text.begin(), text.end(), IsWordByte);
    const std::string_view run = text.substr(0, static_cast<std::size_t>(end - text.begin()));
    masks += Text(run);
    text.remove_prefix(run.size());
  }
  return masks;
}

std::string Masker::Hex(std::string_view text) const {
  constexpr std::string_view kDigits = "0123456789abcdef";
  const std::uint64_t hash = Hash(LowerCase(text));
  const bool upper =
      std::any_of(text.begin(), text.end(), [](char c) { return c >= 'A' && c <= 'F'; });
  std::string mask(text);
  for (std::size_t i = 0; i < mask.size(); ++i) {
    if (!IsHexDigit(mask[i])) continue;
    const char low = LowerCase(std::string_view(&mask[i], 1)).front();
    const auto old = static_cast<std::uint32_t>(kDigits.find(low));
    const char digit = kDigits[(old + 1 + Draw(hash, i, 15)) % 16];
    mask[i] = upper && digit >= 'a' ? static_cast<char>(digit - 'a' + 'A') : digit;
  }
  return mask;
}

std::string Masker::Octets(std::string_view bytes, std::size_t kept) const {
  const std::uint64_t hash = Hash(bytes);
  std::string mask(bytes);
  for (std::size_t i = kept; i < mask.size(); ++i) {
    const auto old = static_cast<unsigned char>(mask[i]);
    mask[i] = static_cast<char>((old + 1 + Draw(hash, i, 255)) % 256);
  }
  return mask;
}

std::string Masker::Mac(std::string_view six_bytes) const {
  return Octets(six_bytes, 3);
}

std::string Masker::Ipv4(std::string_view four_bytes) const {
  const std::uint64_t hash = Hash(four_bytes);
  std::string mask(four_bytes);
  for (std::size_t i = 0; i < mask.size(); ++i) {
    const std::uint32_t old = static_cast<unsigned char>(mask[i]);
    const std::uint32_t low = old < 10 ? 0 : old < 100 ? 10 : 100;
    const std::uint32_t count = old < 10 ? 10 : old < 100 ? 90 : 156;
    mask[i] = static_cast<char>(low + (old - low + 1 + Draw(hash, i, count - 1)) % count);
  }
  return mask;
}

}  // namespace platen::collector::core
