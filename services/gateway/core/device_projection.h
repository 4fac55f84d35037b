// From events to what is known of a device. Pure.
#pragma once

#include <cstdint>
#include <optional>

#include "platen/event/v1/event.pb.h"
#include "platen/fleet/v1/fleet.pb.h"

#include "services/gateway/core/facts.h"

namespace platen::gateway::core {

// What `event`, which is about a device, says of it. Absent where it says nothing that is kept.
std::optional<DeviceReport> ReportDevice(const platen::event::v1::Event& event);

// Total impressions among `meters`; of several markers' totals the highest, the device's own first.
std::optional<std::uint64_t> TotalImpressions(
    const google::protobuf::RepeatedPtrField<platen::event::v1::Meter>& meters);

// Low, empty or (for a receptacle) full: below 10 percent of what the level counts.
bool IsLow(const platen::event::v1::Supply& supply);

// What is kept in memory of each device, to decide without reading the store.
struct DeviceFacts {
  std::uint64_t term = 0;  // Highest ownership term that spoke of its alerts.
  platen::event::v1::Reachability reachability = platen::event::v1::REACHABILITY_UNSPECIFIED;
  int open_alerts = 0;
  bool heard = false;
  std::int64_t identity_ms = 0;
  std::int64_t firmware_ms = 0;
  std::int64_t status_ms = 0;
  std::int64_t meters_ms = 0;
  std::int64_t supplies_ms = 0;
};

// Unreachable before alert before asleep before ok; pending until something was heard.
platen::fleet::v1::Device::State StateOf(const DeviceFacts& facts);

// In milliseconds since 1970; a time that they can't count becomes the nearest that they can.
std::int64_t TimestampMillis(const google::protobuf::Timestamp& time);

}  // namespace platen::gateway::core
