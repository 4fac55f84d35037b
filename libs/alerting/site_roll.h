// How many devices are polled at each site, as platen.targets.v1 says.
//
// Thread-confined. Memory: some 40 bytes a device, at most kDevicesMax of them; beyond that nothing
// is known of any site, rather than something wrong.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <string_view>

#include "absl/container/flat_hash_map.h"
#include "libs/base/ids.h"

namespace platen::alerting {

class SiteRoll {
 public:
  static constexpr std::size_t kDevicesMax = 4'000'000;

  // The device is polled at this site, and nowhere else.
  void Put(const base::DeviceId& device, std::string_view tenant, std::string_view site);

  // It is polled no longer.
  void Remove(const base::DeviceId& device);

  // All were told of once: half a roll is none.
  void OnComplete() { is_complete_ = true; }

  // How many are polled there; 0 where nothing is known.
  std::uint32_t CountAt(std::string_view tenant, std::string_view site) const;

  std::size_t size() const { return devices_.size(); }

 private:
  using Sites = std::map<std::string, std::uint32_t, std::less<>>;

  // By tenant and site; a map, for devices point into it.
  Sites sites_;
  absl::flat_hash_map<base::DeviceId, Sites::iterator> devices_;
  bool is_full_ = false;
  bool is_complete_ = false;
};

}  // namespace platen::alerting
