// Secrets that are recognised by their shape, wherever in a text they stand: addresses of the
// network, of mail and of hosts, UUIDs, serial numbers that are named so, telephone numbers. Pure.
#pragma once

#include <cstdint>
#include <string_view>
#include <vector>

namespace platen::collector::core {

enum class SecretKind : std::uint8_t {
  kSerial,
  kName,
  kMac,
  kIp,
  kUuid,
  kEmail,
  kHost,
  kPhone,
  kUnknown,  // Text of a vendor's own objects that no profile reads.
};

inline constexpr std::size_t kSecretKinds = 9;

// "serial numbers"; plural, for people.
std::string_view Name(SecretKind kind);

struct FoundSecret {
  SecretKind kind = SecretKind::kName;
  std::string_view text;  // Borrowed from what was searched.
};

// All that `text` has. What may be a version number is none: an IPv4 address begins with 10 or
// more.
std::vector<FoundSecret> FindSecrets(std::string_view text);

}  // namespace platen::collector::core
