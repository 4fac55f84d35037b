#include "services/collector/core/reading_quality.h"

#include <algorithm>
#include <string_view>

#include "libs/event/timestamps.h"

namespace platen::collector::core {
namespace {

using collector::v1::DeviceState;
using event::v1::StatusReport;

bool HasState(const StatusReport& status, event::v1::ErrorState wanted) {
  return std::find(status.error_states().begin(), status.error_states().end(), wanted) !=
         status.error_states().end();
}

bool HasOpen(const DeviceState& state, std::string_view condition) {
  return std::any_of(state.open_alerts().begin(),
                     state.open_alerts().end(),
                     [condition](const auto& open) { return open.condition() == condition; });
}

bool HasOpenCover(const event::v1::DeviceSnapshot& snapshot) {
  return std::any_of(
      snapshot.covers().begin(), snapshot.covers().end(), [](const event::v1::Cover& cover) {
        return cover.status() == event::v1::Cover::STATUS_COVER_OPEN ||
               cover.status() == event::v1::Cover::STATUS_INTERLOCK_OPEN;
      });
}

bool HasJustBooted(const DeviceState& state, base::WallTime now) {
  if (!state.has_boot_time()) return false;
  const base::Duration up = now - event::FromProto(state.boot_time());
  return up >= base::Duration::zero() && up < kSettlingAfterBoot;
}

}  // namespace

bool IsAsleep(const StatusReport& status) {
  return status.device_status() == event::v1::DEVICE_STATUS_RUNNING &&
         status.printer_status() == event::v1::PRINTER_STATUS_OTHER &&
         status.error_states().empty();
}

std::vector<event::v1::ReadingQuality> CircumstancesOf(const event::v1::DeviceSnapshot& snapshot,
                                                       const DeviceState& state,
                                                       base::WallTime now) {
  std::vector<event::v1::ReadingQuality> found;
  if (IsAsleep(state.status())) found.push_back(event::v1::READING_QUALITY_ASLEEP);
  if (HasState(state.status(), event::v1::ERROR_STATE_JAMMED) || HasOpen(state, "jam")) {
    found.push_back(event::v1::READING_QUALITY_JAMMED);
  }
  if (HasState(state.status(), event::v1::ERROR_STATE_DOOR_OPEN) || HasOpen(state, "cover-open") ||
      HasOpenCover(snapshot)) {
    found.push_back(event::v1::READING_QUALITY_COVER_OPEN);
  }
  if (HasJustBooted(state, now)) found.push_back(event::v1::READING_QUALITY_JUST_BOOTED);
  if (!snapshot.complete()) found.push_back(event::v1::READING_QUALITY_PARTIAL);
  return found;
}

std::vector<event::v1::ReadingQuality> DoubtsAbout(const event::v1::DeviceSnapshot& snapshot) {
  constexpr base::WallTime kNow{};
  DeviceState state;
  *state.mutable_status() = snapshot.status();
  if (snapshot.status().has_uptime_ticks()) {
    *state.mutable_boot_time() =
        event::ToProto(kNow - std::chrono::milliseconds(10 * snapshot.status().uptime_ticks()));
  }
  auto found = CircumstancesOf(snapshot, state, kNow);
  if (AllLevelsAtOneEnd(snapshot)) found.push_back(event::v1::READING_QUALITY_IMPLAUSIBLE);
  return found;
}

bool AllLevelsAtOneEnd(const event::v1::DeviceSnapshot& snapshot) {
  int known = 0;
  int empty = 0;
  int full = 0;
  for (const event::v1::Supply& supply : snapshot.supplies()) {
    // A finisher's staples say nothing of the engine.
    if (!supply.level().has_percent() || supply.has_finisher()) continue;
    ++known;
    empty += supply.level().percent() <= 0.0 ? 1 : 0;
    full += supply.level().percent() == 100.0 ? 1 : 0;
  }
  return known > 1 && (empty == known || full == known);
}

}  // namespace platen::collector::core
