#include "services/collector/core/alert_rows.h"

#include <algorithm>

#include "services/collector/core/conditions.h"

namespace platen::collector::core {
namespace {

using event::v1::AlertRow;
using event::v1::DeviceSnapshot;

constexpr std::int32_t kCodeRemoval = 1801;

bool SamePlace(const AlertRow& a, const AlertRow& b) {
  return a.index() == b.index() && a.device_index() == b.device_index();
}

}  // namespace

bool SameContent(const AlertRow& a, const AlertRow& b) {
  return a.group() == b.group() && a.group_index() == b.group_index() &&
         a.location() == b.location() && a.code() == b.code() &&
         a.device_index() == b.device_index();
}

bool SameRow(const AlertRow& a, const AlertRow& b) {
  return SamePlace(a, b) && SameContent(a, b) &&
         (!a.has_time_ticks() || !b.has_time_ticks() || a.time_ticks() == b.time_ticks());
}

bool SameButItsTime(const AlertRow& a, const AlertRow& b) {
  return SamePlace(a, b) && SameContent(a, b);
}

bool SameMoment(const AlertRow& a, const AlertRow& b) {
  return SameContent(a, b) && a.has_time_ticks() && b.has_time_ticks() &&
         a.time_ticks() == b.time_ticks();
}

bool IsTorn(const AlertRow& row) {
  return row.severity() == event::v1::ALERT_SEVERITY_UNSPECIFIED || row.group() == 0 ||
         row.code() == 0;
}

bool HasTornRow(const DeviceSnapshot& snapshot) {
  return std::any_of(snapshot.alerts().begin(), snapshot.alerts().end(), IsTorn);
}

bool IsTornNow(const DeviceSnapshot& snapshot, const AlertRow& row) {
  return std::any_of(snapshot.alerts().begin(),
                     snapshot.alerts().end(),
                     [&row](const AlertRow& each) { return SamePlace(each, row) && IsTorn(each); });
}

bool IsRemoved(const DeviceSnapshot& snapshot, const AlertRow& row) {
  return std::any_of(
      snapshot.alerts().begin(), snapshot.alerts().end(), [&row](const AlertRow& each) {
        if (each.code() != kCodeRemoval || each.group_index() != row.index() ||
            each.device_index() != row.device_index()) {
          return false;
        }
        return each.has_time_ticks() && row.has_time_ticks() ? each.time_ticks() >= row.time_ticks()
                                                             : each.index() > row.index();
      });
}

bool IsFault(const DeviceSnapshot& snapshot, const AlertRow& row) {
  return !IsTorn(row) && !IsStatusLine(row) && !IsRemoved(snapshot, row);
}

bool HasStartedAnew(const DeviceSnapshot& snapshot,
                    std::uint64_t events_before,
                    std::int64_t highest_open) {
  return snapshot.has_alert_all_events() && snapshot.alert_all_events() < events_before &&
         std::all_of(snapshot.alerts().begin(),
                     snapshot.alerts().end(),
                     [highest_open](const AlertRow& row) { return row.index() < highest_open; });
}

}  // namespace platen::collector::core
