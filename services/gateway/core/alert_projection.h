// From transitions to the state of an alert. Pure.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "platen/event/v1/event.pb.h"

#include "libs/base/time.h"
#include "services/gateway/core/facts.h"

namespace platen::gateway::core {

// What is wrong with an alert that came in; empty where nothing is.
std::string CheckAlert(const platen::event::v1::Alert& alert);

// REQUIRES: event.has_alert().
AlertReport ReportAlert(const platen::event::v1::Event& event, base::WallTime now);

// The current state of one alert of one device. What it says is in the ledger, in its last event.
struct AlertState {
  bool open = false;
  bool ended = false;         // Its end is known.
  std::int64_t raise_ms = 0;  // 0: its beginning was never seen.
  std::int64_t end_ms = 0;

  friend bool operator==(const AlertState&, const AlertState&) = default;
};

// The state after `report`; absent where the report is ignored: it comes from an ownership term
// below `device_term`, or the alert has ended and the report was overtaken by that end on its way.
// Only a raise of a later time opens it again.
std::optional<AlertState> Project(const std::optional<AlertState>& current,
                                  std::uint64_t device_term,
                                  const AlertReport& report);

}  // namespace platen::gateway::core
