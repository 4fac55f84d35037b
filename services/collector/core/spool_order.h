// Who goes first in the spool, and who gives way where it is full: alerts are said first and given
// up last, logs the other way round. Within a lane what came first goes first, both ways: an older
// reading gives way to a newer one.
//
// Pure.
#pragma once

#include <array>
#include <cstddef>
#include <optional>
#include <string>

#include "platen/event/v1/event.pb.h"

#include "libs/event/lanes.h"

namespace platen::collector::core {

inline constexpr std::size_t kLaneCount = std::size(event::kLanes);

// A lane's place in the order in which lanes are drained, from 0.
std::size_t PlaceOf(event::v1::Lane lane);

// The lane whose oldest event gives way to one of the lane `incoming`; nothing where the newcomer
// itself has to, because all that is there is of more worth. `can_go`: whether a lane, by its
// place, has an event that can be given up (not one that Kafka may have already).
std::optional<event::v1::Lane> GivesWay(event::v1::Lane incoming,
                                        const std::array<bool, kLaneCount>& can_go);

// Whether the event is of use only where its device's state is shared: its id rests on a number
// that the state has counted, which a successor that does not know it gives to another fact; or it
// is about an alert, whose end nobody would tell who does not know of it.
bool RestsOnState(const event::v1::Event& event);

// So many gaps are told at a time.
inline constexpr std::size_t kGapReportsMax = 16;

// The numbers of a source that the spool no longer has.
struct SpoolGap {
  event::v1::Gap::Reason reason = event::v1::Gap::REASON_SHED;
  std::uint64_t epoch = 0;
  event::v1::Lane lane = event::v1::LANE_UNSPECIFIED;
  std::string route;
  std::uint64_t first = 0;
  std::uint64_t last = 0;
  // In words: why.
  std::string detail;

  // Whether `next` goes on where this ends; then Take() makes one of them.
  bool GoesOn(const SpoolGap& next) const;

  friend bool operator==(const SpoolGap&, const SpoolGap&) = default;
};

// The event that reports the gap; said again it is the same. To be stamped.
event::v1::Event ToEvent(const SpoolGap& gap, const std::string& instance);

}  // namespace platen::collector::core
