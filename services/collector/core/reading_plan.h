// What to ask a device for each kind of reading: single objects for GET, subtrees to walk.
//
// A full reading has two halves: what every printer may have, then, once sysObjectID and model have
// chosen a profile, the vendor's own objects. A status reading is one datagram each way
// (printer-MIB scalars); the alert table is read only when that says that something has happened.
//
// These plans know nothing of the device. What a full reading has found makes them shorter: see
// known_reading.h.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "libs/snmp/oid.h"
#include "libs/snmp/value.h"
#include "services/collector/core/profile.h"

namespace platen::collector::core {

struct ReadingPlan {
  // The end of a column: whether there is anything behind the last known row.
  struct Tail {
    snmp::Oid column;
    snmp::Oid last;  // Empty where no row is known.
  };

  std::vector<snmp::Oid> scalars;  // Whole instances, for GET.
  std::vector<snmp::Oid>
      subtrees;  // To walk; table columns stand side by side, so that they advance together.
  std::vector<Tail> tails;
  // Varbinds of all subtrees together, beyond which the walk is cut: a table may have no end.
  std::size_t walked_max = 20'000;
  // SNMP context to ask in; empty: the default one.
  std::string context;

  bool empty() const { return scalars.empty() && subtrees.empty() && tails.empty(); }
};

// The first half of a full reading: system, interfaces, Host Resources, Printer MIB.
ReadingPlan StandardPlan();

// Whether there is anybody: sysUpTime, which every agent has.
ReadingPlan KnockPlan();

// The second half: what the profile's rules ask for.
ReadingPlan VendorPlan(const Profile& profile, ReadPurpose purpose);

// Has anything happened? sysUpTime and, for each printer, its status, error bits, counters of
// changes and of alerts. Without `printers`, device 1 is asked, as all but a few devices have it.
// `lacks`: the first 32 of StatusObjects() that the device does not have, as bits, lowest first.
ReadingPlan StatusPlan(std::span<const std::uint32_t> printers, std::uint32_t lacks = 0);

// What a status poll asks for beside sysUpTime, of the first eight printers.
std::vector<snmp::Oid> StatusObjects(std::span<const std::uint32_t> printers);

// What has happened: alert rows, covers, panel text, and the names of the trays that alert rows
// point to. As it may be asked once a minute, it takes no more of a table than what is looked at.
ReadingPlan StatusDetailPlan();

// Standard and vendor counters. `profile` may be null.
ReadingPlan MetersPlan(const Profile* profile);

// prtMarkerSuppliesTable with its colorants, and what finishers use up.
ReadingPlan SuppliesPlan();

// Who the device is, and its versions. `profile` may be null.
ReadingPlan FirmwarePlan(const Profile* profile);

// The supplies, in the context in which such devices say them (Profile::quirks). Nothing where
// `values`, read in the default one, have supplies, or the profile names no context.
std::optional<ReadingPlan> ContextPlan(const Profile* profile,
                                       std::span<const snmp::Varbind> values);

}  // namespace platen::collector::core
