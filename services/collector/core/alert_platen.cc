#include "services/collector/core/alert_platen.h"

#include <string>
#include <utility>

#include "libs/base/status.h"

namespace platen::collector::core {

using collector::v1::DeviceState;
using collector::v1::OpenAlert;
using event::v1::Alert;

std::vector<AlertChange> RaisePlaten(DeviceState& state,
                                     std::string_view condition,
                                     std::string_view description,
                                     base::WallTime now) {
  for (const OpenAlert& open : state.open_alerts()) {
    if (open.condition() == condition) return {};
  }
  OpenAlert& open = *state.add_open_alerts();
  open.set_condition(std::string(condition));
  Alert& alert = *open.mutable_alert();
  BeginAlert(state, now, open);
  const Condition found{condition,
                        event::v1::ALERT_CATEGORY_ALARM,
                        condition == "unreachable" ? "timed-out" : "other"};
  FillWithoutRow(event::v1::ALERT_ORIGIN_PLATEN, found, description, alert);
  if (state.has_total_impressions()) alert.mutable_counters()->set_total(state.total_impressions());
  return {MakeChange(
      state, open, event::v1::ALERT_TRANSITION_RAISED, event::v1::ALERT_END_UNSPECIFIED, now)};
}

std::vector<AlertChange> RaiseSilence(DeviceState& state,
                                      std::string_view description,
                                      base::WallTime now) {
  std::vector<AlertChange> changes = RaisePlaten(state, "unreachable", description, now);
  for (AlertChange& change : changes) {
    Alert& kept = *state.mutable_open_alerts()->rbegin()->mutable_alert();
    *kept.mutable_raise_time() = state.silent_since_time();
    *change.alert.mutable_raise_time() = state.silent_since_time();
  }
  return changes;
}

std::vector<AlertChange> RaiseOtherDevice(DeviceState& state,
                                          std::string_view expected,
                                          const event::v1::Identity& found,
                                          base::WallTime now) {
  const auto named = [](std::string_view serial, std::string_view nothing) {
    return serial.empty() ? std::string(nothing) : base::StrCat("serial number ", serial);
  };
  std::string who = named(found.serial_number(), "a device without a serial number");
  for (const std::string& mac : found.mac_addresses()) who += base::StrCat(", ", mac);
  if (!found.model().empty()) who += base::StrCat(", ", found.model());
  std::vector<AlertChange> changes =
      RaisePlaten(state,
                  kOtherDevice,
                  base::StrCat("another device answers at this address: ",
                               who,
                               "; expected: ",
                               named(expected, "the device that was known")),
                  now);
  constexpr std::uint32_t kLevel = 3;
  for (AlertChange& change : changes) {
    change.alert.set_level(kLevel);
    state.mutable_open_alerts()->rbegin()->mutable_alert()->set_level(kLevel);
  }
  return changes;
}

std::vector<AlertChange> ClearPlaten(DeviceState& state,
                                     std::string_view condition,
                                     base::WallTime now) {
  auto& open_alerts = *state.mutable_open_alerts();
  for (int i = 0; i < open_alerts.size(); ++i) {
    if (open_alerts[i].condition() != condition) continue;
    AlertChange change = MakeChange(state,
                                    open_alerts[i],
                                    event::v1::ALERT_TRANSITION_ENDED,
                                    event::v1::ALERT_END_CLEARED,
                                    now);
    open_alerts.DeleteSubrange(i, 1);
    return {std::move(change)};
  }
  return {};
}

}  // namespace platen::collector::core
