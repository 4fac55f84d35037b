#include "services/collector/core/alert_life.h"

#include <string>

#include "libs/base/status.h"
#include "libs/event/timestamps.h"
#include "services/collector/core/alert_return.h"

namespace platen::collector::core {

using collector::v1::DeviceState;
using collector::v1::OpenAlert;
using event::FromProto;
using event::ToProto;
using event::v1::Alert;

namespace {

// Whether prtAlertTime tells when the row came: sysUpTime is known, and not far behind it. A row
// may come while the table is read.
bool TicksArePlausible(const DeviceState& state, const event::v1::AlertRow& row) {
  constexpr std::uint64_t kSlackTicks = 6000;
  return state.has_boot_time() && row.time_ticks() <= state.uptime_ticks() + kSlackTicks;
}

}  // namespace

void BeginAlert(DeviceState& state, base::WallTime now, OpenAlert& open) {
  const std::uint64_t instance = ++(*state.mutable_instances())[open.condition()];
  Alert& alert = *open.mutable_alert();
  alert.set_instance(instance);
  alert.set_alert_id(base::StrCat(open.condition(), "/", instance));
  *alert.mutable_raise_time() = ToProto(now);
  event::v1::InstanceOccurrence& occurrence = *open.mutable_occurrence()->mutable_instance();
  occurrence.set_condition(open.condition());
  occurrence.set_instance(instance);
}

void NameByRow(const DeviceState& state, OpenAlert& open) {
  const event::v1::AlertRow& row = open.row();
  if (!row.has_time_ticks()) return;
  event::v1::AlertRowOccurrence& occurrence = *open.mutable_occurrence()->mutable_alert_row();
  occurrence.set_boot(state.boot());
  occurrence.set_alert_index(row.index());
  occurrence.set_alert_time_ticks(row.time_ticks());
  occurrence.set_group(row.group());
  occurrence.set_code(row.code());
  if (!TicksArePlausible(state, row)) return;
  *open.mutable_alert()->mutable_raise_time() =
      ToProto(FromProto(state.boot_time()) +
              std::chrono::milliseconds(10 * static_cast<std::int64_t>(row.time_ticks())));
}

void FillWithoutRow(event::v1::AlertOrigin origin,
                    const Condition& condition,
                    std::string_view description,
                    Alert& alert) {
  alert.set_lifecycle(event::v1::ALERT_LIFECYCLE_CONDITION);
  alert.set_origin(origin);
  alert.set_category(condition.category);
  alert.set_group_index(-1);
  alert.set_location(-2);
  alert.set_reason_keyword(std::string(condition.keyword));
  alert.set_description(std::string(description));
}

// A raise that a row carries is told apart by the row; everything that follows by the instance, for
// a change or an end is this collector's conclusion and not a row of its own.
AlertChange MakeChange(DeviceState& state,
                       const OpenAlert& open,
                       event::v1::AlertTransition transition,
                       event::v1::AlertEnd how,
                       base::WallTime now) {
  AlertChange change;
  change.alert = open.alert();
  change.alert.set_transition(transition);
  change.alert.set_end(how);
  change.time = now;
  if (transition == event::v1::ALERT_TRANSITION_RAISED) {
    change.occurrence = open.occurrence();
    if (change.occurrence.has_alert_row()) {
      change.occurrence.mutable_alert_row()->set_transition(transition);
      change.time = FromProto(open.alert().raise_time());
    } else {
      change.occurrence.mutable_instance()->set_transition(transition);
    }
    return change;
  }
  event::v1::InstanceOccurrence& occurrence = *change.occurrence.mutable_instance();
  occurrence.set_condition(open.alert().alert_id());
  occurrence.set_transition(transition);
  const std::string counter = ChangesOf(open.alert().alert_id());
  if (transition == event::v1::ALERT_TRANSITION_CHANGED) {
    occurrence.set_instance(++(*state.mutable_instances())[counter]);
  } else {
    // One that has come back may end again within one millisecond.
    const auto changes = state.instances().find(counter);
    const bool changed = changes != state.instances().end();
    occurrence.set_instance(open.alert().instance() + (changed ? changes->second : 0));
    if (how != event::v1::ALERT_END_SUPERSEDED) state.mutable_instances()->erase(counter);
  }
  return change;
}

}  // namespace platen::collector::core
