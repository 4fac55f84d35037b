#include "services/collector/core/agent_index.h"

#include <algorithm>
#include <functional>
#include <iterator>

#include "libs/event/serial_number.h"
#include "services/collector/core/text.h"

namespace platen::collector::core {
namespace {

// 0 for no text.
std::uint64_t DigestOf(const std::string& text) {
  if (text.empty()) return 0;
  return std::max<std::uint64_t>(1, std::hash<std::string>{}(text));
}

void SortAndUnite(std::vector<DeviceSlot>& devices) {
  std::ranges::sort(devices);
  devices.erase(std::unique(devices.begin(), devices.end()), devices.end());
}

}  // namespace

// The manufacturer is left out on both sides: a notification does not say it.
AgentIndex::Names AgentIndex::NamesOf(std::string_view serial_number, std::string_view sys_name) {
  return {DigestOf(event::SerialEvidence("", serial_number)),
          DigestOf(LowerCase(TrimBlanks(sys_name)))};
}

void AgentIndex::SetNames(DeviceSlot device,
                          std::string_view serial_number,
                          std::string_view sys_name) {
  if (device >= names_.size()) names_.resize(device + 1);
  Names& known = names_[device];
  const Names names = NamesOf(serial_number, sys_name);
  for (const Kind kind : {kSerial, kSysName}) {
    if (known[kind] == names[kind]) continue;
    if (known[kind] != 0) by_name_[kind].erase({known[kind], device});
    if (names[kind] != 0) by_name_[kind].insert({names[kind], device});
  }
  known = names;
}

void AgentIndex::AddNamed(Kind kind, std::uint64_t digest, std::vector<DeviceSlot>& devices) const {
  if (digest == 0) return;
  const std::size_t before = devices.size();
  for (auto at = by_name_[kind].lower_bound({digest, 0});
       at != by_name_[kind].end() && at->first == digest;
       ++at) {
    if (devices.size() - before == kNamesakesMax) return devices.resize(before);
    devices.push_back(at->second);
  }
}

std::vector<DeviceSlot> AgentIndex::Meant(const SenderClues& clues) const {
  std::vector<DeviceSlot> there;
  for (const snmp::Endpoint& agent : clues.agents) {
    for (auto at = by_address_.lower_bound({agent.address, 0});
         at != by_address_.end() && at->first == agent.address;
         ++at) {
      there.push_back(at->second);
    }
  }
  SortAndUnite(there);
  std::vector<DeviceSlot> said;
  for (const std::string& text : clues.texts) AddNamed(kSerial, NamesOf(text, "")[kSerial], said);
  // A serial number is one device's; a name is often several devices'.
  if (said.empty()) AddNamed(kSysName, NamesOf("", clues.sys_name)[kSysName], said);
  SortAndUnite(said);
  std::vector<DeviceSlot> both;
  std::ranges::set_intersection(said, there, std::back_inserter(both));
  std::vector<DeviceSlot> meant = both.empty() ? std::move(there) : std::move(both);
  meant.insert(meant.end(), said.begin(), said.end());
  meant.insert(meant.end(), clues.devices.begin(), clues.devices.end());
  SortAndUnite(meant);
  return meant;
}

}  // namespace platen::collector::core
