#include "services/gateway/core/names.h"

#include <vector>

#include "libs/base/status.h"
#include "libs/event/labels.h"

namespace platen::gateway::core {
namespace {

std::vector<std::string_view> Split(std::string_view name) {
  std::vector<std::string_view> parts;
  while (true) {
    const std::size_t slash = name.find('/');
    parts.push_back(name.substr(0, slash));
    if (slash == std::string_view::npos) return parts;
    name.remove_prefix(slash + 1);
  }
}

absl::StatusOr<std::string> ParseLabel(std::string_view text,
                                       std::string_view whole,
                                       Wildcards wildcards) {
  if (text == "-" && wildcards == Wildcards::kAllowed) return std::string();
  if (event::IsLabel(text) && text != "-") return std::string(text);
  return base::InvalidArgument("\"",
                               whole.substr(0, 256),
                               "\": tenant and site are 1 to 63 characters of [a-z0-9-]",
                               wildcards == Wildcards::kAllowed ? ", or \"-\" for any" : "");
}

absl::StatusOr<Place> ParseParts(const std::vector<std::string_view>& parts,
                                 std::string_view whole,
                                 Wildcards wildcards) {
  Place place;
  PLATEN_ASSIGN_OR_RETURN(place.tenant, ParseLabel(parts[1], whole, wildcards));
  PLATEN_ASSIGN_OR_RETURN(place.site, ParseLabel(parts[3], whole, wildcards));
  return place;
}

}  // namespace

absl::StatusOr<Place> ParsePlace(std::string_view name, Wildcards wildcards) {
  const std::vector<std::string_view> parts = Split(name);
  if (parts.size() != 4 || parts[0] != "tenants" || parts[2] != "sites") {
    return base::InvalidArgument(
        "\"", name.substr(0, 256), "\" should read tenants/TENANT/sites/SITE");
  }
  return ParseParts(parts, name, wildcards);
}

absl::StatusOr<DevicePlace> ParseDevicePlace(std::string_view name,
                                             std::string_view collection,
                                             Wildcards wildcards) {
  const std::vector<std::string_view> parts = Split(name);
  if (parts.size() != 6 || parts[0] != "tenants" || parts[2] != "sites" || parts[4] != collection) {
    return base::InvalidArgument("\"",
                                 name.substr(0, 256),
                                 "\" should read tenants/TENANT/sites/SITE/",
                                 collection,
                                 "/ID with an id of 32 hexadecimal digits");
  }
  DevicePlace result;
  PLATEN_ASSIGN_OR_RETURN(result.place, ParseParts(parts, name, wildcards));
  if (parts[5] == "-" && wildcards == Wildcards::kAllowed) return result;
  PLATEN_ASSIGN_OR_RETURN(result.device, base::DeviceId::FromHex(parts[5]));
  return result;
}

absl::StatusOr<AlertPlace> ParseAlertName(std::string_view name) {
  constexpr std::string_view kAlerts = "/alerts/";
  const std::size_t at = name.find(kAlerts);
  const std::string_view id = at == std::string_view::npos ? "" : name.substr(at + kAlerts.size());
  if (id.empty() || id.size() > 3 * event::kAlertIdBytesMax || id.find('/') != id.npos) {
    return base::InvalidArgument("\"",
                                 name.substr(0, 256),
                                 "\" should read tenants/TENANT/sites/SITE/devices/ID/alerts/ALERT,"
                                 " each '/' of ALERT as %2F");
  }
  AlertPlace alert;
  PLATEN_ASSIGN_OR_RETURN(alert.device,
                          ParseDevicePlace(name.substr(0, at), "devices", Wildcards::kRefused));
  for (std::size_t i = 0; i < id.size(); ++i) {
    if (id.substr(i, 3) == "%2F") {
      alert.alert_id.push_back('/');
      i += 2;
    } else {
      alert.alert_id.push_back(id[i]);
    }
  }
  return alert;
}

std::string PlaceName(const Place& place) {
  return base::StrCat("tenants/",
                      place.tenant.empty() ? "-" : place.tenant,
                      "/sites/",
                      place.site.empty() ? "-" : place.site);
}

std::string DeviceName(const Place& place, const base::DeviceId& device) {
  return base::StrCat(PlaceName(place), "/devices/", device.ToHex());
}

std::string TargetName(const Place& place, const base::DeviceId& device) {
  return base::StrCat(PlaceName(place), "/targets/", device.ToHex());
}

std::string AlertName(const Place& place, const base::DeviceId& device, std::string_view alert_id) {
  std::string name = DeviceName(place, device) + "/alerts/";
  for (const char c : alert_id) {
    if (c == '/') {
      name += "%2F";
    } else {
      name.push_back(c);
    }
  }
  return name;
}

}  // namespace platen::gateway::core
