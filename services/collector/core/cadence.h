// When a device is read: every class of reading has an interval, and every device a place of its
// own in it, by a stable hash of its id. So a fleet is spread evenly, a device keeps its place over
// restarts and hand-overs, and the number of an interval is the same for every collector (it is
// what makes a scheduled reading's event id).
#pragma once

#include <compare>
#include <cstdint>

#include "platen/event/v1/pipeline.pb.h"

#include "libs/base/ids.h"
#include "libs/base/time.h"

namespace platen::collector::core {

// The classes of reading, in order of urgency.
enum class ReadingKind : std::uint8_t {
  kStatus,    // hrDeviceStatus, error bits, counters of alerts: has anything happened?
  kMeters,    // Counters.
  kSupplies,  // Levels.
  kFirmware,  // Identity and versions.
  kFull,      // Everything: also which instances the device's tables have.
};

inline constexpr std::size_t kReadingKindCount = 5;

inline constexpr ReadingKind kReadingKinds[kReadingKindCount] = {ReadingKind::kStatus,
                                                                 ReadingKind::kMeters,
                                                                 ReadingKind::kSupplies,
                                                                 ReadingKind::kFirmware,
                                                                 ReadingKind::kFull};

// "status", "meters", "supplies", "firmware", "full": as occurrences and metrics name them.
std::string_view Name(ReadingKind kind);

// Intervals of one device: its own where the target says so, the collector's otherwise.
struct Cadence {
  base::Duration status = std::chrono::seconds(60);
  base::Duration asleep = std::chrono::minutes(5);
  base::Duration meters = std::chrono::hours(1);
  base::Duration supplies = std::chrono::hours(1);
  base::Duration firmware = std::chrono::hours(6);
  base::Duration full = std::chrono::hours(24);

  base::Duration interval(ReadingKind kind) const;

  friend auto operator<=>(const Cadence&, const Cadence&) = default;
};

// `schedule` over `defaults`, each value at least one second.
Cadence MakeCadence(const event::v1::Schedule& schedule, const Cadence& defaults);

// One interval of one device and kind.
struct Slot {
  std::uint64_t number = 0;
  base::WallTime start;
};

// The interval that `now` lies in. REQUIRES: interval is at least a second.
Slot SlotAt(const base::DeviceId& device,
            ReadingKind kind,
            base::Duration interval,
            base::WallTime now);

}  // namespace platen::collector::core
