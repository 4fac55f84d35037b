#include "libs/alerting/site_roll.h"

#include <utility>

#include "libs/base/status.h"
#include "libs/base/subnet.h"

namespace platen::alerting {
namespace {

// Neither name has a slash: they are parts of resource names.
std::string SiteKey(std::string_view tenant, std::string_view site) {
  return base::StrCat(tenant, "/", site);
}

std::string SubnetKey(std::string_view site_key, std::string_view address) {
  return base::StrCat(site_key, "/", base::SubnetOf(address));
}

}  // namespace

void SiteRoll::Put(const base::DeviceId& device,
                   std::string_view tenant,
                   std::string_view site,
                   std::string_view address,
                   std::string_view route) {
  const std::string key = SiteKey(tenant, site);
  const Device here{.site = places_.try_emplace(key).first,
                    .subnet = places_.try_emplace(SubnetKey(key, address)).first,
                    .route = routes_.emplace(route).first};
  if (const auto known = devices_.find(device);
      known != devices_.end() && known->second.subnet == here.subnet) {
    known->second.route = here.route;
    return;
  }
  Remove(device);
  if (devices_.size() >= kDevicesMax) {
    is_full_ = true;
    return;
  }
  ++here.site->second;
  ++here.subnet->second;
  devices_.emplace(device, here);
}

void SiteRoll::Remove(const base::DeviceId& device) {
  const auto known = devices_.find(device);
  if (known == devices_.end()) return;
  --known->second.site->second;
  --known->second.subnet->second;
  devices_.erase(known);
}

SiteRoll::Count SiteRoll::CountAt(std::string_view tenant,
                                  std::string_view site,
                                  std::string_view address) const {
  if (is_full_ || !is_complete_) return {};
  const std::string key = SiteKey(tenant, site);
  const auto count = [&](const std::string& place) {
    const auto found = places_.find(place);
    return found == places_.end() ? 0 : found->second;
  };
  return {.site = count(key), .subnet = count(SubnetKey(key, address))};
}

std::map<std::string, SiteRoll::First> SiteRoll::FirstDevices() const {
  std::map<std::string, First> firsts;
  if (is_full_ || !is_complete_) return firsts;
  // Keys of places and names of routes are long to copy, and devices many.
  std::map<std::string_view, std::pair<base::DeviceId, const Device*>> lowest;
  for (const auto& [id, device] : devices_) {
    const std::string_view place = device.site->first;
    const auto [known, is_new] =
        lowest.try_emplace(place.substr(0, place.find('/')), std::pair(id, &device));
    if (!is_new && id < known->second.first) known->second = {id, &device};
  }
  for (const auto& [tenant, first] : lowest) {
    firsts[std::string(tenant)] = {.device = first.first,
                                   .site = first.second->site->first.substr(tenant.size() + 1),
                                   .route = *first.second->route};
  }
  return firsts;
}

}  // namespace platen::alerting
