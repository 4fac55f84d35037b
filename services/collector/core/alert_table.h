// prtAlertTable as a whole, from reading to reading: what came and went between two of them, and
// whether it was full.
//
// prtAlertAllEvents counts the rows that were ever written. Where it has grown by more than there
// are new rows, alerts came and went unseen (RFC 3805, 2.2.13.4). A full table pushes its oldest
// unary warning out for each row that comes: that such a row is gone says nothing about its
// condition. No object says how long the table can be. One whose oldest warning has gone by itself,
// just as another row came, looks the same, so that a table is taken for full when it has happened
// several times at one length.
//
// Pure.
#pragma once

#include <cstdint>
#include <optional>
#include <span>

#include "platen/collector/v1/state.pb.h"
#include "platen/event/v1/alert.pb.h"
#include "platen/event/v1/device.pb.h"

#include "services/collector/core/alert_book.h"

namespace platen::collector::core {

// A table that never had as many rows as this is not taken for full.
inline constexpr std::uint32_t kSmallestFullTable = 4;

// In how many readings rows have to come to a table of one length, and as many to go that a full
// one would push out, before the next such reading is taken for what it looks like.
inline constexpr std::uint32_t kOverflowsToBelieve = 2;

struct TableNews {
  // New rows have come, or were counted.
  bool changed = false;
  // How many new rows have come to a table that was before, and is, as long as it ever was.
  std::uint64_t came_to_full = 0;
  // The device counts its alerts, and has counted none since.
  bool none_counted = false;
  std::optional<event::v1::MissedAlerts> missed;
};

// Brings what `state` keeps of the table up to date. Says nothing of a table that was not read to
// its end, nor of one that a reboot or a reset has begun anew.
TableNews FollowTable(collector::v1::DeviceState& state, const AlertSighting& reading);

// Whether the table is full, and the rows that have gone were pushed out. `row_of` has the row that
// carries each of `state`'s open alerts now, and a null pointer where there is none. Remembers in
// `state` what speaks for it. `news` is FollowTable's of the same reading.
bool HasOverflowed(collector::v1::DeviceState& state,
                   const TableNews& news,
                   const event::v1::DeviceSnapshot& snapshot,
                   std::span<const event::v1::AlertRow* const> row_of);

}  // namespace platen::collector::core
