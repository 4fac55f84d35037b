#include "services/collector/core/boots.h"

#include <algorithm>

#include "libs/event/timestamps.h"

namespace platen::collector::core {
namespace {

using collector::v1::DeviceState;
using event::ToProto;

constexpr std::uint64_t kTicksPerSecond = 100;
constexpr std::uint64_t kUptimeWrap = std::uint64_t{1} << 32;

// Whether `ticks` are those of another boot than `state` knows: sysUpTime went backwards without
// having wrapped; or the device was silent, and is now far behind where it would be, so that it has
// booted in the meantime and has been up for longer than before.
bool HasBooted(std::uint64_t ticks, base::WallTime now, const DeviceState& state) {
  constexpr std::uint64_t kTolerance = 300 * kTicksPerSecond;  // Clocks drift, and stop in sleep.
  const base::Duration passed = now - event::FromProto(state.uptime_read_time());
  const std::uint64_t unseen =
      kTicksPerSecond * static_cast<std::uint64_t>(std::max(base::ToSeconds(passed), 0.0));
  const std::uint64_t expected = state.uptime_ticks() + unseen;
  if (ticks < state.uptime_ticks() && expected < kUptimeWrap) return true;
  return state.misses() > 0 && ticks <= unseen && ticks + kTolerance < expected % kUptimeWrap;
}

}  // namespace

bool TrackBoot(const event::v1::StatusReport& status, base::WallTime now, DeviceState& state) {
  if (!status.has_uptime_ticks()) {
    if (state.boot() == 0) state.set_boot(1);
    return false;
  }
  const std::uint64_t ticks = status.uptime_ticks();
  const bool first = !state.has_uptime_read_time();
  const bool rebooted = !first && HasBooted(ticks, now, state);
  const bool wrapped = !first && !rebooted && ticks < state.uptime_ticks();
  if (rebooted || state.boot() == 0) state.set_boot(state.boot() + 1);
  // After a wrap, ticks count from the wrap.
  if (first || rebooted || wrapped) {
    *state.mutable_boot_time() =
        ToProto(now - std::chrono::milliseconds(10 * static_cast<std::int64_t>(ticks)));
  }
  state.set_uptime_ticks(ticks);
  *state.mutable_uptime_read_time() = ToProto(now);
  return rebooted;
}

}  // namespace platen::collector::core
