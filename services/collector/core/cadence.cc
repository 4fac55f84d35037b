#include "services/collector/core/cadence.h"

#include <algorithm>

#include <google/protobuf/util/time_util.h>

namespace platen::collector::core {
namespace {

base::Duration Over(const google::protobuf::Duration& value, bool set, base::Duration otherwise) {
  if (!set) return otherwise;
  const base::Duration said(
      std::chrono::nanoseconds(google::protobuf::util::TimeUtil::DurationToNanoseconds(value)));
  if (said.count() <= 0) return otherwise;
  return std::max<base::Duration>(said, std::chrono::seconds(1));
}

// Device ids are random, so any eight of their bytes are a hash; the kind shifts it, so that a
// device's readings do not fall together.
std::int64_t Phase(const base::DeviceId& device, ReadingKind kind, base::Duration interval) {
  std::uint64_t hash = 0;
  std::memcpy(&hash, device.raw().data(), sizeof hash);
  hash = hash * 0x9E3779B97F4A7C15u + static_cast<std::uint64_t>(kind) * 0xBF58476D1CE4E5B9u;
  hash ^= hash >> 29;
  const std::uint64_t millis = static_cast<std::uint64_t>(base::ToMillis(interval));
  return static_cast<std::int64_t>(hash % millis);
}

}  // namespace

std::string_view Name(ReadingKind kind) {
  switch (kind) {
    case ReadingKind::kStatus:
      return "status";
    case ReadingKind::kMeters:
      return "meters";
    case ReadingKind::kSupplies:
      return "supplies";
    case ReadingKind::kFirmware:
      return "firmware";
    case ReadingKind::kFull:
      return "full";
  }
  return "";
}

base::Duration Cadence::interval(ReadingKind kind) const {
  switch (kind) {
    case ReadingKind::kStatus:
      return status;
    case ReadingKind::kMeters:
      return meters;
    case ReadingKind::kSupplies:
      return supplies;
    case ReadingKind::kFirmware:
      return firmware;
    case ReadingKind::kFull:
      return full;
  }
  return full;
}

Cadence MakeCadence(const event::v1::Schedule& schedule, const Cadence& defaults) {
  Cadence cadence;
  cadence.status =
      Over(schedule.status_interval(), schedule.has_status_interval(), defaults.status);
  cadence.asleep =
      Over(schedule.asleep_interval(), schedule.has_asleep_interval(), defaults.asleep);
  cadence.meters =
      Over(schedule.meters_interval(), schedule.has_meters_interval(), defaults.meters);
  cadence.supplies =
      Over(schedule.supplies_interval(), schedule.has_supplies_interval(), defaults.supplies);
  cadence.firmware =
      Over(schedule.firmware_interval(), schedule.has_firmware_interval(), defaults.firmware);
  // Nobody orders it: it is how the other readings stay right.
  cadence.full = std::max(defaults.full, cadence.firmware);
  return cadence;
}

Slot SlotAt(const base::DeviceId& device,
            ReadingKind kind,
            base::Duration interval,
            base::WallTime now) {
  const std::int64_t length = base::ToMillis(interval);
  const std::int64_t phase = Phase(device, kind, interval);
  const std::int64_t number = std::max<std::int64_t>(base::ToMillis(now) - phase, 0) / length;
  return {static_cast<std::uint64_t>(number), base::WallFromMillis(number * length + phase)};
}

}  // namespace platen::collector::core
