#include "libs/alerting/site_roll.h"

#include "libs/base/status.h"

namespace platen::alerting {
namespace {

// Neither name has a slash: they are parts of resource names.
std::string KeyOf(std::string_view tenant, std::string_view site) {
  return base::StrCat(tenant, "/", site);
}

}  // namespace

void SiteRoll::Put(const base::DeviceId& device, std::string_view tenant, std::string_view site) {
  const auto place = sites_.try_emplace(KeyOf(tenant, site)).first;
  if (const auto known = devices_.find(device); known != devices_.end() && known->second == place) {
    return;
  }
  Remove(device);
  if (devices_.size() >= kDevicesMax) {
    is_full_ = true;
    return;
  }
  ++place->second;
  devices_.emplace(device, place);
}

void SiteRoll::Remove(const base::DeviceId& device) {
  const auto known = devices_.find(device);
  if (known == devices_.end()) return;
  --known->second->second;
  devices_.erase(known);
}

std::uint32_t SiteRoll::CountAt(std::string_view tenant, std::string_view site) const {
  const auto found = sites_.find(KeyOf(tenant, site));
  return is_full_ || !is_complete_ || found == sites_.end() ? 0 : found->second;
}

}  // namespace platen::alerting
