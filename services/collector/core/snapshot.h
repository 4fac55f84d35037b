// Turns what a printer said into what it means: sorted varbinds into one DeviceSnapshot.
//
// Nothing is invented. A value that the device does not have stays absent, and what could be
// expected and is not there is listed in `unavailable` with the reason; a level that is not a
// number becomes a state; the raw number stays beside it. Each value can be traced to its OID and
// its rule. Pure: no I/O, no clock; total: any bytes give a snapshot, never a failure.
//
// Places where a protobuf field has no absence: in alert rows a column that the device leaves out
// becomes the MIB's own word for that, group_index -1 (not applicable) and location -2 (unknown).
#pragma once

#include <cstdint>
#include <span>
#include <string>

#include "platen/event/v1/device.pb.h"

#include "libs/base/time.h"
#include "libs/snmp/value.h"
#include "services/collector/core/profile.h"
#include "services/collector/core/trace.h"

namespace platen::collector::core {

// The tables of a snapshot. What was not asked for is neither read nor listed as unavailable.
enum class Part : std::uint8_t {
  kIdentity = 1,
  kStatus = 2,
  kMeters = 4,
  kSupplies = 8,
  kMedia = 16,  // Inputs, outputs, covers.
  kAlerts = 32,
};

// A set of parts.
class Parts {
 public:
  constexpr Parts(Part part)  // NOLINT(google-explicit-constructor)
      : bits_(static_cast<std::uint8_t>(part)) {}

  static constexpr Parts All() { return Parts(std::uint8_t{63}); }

  constexpr bool Has(Part part) const { return (bits_ & static_cast<std::uint8_t>(part)) != 0; }

  friend constexpr Parts operator|(Parts a, Parts b) {
    return Parts(static_cast<std::uint8_t>(a.bits_ | b.bits_));
  }

 private:
  explicit constexpr Parts(std::uint8_t bits) : bits_(bits) {}

  std::uint8_t bits_;
};

constexpr Parts operator|(Part a, Part b) {
  return Parts(a) | Parts(b);
}

struct SnapshotInput {
  // Ordered by name, without duplicates (SortReadings). Borrowed during the call.
  std::span<const snmp::Varbind> readings;
  // Chooses among these by what was read; null for the standard MIBs alone.
  const ProfileSet* profiles = nullptr;
  // Takes this one without choosing: what a poll knows from the first read. Wins over `profiles`.
  const Profile* profile = nullptr;
  // What earlier readings found out of model and firmware, for a profile's rules that are for some
  // of them only; asked where `parts` leaves identity out. Null where there is none.
  const event::v1::Identity* known = nullptr;
  Parts parts = Parts::All();
  std::string address;         // Empty for a recording.
  base::WallTime read_time{};  // The epoch: not known.
  bool complete = true;        // Whether the walk reached its end.
};

// `trace`: where to note each value's origin; null costs nothing.
event::v1::DeviceSnapshot MakeSnapshot(const SnapshotInput& input, Trace* trace = nullptr);

// The profile that MakeSnapshot() would choose: what to ask next. Null where none fits.
const Profile* ChooseProfile(std::span<const snmp::Varbind> readings, const ProfileSet& profiles);

}  // namespace platen::collector::core
