#include "services/collector/core/alert_views.h"

#include <algorithm>

namespace platen::collector::core {
namespace {

using collector::v1::DeviceState;
using collector::v1::OpenAlert;
using event::v1::DeviceSnapshot;

template <class Rows>
bool HasIndex(const Rows& rows, std::int32_t index) {
  return std::any_of(rows.begin(), rows.end(), [index](const auto& each) {
    return each.index() == static_cast<std::uint32_t>(index);
  });
}

bool NeedsWatching(const OpenAlert& open) {
  if (open.alert().origin() == event::v1::ALERT_ORIGIN_PLATEN) return false;
  return open.weak_view() != collector::v1::WEAK_VIEW_LEVEL || open.alert().group() != kGroupSupply;
}

// A view that has to say it again before it is believed.
bool IsUndecided(const collector::v1::ViewMark& mark) {
  return !mark.told() && !mark.condition().empty() &&
         (mark.fault() || mark.view() == collector::v1::WEAK_VIEW_PANEL);
}

}  // namespace

Place PlaceOf(const event::v1::AlertRow& row) {
  return {row.group(), row.group_index(), row.device_index(), /*by_row=*/true};
}

Place PlaceOf(const OpenAlert& open) {
  return {open.alert().group(),
          open.alert().group_index(),
          open.has_row() ? open.row().device_index() : open.device_index(),
          open.alert().origin() == event::v1::ALERT_ORIGIN_DEVICE};
}

bool Places::IsKnown(const Place& place) const {
  const auto& marks = state_.view_marks();
  const bool marked = std::any_of(marks.begin(), marks.end(), [&place](const auto& mark) {
    return mark.group() == place.group && mark.index() == static_cast<std::uint32_t>(place.index);
  });
  if (marked) return true;
  switch (place.group) {
    case kGroupInput:
      return HasIndex(snapshot_.inputs(), place.index);
    case kGroupOutput:
      return HasIndex(snapshot_.outputs(), place.index);
    case kGroupSupply:
      return HasIndex(snapshot_.supplies(), place.index);
    default:
      return true;
  }
}

PlaceMatch Places::Compare(const Place& a, const Place& b) const {
  if (a.device_index != 0 && b.device_index != 0 && a.device_index != b.device_index) {
    return PlaceMatch::kOther;
  }
  if (a.group != b.group || a.group == 0 || a.index <= 0 || b.index <= 0) return PlaceMatch::kMaybe;
  if (a.index == b.index) return PlaceMatch::kSame;
  const bool alike = a.by_row && b.by_row;
  return alike || (IsKnown(a) && IsKnown(b)) ? PlaceMatch::kOther : PlaceMatch::kMaybe;
}

bool IsSeen(const OpenAlert& open) {
  return open.derived() || open.cover() || open.trap() || open.push() ||
         open.weak_view() != collector::v1::WEAK_VIEW_UNSPECIFIED;
}

bool IsWeakAndPlaced(const OpenAlert& open) {
  return open.weak_view() != collector::v1::WEAK_VIEW_UNSPECIFIED && open.alert().group() != 0;
}

collector::v1::WeakView WeakViewOf(View view) {
  switch (view) {
    case View::kSubUnit:
      return collector::v1::WEAK_VIEW_SUB_UNIT;
    case View::kLevel:
      return collector::v1::WEAK_VIEW_LEVEL;
    case View::kPanel:
      return collector::v1::WEAK_VIEW_PANEL;
    default:
      return collector::v1::WEAK_VIEW_UNSPECIFIED;
  }
}

bool NeedsWatching(const DeviceState& state) {
  return state.superseded_alerts_size() > 0 ||
         std::any_of(state.open_alerts().begin(),
                     state.open_alerts().end(),
                     [](const OpenAlert& open) { return NeedsWatching(open); }) ||
         std::any_of(state.view_marks().begin(), state.view_marks().end(), IsUndecided);
}

}  // namespace platen::collector::core
