// Which devices are asked at an address: who may have sent a notification. The same private address
// may be at several sites, and then all of them are meant.
//
// Kept only where notifications are listened for: some 30 bytes a device.
#pragma once

#include <array>
#include <cstdint>
#include <utility>
#include <vector>

#include "absl/container/btree_set.h"
#include "libs/snmp/endpoint.h"
#include "services/collector/core/due_queue.h"

namespace platen::collector::core {

// Ports do not matter: an agent notifies from any. Thread-confined.
class AgentIndex {
 public:
  void Add(const snmp::Endpoint& agent, DeviceSlot device) {
    by_address_.insert({agent.address, device});
  }

  void Remove(const snmp::Endpoint& agent, DeviceSlot device) {
    by_address_.erase({agent.address, device});
  }

  std::vector<DeviceSlot> At(const snmp::Endpoint& agent) const {
    std::vector<DeviceSlot> devices;
    for (auto at = by_address_.lower_bound({agent.address, 0});
         at != by_address_.end() && at->first == agent.address;
         ++at) {
      devices.push_back(at->second);
    }
    return devices;
  }

 private:
  absl::btree_set<std::pair<std::array<std::uint8_t, 16>, DeviceSlot>> by_address_;
};

}  // namespace platen::collector::core
