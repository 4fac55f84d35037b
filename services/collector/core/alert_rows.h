// Which row of prtAlertTable is which, from one reading to the next.
//
// Pure.
#pragma once

#include "platen/event/v1/device.pb.h"

namespace platen::collector::core {

// The same fault, whatever row it stands in and whenever it came.
bool SameContent(const event::v1::AlertRow& a, const event::v1::AlertRow& b);

// The same row: some agents reuse their indexes, so the index alone does not tell.
bool SameRow(const event::v1::AlertRow& a, const event::v1::AlertRow& b);

// The same fault at the same place: where the device has counted no alert since, it is one whose
// time the agent gives anew whenever it is asked.
bool SameButItsTime(const event::v1::AlertRow& a, const event::v1::AlertRow& b);

// The same fault of the same moment under whatever index: an agent has closed gaps in its table.
bool SameMoment(const event::v1::AlertRow& a, const event::v1::AlertRow& b);

// Read in part: the device added or removed the row while the table was being walked, column by
// column. All three columns are mandatory and have no zero; the next reading shows the row whole,
// or not at all.
bool IsTorn(const event::v1::AlertRow& row);

// Whether any row was.
bool HasTornRow(const event::v1::DeviceSnapshot& snapshot);

// The place that `row` had in the table holds something that was read in part.
bool IsTornNow(const event::v1::DeviceSnapshot& snapshot, const event::v1::AlertRow& row);

// A row 1801 (alertRemovalOfBinaryChangeEntry) says that `row` is over, and is not older than it:
// it may stay in the table when the index has been given again.
bool IsRemoved(const event::v1::DeviceSnapshot& snapshot, const event::v1::AlertRow& row);

// Something that ails the device: read whole, no status line, not over.
bool IsFault(const event::v1::DeviceSnapshot& snapshot, const event::v1::AlertRow& row);

// The table has started anew without a reboot: fewer events than were counted before
// (`events_before`), and every index below the highest one that was open.
bool HasStartedAnew(const event::v1::DeviceSnapshot& snapshot,
                    std::uint64_t events_before,
                    std::int64_t highest_open);

}  // namespace platen::collector::core
