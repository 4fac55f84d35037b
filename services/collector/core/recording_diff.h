// Which events two recordings of one device make: A is read, then B, by the rules that the poller
// has.
//
// The clock is simulated. B is taken to be read when its sysUpTime says, and at least kGapMin after
// A, so that counters, levels and firmware are due again; what has to stand for some readings (a
// level that rose) is taken to stand as in B. Pure.
#pragma once

#include <string>
#include <vector>

#include "platen/event/v1/event.pb.h"

#include "libs/base/time.h"
#include "services/collector/core/profile.h"

namespace platen::collector::core {

inline constexpr base::Duration kGapMin = std::chrono::hours(6);

// A recording, understood.
struct Recorded {
  event::v1::DeviceSnapshot snapshot;
  // Whether what is not in prtAlertTable and prtCoverTable has ended; false where they may not have
  // been recorded.
  bool rows_complete = false;
  // The maker's own bounds and tables; null where no profile fits. Borrowed.
  const Profile* profile = nullptr;
};

// The events that B makes after A, in the order in which they would leave, with their ids. Not
// those of A: a first reading tells everything.
std::vector<event::v1::Event> EventsBetween(const Recorded& a, const Recorded& b);

// One event in words, without a line break: "alert raised: paper jam, critical: Jam in tray 2".
// `before`: what the reading before said, to which counters and levels are compared.
std::string EventWords(const event::v1::Event& event, const event::v1::DeviceSnapshot& before);

}  // namespace platen::collector::core
