// Views of one condition. A row of prtAlertTable says it best; then a trap or the device's own
// report; then an error bit or a cover. These are strong: they raise, hold and end alerts. Status
// of sub-units, levels and panel text are weak: they raise only what no strong view tells, and hold
// only what they have raised themselves; where a strong view ends, its end counts.
//
// Pure.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "platen/collector/v1/state.pb.h"
#include "platen/event/v1/device.pb.h"

#include "services/collector/core/conditions.h"

namespace platen::collector::core {

// Every view but the rows, the strongest first.
enum class View : std::uint8_t { kTrap, kPush, kBit, kCover, kSubUnit, kLevel, kPanel };

// Groups of prtAlertGroup whose index names a row of a table that Platen reads.
inline constexpr std::int32_t kGroupCover = 6;
inline constexpr std::int32_t kGroupInput = 8;
inline constexpr std::int32_t kGroupOutput = 9;
inline constexpr std::int32_t kGroupMarker = 10;
inline constexpr std::int32_t kGroupSupply = 11;

// Where in a device: a sub-unit as prtAlertGroup and prtAlertGroupIndex name it.
struct Place {
  std::int32_t group = 0;  // 0: the device as a whole, or not known.
  std::int32_t index = -1;
  std::uint32_t device_index = 0;  // 0: not known.
  bool by_row = false;             // `index` is that of a row's prtAlertGroupIndex.
};

// What one view says of one condition.
struct Sighting {
  View view = View::kBit;
  Condition condition;
  Place place;
  // "Tray 2", where known.
  std::string where;
  // A push says that it is over. No other view says so: it is over when it is not seen.
  bool over = false;
  // Weak views: the place in DeviceState.view_marks that remembers it, and whether it was seen now,
  // and often enough to be believed.
  int mark = -1;
  bool believed = false;
};

// How two places go together.
enum class PlaceMatch : std::uint8_t {
  kSame,
  kMaybe,  // One of them is not known well enough.
  kOther,
};

Place PlaceOf(const event::v1::AlertRow& row);

// Where the alert is: of its row, or as far as its views have told.
Place PlaceOf(const collector::v1::OpenAlert& open);

// The sub-units that a device is known to have. Both are borrowed.
class Places {
 public:
  Places(const event::v1::DeviceSnapshot& snapshot, const collector::v1::DeviceState& state)
      : snapshot_(snapshot), state_(state) {}

  // Whether what is seen at `b` may be what is known at `a`, or the other way round. An index that
  // no sub-unit is known for says nothing: some agents count otherwise in prtAlertGroupIndex. Rows
  // of one table count alike.
  PlaceMatch Compare(const Place& a, const Place& b) const;

 private:
  bool IsKnown(const Place& place) const;

  const event::v1::DeviceSnapshot& snapshot_;
  const collector::v1::DeviceState& state_;
};

// Whether a view other than a row carries it.
bool IsSeen(const collector::v1::OpenAlert& open);

// Whether a weak view alone carries it, and knows the sub-unit.
bool IsWeakAndPlaced(const collector::v1::OpenAlert& open);

// The weak view as the state keeps it; WEAK_VIEW_UNSPECIFIED for a strong one.
collector::v1::WeakView WeakViewOf(View view);

// Whether the next status poll has to look closer, at rows, covers, trays and panel: something is
// open there, may come back, or is not decided yet. A supply that runs low by its level is not
// looked at before its next reading.
bool NeedsWatching(const collector::v1::DeviceState& state);

}  // namespace platen::collector::core
