// Masks for what must not leave a customer's site: the same secret under the same key always gets
// the same mask, of the same length and shape, and no character of it stays where it was. Without
// the key a mask cannot be computed. Pure, thread-compatible.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "libs/snmp/siphash.h"

namespace platen::collector::core {

class Masker {
 public:
  explicit Masker(const snmp::SipKey& key) : key_(key) {}

  // Letters become letters of the same case, digits digits, bytes above 0x7f small letters; all
  // else stays. Case and what is neither letter nor digit do not change the mask: "ab-1" and "AB1"
  // are the same secret.
  std::string Text(std::string_view text) const;

  // Text() of each word (a run of letters, digits and bytes above 0x7f) by itself.
  std::string Words(std::string_view text) const;

  // Hexadecimal digits become others, in the case that the text has; all else stays.
  std::string Hex(std::string_view text) const;

  // The first three bytes, which name the maker, stay.
  std::string Mac(std::string_view six_bytes) const;

  // Each byte keeps the number of its decimal digits.
  std::string Ipv4(std::string_view four_bytes) const;

  // Any bytes; the first `kept` stay.
  std::string Octets(std::string_view bytes, std::size_t kept) const;

 private:
  std::uint64_t Hash(std::string_view bytes) const;
  // A number from 0 to bound - 1 for the `i`th place of what has this hash.
  std::uint32_t Draw(std::uint64_t hash, std::size_t i, std::uint32_t bound) const;

  snmp::SipKey key_;
};

inline bool IsDigit(char c) {
  return c >= '0' && c <= '9';
}

inline bool IsLetter(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

inline bool IsHexDigit(char c) {
  return IsDigit(c) || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F');
}

// What words consist of, in any charset.
inline bool IsWordByte(char c) {
  return IsDigit(c) || IsLetter(c) || static_cast<unsigned char>(c) >= 0x80;
}

}  // namespace platen::collector::core
