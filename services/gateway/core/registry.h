// Which devices there are: what admission asks for every event.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "libs/base/ids.h"
#include "services/gateway/core/names.h"

namespace platen::gateway::core {

// The store's short name for a device (its row number), from 1.
using DeviceNumber = std::int64_t;
// The store's short name for a (tenant, site), from 1.
using PlaceNumber = std::int64_t;

// Compact: 100 000 devices take a few megabytes. Thread-compatible; the edge guards it.
class Registry {
 public:
  struct Entry {
    DeviceNumber number = 0;
    PlaceNumber place = 0;
  };

  // Adds or moves a device. REQUIRES: `place` was added.
  void AddDevice(const base::DeviceId& id, Entry entry) { devices_[id] = entry; }

  void AddPlace(PlaceNumber number, Place place) {
    place_numbers_[{place.tenant, place.site}] = number;
    places_[number] = std::move(place);
  }

  // Null where it is not registered.
  const Entry* Find(const base::DeviceId& id) const {
    const auto found = devices_.find(id);
    return found == devices_.end() ? nullptr : &found->second;
  }

  // REQUIRES: `number` was added.
  const Place& place(PlaceNumber number) const { return places_.at(number); }

  // 0 where nothing is registered there.
  PlaceNumber FindPlace(const Place& place) const {
    const auto found = place_numbers_.find({place.tenant, place.site});
    return found == place_numbers_.end() ? 0 : found->second;
  }

  std::size_t size() const { return devices_.size(); }

 private:
  absl::flat_hash_map<base::DeviceId, Entry> devices_;
  absl::flat_hash_map<PlaceNumber, Place> places_;
  absl::flat_hash_map<std::pair<std::string, std::string>, PlaceNumber> place_numbers_;
};

}  // namespace platen::gateway::core
