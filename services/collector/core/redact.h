// Takes out of a recording what is its owner's: serial numbers, names, places, addresses.
//
// First all secrets are collected: from the objects that hold them, from what a profile finds, and
// by their shape in any text. Then each is masked wherever it occurs: in text of either case and in
// UTF-16, in octets, in hexadecimal text, in numbers, in the indexes of OIDs. What a profile reads
// and the standard MIBs say stays readable otherwise; of a vendor's other objects only ordinary
// words of printers stay, as names of users and documents may stand there. Pure.
#pragma once

#include <array>
#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "libs/snmp/siphash.h"
#include "libs/snmp/value.h"
#include "services/collector/core/profile.h"
#include "services/collector/core/secret_text.h"

namespace platen::collector::core {

struct RedactInput {
  // Ordered by name, without duplicates. Borrowed during the call.
  std::span<const snmp::Varbind> readings;
  const ProfileSet* profiles = nullptr;  // Not null.
  snmp::SipKey key;
  // What is secret besides: the address and the name that were asked, the community.
  std::vector<std::string> secrets;
};

struct Redacted {
  std::vector<snmp::Varbind> rows;  // Ordered by name.
  // Places that were masked, by SecretKind.
  std::array<std::uint64_t, kSecretKinds> places{};
};

// More than any device has.
inline constexpr std::size_t kSecretsMax = 4096;

// kResourceExhausted where there are more than kSecretsMax secrets: what cannot be kept in mind
// cannot be masked.
absl::StatusOr<Redacted> Redact(const RedactInput& input);

}  // namespace platen::collector::core
