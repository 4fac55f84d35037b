// Which supplies have been replaced, and how many pages the one before has made.
//
// A rise of the level is not yet another cartridge: levels flicker between the steps in which the
// device reports, jump to 0 or 100 while it sleeps or stands open, and rise when the same cartridge
// is filled or shaken. So a level has to rise by kRise (or one and a half of the device's own
// steps) and to stand through kSightings good readings; what is unknown (-2), "some left" (-3), all
// at one end, or read from a device that is jammed, open, just booted or read in part says nothing
// either way. A supply that tells its own serial number needs no level: another number is another
// supply, and the same number is the same one whatever its level does.
//
// Pure: what follows from a reading follows from the history before it and the reading alone, with
// the times of intervals, so that two collectors come to the same.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "platen/collector/v1/state.pb.h"
#include "platen/event/v1/device.pb.h"

#include "libs/base/time.h"

namespace platen::collector::core {

// Supplies of one device that are followed. Large printers have thirty.
inline constexpr int kSuppliesKept = 64;

// Percentage points.
inline constexpr double kRise = 30.0;

// Good readings through which a rise has to stand, the first one included.
inline constexpr std::uint32_t kSightings = 3;

// Supplies read together.
struct SupplySighting {
  const event::v1::DeviceSnapshot* snapshot = nullptr;
  // What is known against the reading (CircumstancesOf).
  const std::vector<event::v1::ReadingQuality>* circumstances = nullptr;
  // When the interval began that the reading was made for.
  base::WallTime slot;
};

// A supply that was replaced.
struct Replaced {
  event::v1::SupplyReplacement body;
  // The beginning of the interval in which the new one was first seen.
  base::WallTime time;
};

// What came of a sighting.
struct SupplyJudgement {
  // Told once.
  std::vector<Replaced> replaced;
  // Supplies beyond kSuppliesKept.
  std::size_t left_out = 0;
};

// Brings `history` up to date. `meters`: as of the last reading of the counters, which yields are
// taken from.
SupplyJudgement JudgeSupplies(const SupplySighting& sighting,
                              const collector::v1::MeterHistory& meters,
                              collector::v1::SupplyHistory& history);

}  // namespace platen::collector::core
