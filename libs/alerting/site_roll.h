// How many devices are polled at each site, and in each of its subnets, as platen.targets.v1 says.
//
// Thread-confined. Memory: some 60 bytes a device, at most kDevicesMax of them; beyond that nothing
// is known of any site, rather than something wrong.
#pragma once

#include <cstdint>
#include <map>
#include <set>
#include <string>
#include <string_view>

#include "absl/container/flat_hash_map.h"
#include "libs/base/ids.h"

namespace platen::alerting {

class SiteRoll {
 public:
  static constexpr std::size_t kDevicesMax = 4'000'000;

  // The device is polled at this site under this address, and nowhere else; its events go by this
  // route.
  void Put(const base::DeviceId& device,
           std::string_view tenant,
           std::string_view site,
           std::string_view address,
           std::string_view route = {});

  // It is polled no longer.
  void Remove(const base::DeviceId& device);

  // All were told of once: half a roll is none.
  void OnComplete() { is_complete_ = true; }

  // How many are polled; 0 where nothing is known.
  struct Count {
    std::uint32_t site = 0;
    // In the address's subnet of the site.
    std::uint32_t subnet = 0;
  };

  Count CountAt(std::string_view tenant, std::string_view site, std::string_view address) const;

  // The device with the lowest id of a tenant.
  struct First {
    base::DeviceId device;
    std::string site;
    std::string route;
  };

  // By tenant; none where nothing is known. Looks at all devices.
  std::map<std::string, First> FirstDevices() const;

  std::size_t size() const { return devices_.size(); }

 private:
  // By tenant and site, and by these and subnet; a map, for devices point into it.
  using Places = std::map<std::string, std::uint32_t, std::less<>>;

  struct Device {
    Places::iterator site;
    Places::iterator subnet;
    std::set<std::string, std::less<>>::iterator route;
  };

  Places places_;
  // Devices point into it, too.
  std::set<std::string, std::less<>> routes_;
  absl::flat_hash_map<base::DeviceId, Device> devices_;
  bool is_full_ = false;
  bool is_complete_ = false;
};

}  // namespace platen::alerting
