// Which row of one reading's prtAlertTable carries which open alert. A row carries one.
//
// Pure. Thread-confined: lives for one reading.
#pragma once

#include <string_view>
#include <vector>

#include "platen/collector/v1/state.pb.h"
#include "platen/event/v1/device.pb.h"

#include "services/collector/core/alert_views.h"

namespace platen::collector::core {

// How much of the table as it was may be known again in this reading.
enum class TableMemory {
  // As it was: rows by index and content, or by moment and content.
  kKnown,
  // And the device has counted no alert since: a row may have another time.
  kNoneCounted,
  // New, after a reboot: no index is the same, content alone decides.
  kNew,
};

class RowClaims {
 public:
  // Both are borrowed.
  RowClaims(const event::v1::DeviceSnapshot& snapshot, const Places& places)
      : snapshot_(snapshot), places_(places) {}

  // The row of each open alert, null where it has none now, and claims it: what stands where it
  // stood comes before what has moved.
  std::vector<const event::v1::AlertRow*> Match(const collector::v1::DeviceState& state,
                                                TableMemory memory);

  // A fault that carries no alert yet.
  bool IsFree(const event::v1::AlertRow& row) const;

  // The first free row of the alert's condition whose place may be its own; null where there is
  // none. Does not claim it.
  const event::v1::AlertRow* FindFree(const collector::v1::OpenAlert& open) const;

  // REQUIRES: `row` is one of the snapshot's, and free.
  void Claim(const event::v1::AlertRow& row) { claimed_.push_back(&row); }

 private:
  using Same = bool (*)(const event::v1::AlertRow&, const event::v1::AlertRow&);

  const event::v1::AlertRow* ClaimLike(const event::v1::AlertRow& known, Same same);

  const event::v1::DeviceSnapshot& snapshot_;
  const Places& places_;
  std::vector<const event::v1::AlertRow*> claimed_;
};

}  // namespace platen::collector::core
