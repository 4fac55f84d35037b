#include "services/collector/core/device_identity.h"

#include <algorithm>

#include "libs/event/serial_number.h"
#include "services/collector/core/text.h"

namespace platen::collector::core {
namespace {

using event::v1::Identity;

enum class Evidence : std::uint8_t { kNone, kSame, kDifferent };

Evidence Compare(const std::string& a, const std::string& b) {
  if (a.empty() || b.empty()) return Evidence::kNone;
  return a == b ? Evidence::kSame : Evidence::kDifferent;
}

// A reading of counters alone says no manufacturer.
std::string SerialOf(const Identity& identity, const Identity& other) {
  const bool says = !identity.manufacturer().empty();
  return event::SerialEvidence(says ? identity.manufacturer() : other.manufacturer(),
                               identity.serial_number());
}

// One interface in common is enough: cards come and go.
Evidence CompareMacs(const Identity& a, const Identity& b) {
  if (a.mac_addresses().empty() || b.mac_addresses().empty()) return Evidence::kNone;
  const bool shared =
      std::any_of(a.mac_addresses().begin(), a.mac_addresses().end(), [&b](const std::string& mac) {
        return std::any_of(
            b.mac_addresses().begin(), b.mac_addresses().end(), [&](const std::string& other) {
              return LowerCase(mac) == LowerCase(other);
            });
      });
  return shared ? Evidence::kSame : Evidence::kDifferent;
}

}  // namespace

std::string ExpectedSerial(const event::v1::Target& target, const Identity& known) {
  std::string agreed = event::SerialEvidence(known.manufacturer(), target.expected_serial());
  return agreed.empty() ? event::SerialEvidence(known.manufacturer(), known.serial_number())
                        : agreed;
}

bool AddressIsFixed(const event::v1::Target& target) {
  return target.address_is_fixed() || !event::SerialEvidence({}, target.expected_serial()).empty();
}

bool IsSameDevice(const Identity& a, const Identity& b) {
  const Evidence serial = Compare(SerialOf(a, b), SerialOf(b, a));
  if (serial == Evidence::kSame) return true;
  const Evidence uuid = Compare(LowerCase(a.uuid()), LowerCase(b.uuid()));
  const Evidence macs = CompareMacs(a, b);
  if (uuid == Evidence::kSame || macs == Evidence::kSame) return true;
  return serial == Evidence::kNone && uuid == Evidence::kNone && macs == Evidence::kNone;
}

Answerer WhoAnswers(const event::v1::Target& target,
                    const Identity& known,
                    const Identity& found,
                    bool whole) {
  const std::string agreed = event::SerialEvidence(
      found.manufacturer().empty() ? known.manufacturer() : found.manufacturer(),
      target.expected_serial());
  const Evidence agreement = Compare(agreed, SerialOf(found, known));
  if (agreement == Evidence::kSame) return Answerer::kExpected;
  if (agreement == Evidence::kDifferent) return whole ? Answerer::kOther : Answerer::kUnclear;
  if (IsSameDevice(known, found)) return Answerer::kExpected;
  return whole ? Answerer::kOther : Answerer::kUnclear;
}

}  // namespace platen::collector::core
