// Which devices may have sent a notification: by where they are asked, by serial number and by
// sysName. The same private address may be at several sites, and then all of them are meant.
//
// Kept only where notifications are listened for: some 90 bytes a device.
#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/container/btree_set.h"
#include "libs/snmp/endpoint.h"
#include "services/collector/core/due_queue.h"

namespace platen::collector::core {

// By what the sender of a notification may be known. None of it is believed: the worst that comes
// of a wrong one is a poll that nobody needed.
struct SenderClues {
  // Where the datagram came from, and what a trap of v1 names, which a proxy may have passed on.
  std::vector<snmp::Endpoint> agents;
  // Who answers as the engine of SNMPv3 that it is about.
  std::vector<DeviceSlot> devices;
  // Texts of which one may be its serial number: makers have it under names of their own.
  std::vector<std::string> texts;
  // sysName; empty where it was not said.
  std::string sys_name;
};

// Thread-confined.
class AgentIndex {
 public:
  // More devices of one serial number or name than that are not told apart by it.
  static constexpr std::size_t kNamesakesMax = 8;

  // Ports do not matter: an agent notifies from any.
  void Add(const snmp::Endpoint& agent, DeviceSlot device) {
    by_address_.insert({agent.address, device});
  }

  void Remove(const snmp::Endpoint& agent, DeviceSlot device) {
    by_address_.erase({agent.address, device});
  }

  // What the device at this place is called from now on; empty: nothing.
  void SetNames(DeviceSlot device, std::string_view serial_number, std::string_view sys_name);

  // Who is meant, each once, in the order of places. Of those at the sender's address, as behind
  // address translation, only those that the rest says, where it says one of them.
  std::vector<DeviceSlot> Meant(const SenderClues& clues) const;

 private:
  // Digests of what a device is called, by kind; 0: nothing. Two names of one digest are taken for
  // each other.
  enum Kind : std::uint8_t { kSerial, kSysName, kKinds };

  using Names = std::array<std::uint64_t, kKinds>;

  static Names NamesOf(std::string_view serial_number, std::string_view sys_name);
  void AddNamed(Kind kind, std::uint64_t digest, std::vector<DeviceSlot>& devices) const;

  absl::btree_set<std::pair<std::array<std::uint8_t, 16>, DeviceSlot>> by_address_;
  std::array<absl::btree_set<std::pair<std::uint64_t, DeviceSlot>>, kKinds> by_name_;
  std::vector<Names> names_;  // By device slot.
};

}  // namespace platen::collector::core
