// The filter of ListDevices: a subset of AIP-160.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "platen/fleet/v1/fleet.pb.h"

#include "absl/status/statusor.h"

namespace platen::gateway::core {

// All given parts must hold.
struct DeviceFilter {
  std::optional<std::string> serial_number;
  std::optional<std::string> model;
  std::optional<std::string> address;
  std::optional<platen::fleet::v1::Device::State> state;
  // Each is contained, in any case of ASCII letters, in serial number, model, address, display
  // name, customer or location.
  std::vector<std::string> texts;
};

// `serial_number = "X" AND text : "Y"`; values are quoted, or single words. Names of states are
// those of Device.State without their prefix, in any case: "ok", "ALERT". An empty text filters
// nothing. kInvalidArgument says at which column it stopped understanding.
absl::StatusOr<DeviceFilter> ParseDeviceFilter(std::string_view text);

}  // namespace platen::gateway::core
