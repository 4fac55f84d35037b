#include "services/collector/core/device_table.h"

namespace platen::collector::core {

DeviceSlot DeviceTable::Add(const base::DeviceId& id) {
  DeviceSlot slot = slots();
  if (free_.empty()) {
    if (slots_ % kChunk == 0) chunks_.push_back(std::make_unique<std::array<Device, kChunk>>());
    ++slots_;
  } else {
    slot = free_.back();
    free_.pop_back();
  }
  Device& device = (*this)[slot];
  device.id = id;
  device.live = true;
  by_id_.insert(slot);
  return slot;
}

void DeviceTable::Free(DeviceSlot slot) {
  Device& device = (*this)[slot];
  by_id_.erase(slot);
  // The number goes on, so that a late answer to this tenant finds nobody.
  const std::uint32_t reading_number = device.reading_number;
  device = Device();
  device.reading_number = reading_number + 1;
  free_.push_back(slot);
}

std::optional<DeviceSlot> DeviceTable::Find(const base::DeviceId& id) const {
  const auto known = by_id_.find(id);
  if (known == by_id_.end()) return std::nullopt;
  return *known;
}

}  // namespace platen::collector::core
