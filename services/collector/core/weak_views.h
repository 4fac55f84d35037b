// What sub-units, levels and the panel say, from reading to reading.
//
// A level is believed where it is a real number of a known capacity, and with hysteresis, so that
// one that trembles at a bound makes no alarms. Empty counts only where the same tray, output or
// supply was seen otherwise before: a bypass that nobody uses, or a level that always reads 0, is
// no fault. Waste containers are left alone: vendors disagree whether their level counts what is in
// or what goes in. A sub-unit that says "out of order" has to say so three times, a panel twice.
//
// Pure.
#pragma once

#include <cstdint>
#include <vector>

#include "platen/collector/v1/state.pb.h"

#include "services/collector/core/alert_book.h"
#include "services/collector/core/alert_views.h"

namespace platen::collector::core {

// Readings in a row in which a sub-unit has to say that it is out of order, and the panel that
// something is the matter.
inline constexpr std::uint32_t kLooksOfFault = 3;
inline constexpr std::uint32_t kLooksOfPanel = 2;

// Conditions remembered of weak views for one device at the most; what goes beyond is not looked
// at.
inline constexpr int kViewMarksMax = 128;

// Brings `state.view_marks` up to date with what `reading` shows, and returns what the weak views
// say now, the stronger ones first.
std::vector<Sighting> WatchWeakViews(collector::v1::DeviceState& state,
                                     const AlertSighting& reading);

}  // namespace platen::collector::core
