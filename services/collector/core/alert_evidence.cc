#include "services/collector/core/alert_evidence.h"

#include <algorithm>

#include "services/collector/core/alert_facts.h"
#include "services/collector/core/alert_rows.h"
#include "services/collector/core/conditions.h"

namespace platen::collector::core {
namespace {

using collector::v1::OpenAlert;
using event::v1::AlertRow;
using event::v1::DeviceSnapshot;

constexpr std::string_view kCoverOpen = "cover-open";

template <class Test>
bool HasFault(const DeviceSnapshot& snapshot, Test test) {
  return std::any_of(snapshot.alerts().begin(), snapshot.alerts().end(), [&](const AlertRow& row) {
    return IsFault(snapshot, row) && test(row);
  });
}

}  // namespace

bool Evidence::HasRowOf(std::string_view condition) const {
  return HasFault(snapshot(),
                  [&](const AlertRow& row) { return ConditionOf(row).name == condition; });
}

void Evidence::Look(OpenAlert& open) const {
  // A bit that speaks for the whole device may be about another tray or supply than a weak view.
  if (sighting_.bits_read && !IsWeakAndPlaced(open)) {
    open.set_derived(HasBit(snapshot(), open.condition()));
  }
  if (open.condition() == kCoverOpen && OpenCover(snapshot()) != nullptr) {
    open.set_cover(true);
  } else if (open.condition() == kCoverOpen && sighting_.whole.covers) {
    open.set_cover(false);
  }
  LookAtTold(open);
  if (open.weak_view() != collector::v1::WEAK_VIEW_UNSPECIFIED && !IsStillWeaklySeen(open)) {
    open.clear_weak_view();
  }
}

// What a trap has told, the table shows once it has been read, or it is over.
void Evidence::LookAtTold(OpenAlert& open) const {
  if (sighting_.whole.rows) open.clear_trap();
  for (const Sighting& seen : sighting_.told) {
    if (seen.over && seen.view == View::kPush && seen.condition.name == open.condition()) {
      open.clear_push();
    }
  }
}

bool Evidence::IsStillWeaklySeen(const OpenAlert& open) const {
  const Place place = PlaceOf(open);
  if (HasFamilyRowAt(open, place)) return false;
  return std::any_of(weak_.begin(), weak_.end(), [&](const Sighting& seen) {
    return seen.condition.name == open.condition() &&
           (place.group == 0 ? seen.place.group == 0
                             : places_.Compare(place, seen.place) == PlaceMatch::kSame);
  });
}

// A row says another condition of the family at this very place ("low", where the level seems to
// say "empty"): the row knows better.
bool Evidence::HasFamilyRowAt(const OpenAlert& open, const Place& place) const {
  return HasFault(snapshot(), [&](const AlertRow& row) {
    const std::string_view condition = ConditionOf(row).name;
    return condition != open.condition() && FamilyOf(condition) == FamilyOf(open.condition()) &&
           places_.Compare(PlaceOf(row), place) == PlaceMatch::kSame;
  });
}

bool Evidence::BelongsElsewhere(const OpenAlert& open) const {
  if (open.has_row() || !open.derived() || PlaceOf(open).group == 0) return false;
  bool elsewhere = false;
  const bool here = HasFault(snapshot(), [&](const AlertRow& row) {
    if (ConditionOf(row).name != open.condition()) return false;
    const PlaceMatch fit = places_.Compare(PlaceOf(open), PlaceOf(row));
    elsewhere |= fit == PlaceMatch::kOther;
    return fit != PlaceMatch::kOther;
  });
  return elsewhere && !here;
}

bool Evidence::GoesOnByBit(const OpenAlert& open) const {
  return open.alert().group() != kGroupSupply && sighting_.bits_read &&
         HasBit(snapshot(), open.condition()) && !HasRowOf(open.condition());
}

}  // namespace platen::collector::core
