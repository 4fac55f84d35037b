// Readings that rest on what a device is known to have (inventory.h): what changes is asked for by
// name, what does not is taken from what is kept, and a look behind the last row shows whether
// there are more. Where the device does not answer as it should then, nothing is concluded: it is
// read anew, whole.
//
// Pure.
#pragma once

#include <vector>

#include "platen/collector/v1/state.pb.h"

#include "services/collector/core/cadence.h"
#include "services/collector/core/effects.h"
#include "services/collector/core/profile.h"
#include "services/collector/core/reading_plan.h"

namespace platen::collector::core {

// What one object's answer has to be.
struct Expected {
  enum class Check : std::uint8_t {
    kThere,     // Any value.
    kSame,      // `value`.
    kNotRisen,  // A level like `value`, not much more: a cartridge that is fuller than before, or
                // has a level where there was none, is another one.
  };

  snmp::Oid name;
  Check check = Check::kThere;
  snmp::Value value;
};

struct KnownReading {
  ReadingPlan plan;
  std::vector<Expected> expected;
  // What joins the answer.
  std::vector<snmp::Varbind> kept;
  // The same for alert rows, where all of them are as they were.
  std::vector<snmp::Varbind> kept_alerts;
};

// The plan of a reading of that kind without any knowledge of the device. REQUIRES: kMeters,
// kSupplies or kFirmware.
ReadingPlan WholePlan(ReadingKind kind, const Profile* profile);

// What is to be read of a device that has what `inventory` says. REQUIRES: the same, and a usable
// inventory. An inventory that cannot be read asks for everything.
KnownReading PlanKnown(ReadingKind kind,
                       const Profile* profile,
                       const collector::v1::Inventory& inventory);

// What has happened: the same for what StatusDetailPlan() asks. `alerts_unchanged`: the device has
// recorded no alert since its rows were kept; otherwise the table is walked.
KnownReading PlanKnownDetail(const collector::v1::Inventory& inventory, bool alerts_unchanged);

enum class Fit : std::uint8_t {
  kFits,
  kOutdated,  // The device has something else than it had.
};

// Whether the answer to `known.plan` is what was to be expected; then it is completed by what is
// kept. Objects that were not answered for lack of time say nothing against it. REQUIRES: the
// device has answered; `answer.values` are sorted.
Fit Complete(const KnownReading& known, ReadAnswer& answer);

}  // namespace platen::collector::core
