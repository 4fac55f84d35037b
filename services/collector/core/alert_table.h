// prtAlertTable as a whole, from reading to reading: what came and went between two of them, and
// whether it was full.
//
// prtAlertAllEvents counts the rows that were ever written. Where it has grown by more than there
// are new rows, alerts came and went unseen (RFC 3805, 2.2.13.4). A full table pushes its oldest
// unary warning out: that such a row is gone says nothing about its condition.
//
// Pure.
#pragma once

#include <cstdint>
#include <optional>

#include "platen/collector/v1/state.pb.h"
#include "platen/event/v1/alert.pb.h"
#include "platen/event/v1/device.pb.h"

#include "services/collector/core/alert_book.h"

namespace platen::collector::core {

// A table that never had more rows than this is not taken for full.
inline constexpr std::uint32_t kSmallestFullTable = 4;

struct TableNews {
  // New rows have come, or were counted.
  bool changed = false;
  // New rows have come, and the table is as long as it ever was.
  bool full = false;
  // The device counts its alerts, and has counted none since.
  bool none_counted = false;
  std::optional<event::v1::MissedAlerts> missed;
};

// Brings what `state` keeps of the table up to date. Says nothing of a table that was not read to
// its end, nor of one that a reboot or a reset has begun anew.
TableNews FollowTable(collector::v1::DeviceState& state, const AlertSighting& reading);

// Whether a full table would have pushed `gone` out: it is a unary warning, and older than all that
// are left.
bool IsPushedOut(const event::v1::DeviceSnapshot& snapshot, const event::v1::AlertRow& gone);

}  // namespace platen::collector::core
