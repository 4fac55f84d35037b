// What a device is known to have: taken when it is read in full, and true as long as nothing says
// otherwise. Readings that rest on it ask for what changes, by name (known_reading.h).
//
// Pure.
#pragma once

#include <span>

#include "platen/collector/v1/state.pb.h"

#include "libs/base/time.h"
#include "services/collector/core/effects.h"
#include "services/collector/core/profile.h"

namespace platen::collector::core {

// A device that never stands still, or that never answers in full, is not read in full more often
// than this for it.
inline constexpr base::Duration kStockTakingPause = std::chrono::hours(1);

// Most that a state keeps of one device's cells, and of its alert rows, in bytes.
inline constexpr std::size_t kInventoryBytesMax = 4096;
inline constexpr std::size_t kAlertCellsBytesMax = 2048;

// Whether what stands under that name hardly ever changes without prtGeneralConfigChanges, a reboot
// or another profile: names, units, capacities, types, labels.
bool IsStatic(snmp::OidView name, const Profile* profile);

// prtMarkerSuppliesLevel, finSupplyCurrentLevel: also known by the last value, for one that rises
// means another cartridge.
bool IsSupplyLevel(snmp::OidView name);

// Keeps in `state` what a full reading has found. `whole`: both its halves were answered; otherwise
// only that it was tried. REQUIRES: the state has seen the reading.
void TakeStock(const ReadAnswer& full,
               bool whole,
               const Profile* profile,
               base::WallTime now,
               collector::v1::DeviceState& state);

// Keeps the alert rows that a reading has walked over; forgets them where it has not seen the
// table's end, or the device does not count its alerts.
void KeepAlertRows(const ReadAnswer& answer, collector::v1::DeviceState& state);

// Keeps the levels that a reading of supplies has brought.
void KeepLevels(const ReadAnswer& answer, collector::v1::DeviceState& state);

// Whether the device may be taken to have what it had: no reboot, change of its configuration or
// of the profile since. False where its stock was never taken.
bool IsCurrent(const collector::v1::DeviceState& state, const Profile* profile);

// When a device whose inventory is not current may be read in full for it.
base::WallTime MayTakeStockAt(const collector::v1::DeviceState& state);

}  // namespace platen::collector::core
