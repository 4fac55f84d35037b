// What every alert's life is made of, whoever found it: its beginning, and the changes that are
// told of it.
//
// Pure.
#pragma once

#include <string_view>

#include "platen/collector/v1/state.pb.h"
#include "platen/event/v1/alert.pb.h"
#include "platen/event/v1/event.pb.h"

#include "libs/base/time.h"
#include "services/collector/core/conditions.h"

namespace platen::collector::core {

// A change of one alert, to become an event.
struct AlertChange {
  event::v1::Alert alert;
  event::v1::Occurrence occurrence;
  // When it happened, as well as it is known.
  base::WallTime time;
};

// Open alerts of one device at the most. Printers have a dozen; what goes beyond is a device that
// makes up rows, and its state has to fit into a record.
inline constexpr int kOpenAlertsMax = 100;

// `open`, whose condition is set, begins: the condition's next instance, by which alert and
// occurrence are named, at the time `now`.
void BeginAlert(collector::v1::DeviceState& state,
                base::WallTime now,
                collector::v1::OpenAlert& open);

// `open`, which has begun and has a row, is told apart by the row where that says when it came:
// every observer of the row gives it the same name. So its raise time is the row's, where that is
// plausible.
void NameByRow(const collector::v1::DeviceState& state, collector::v1::OpenAlert& open);

// What an alert says that no row carries.
void FillWithoutRow(event::v1::AlertOrigin origin,
                    const Condition& condition,
                    std::string_view description,
                    event::v1::Alert& alert);

// What is told of `open`. Counts the change in `state`, so that no two have the same occurrence.
AlertChange MakeChange(collector::v1::DeviceState& state,
                       const collector::v1::OpenAlert& open,
                       event::v1::AlertTransition transition,
                       event::v1::AlertEnd how,
                       base::WallTime now);

}  // namespace platen::collector::core
