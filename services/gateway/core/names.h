// Resource names of the partner API (AIP-122) and the words they are made of.
#pragma once

#include <string>
#include <string_view>

#include "absl/status/statusor.h"
#include "libs/base/ids.h"

namespace platen::gateway::core {

// A tenant's site, or a wildcard: an empty part stands for "-", any.
struct Place {
  std::string tenant;
  std::string site;

  friend bool operator==(const Place&, const Place&) = default;
};

// A place and a device in it; `device` is none where the name says "-".
struct DevicePlace {
  Place place;
  base::DeviceId device;
};

// An alert of a device.
struct AlertPlace {
  DevicePlace device;
  std::string alert_id;
};

enum class Wildcards { kRefused, kAllowed };

// "tenants/T/sites/S". kInvalidArgument with the form that was expected.
absl::StatusOr<Place> ParsePlace(std::string_view name, Wildcards wildcards);

// "tenants/T/sites/S/COLLECTION/32-hex-digits", COLLECTION being "devices" or "targets".
absl::StatusOr<DevicePlace> ParseDevicePlace(std::string_view name,
                                             std::string_view collection,
                                             Wildcards wildcards);

// "tenants/T/sites/S/devices/32-hex-digits/alerts/ALERT".
absl::StatusOr<AlertPlace> ParseAlertName(std::string_view name);

std::string PlaceName(const Place& place);
std::string DeviceName(const Place& place, const base::DeviceId& device);
std::string TargetName(const Place& place, const base::DeviceId& device);
// A '/' of the alert's id is written %2F: a name has one segment for it.
std::string AlertName(const Place& place, const base::DeviceId& device, std::string_view alert_id);

}  // namespace platen::gateway::core
