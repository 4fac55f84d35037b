// A status poll at a glance. In nearly all of them nothing has happened: that is seen here, for a
// tenth of what it takes to understand an answer and to compare it with the state.
//
// Pure.
#pragma once

#include <cstdint>
#include <optional>

#include "libs/base/time.h"
#include "services/collector/core/effects.h"

namespace platen::collector::core {

struct StatusGlance {
  // Of names and values, all but sysUpTime and the page counter, which may move while nothing
  // happens. Never 0.
  std::uint64_t fingerprint = 0;
  // sysUpTime, in hundredths of a second.
  std::uint64_t uptime_ticks = 0;
  base::WallTime time;
};

// Nothing where the device left something unanswered, or does not say sysUpTime. Fingerprints are
// comparable within one process.
std::optional<StatusGlance> GlanceAt(const ReadAnswer& answer, base::WallTime now);

}  // namespace platen::collector::core
