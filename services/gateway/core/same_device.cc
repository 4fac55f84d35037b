#include "services/gateway/core/same_device.h"

#include <string_view>

namespace platen::gateway::core {
namespace {

// Both say interfaces, and none is common.
bool Contradict(std::string_view macs, std::string_view others) {
  if (macs.empty() || others.empty()) return false;
  std::size_t at = macs.find_first_not_of(' ');
  while (at != std::string_view::npos) {
    const std::size_t end = macs.find(' ', at);
    // With the blanks around it, so that no part of another address counts.
    if (others.find(macs.substr(at - 1, end - at + 2)) != std::string_view::npos) return false;
    at = macs.find_first_not_of(' ', end);
  }
  return true;
}

}  // namespace

bool HasMoved(const DeviceEvidence& known, const DeviceEvidence& found) {
  if (known.serial_key.empty() || known.serial_key != found.serial_key) return false;
  if (known.answers || !found.answers || known.fixed) return false;
  const bool other_model =
      !known.model.empty() && !found.model.empty() && known.model != found.model;
  return !other_model && !Contradict(known.macs, found.macs);
}

}  // namespace platen::gateway::core
