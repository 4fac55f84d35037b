// What to ask a device for each kind of reading: single objects for GET, subtrees to walk.
//
// A full reading has two halves: what every printer may have, then, once sysObjectID and model have
// chosen a profile, the vendor's own objects. A status reading is one datagram each way
// (printer-MIB scalars); the alert table is read only when that says that something has happened.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "libs/snmp/oid.h"
#include "services/collector/core/profile.h"

namespace platen::collector::core {

struct ReadingPlan {
  std::vector<snmp::Oid> scalars;  // Whole instances, for GET.
  std::vector<snmp::Oid>
      subtrees;  // To walk; table columns stand side by side, so that they advance together.

  bool empty() const { return scalars.empty() && subtrees.empty(); }
};

// The first half of a full reading: system, interfaces, Host Resources, Printer MIB.
ReadingPlan StandardPlan();

// The second half: what the profile's rules ask for.
ReadingPlan VendorPlan(const Profile& profile, ReadPurpose purpose);

// Has anything happened? sysUpTime and, for each printer, its status, error bits, counters of
// changes and of alerts. Without `printers`, device 1 is asked, as all but a few devices have it.
ReadingPlan StatusPlan(std::span<const std::uint32_t> printers);

// What has happened: alert rows, covers, panel text, and the names of the trays that alert rows
// point to.
ReadingPlan StatusDetailPlan();

// Standard and vendor counters. `profile` may be null.
ReadingPlan MetersPlan(const Profile* profile);

// prtMarkerSuppliesTable with its colorants, and what finishers use up.
ReadingPlan SuppliesPlan();

}  // namespace platen::collector::core
