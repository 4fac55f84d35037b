// Agents that are asked by SNMPv3: who asks each, and what is known of its engine and clock from
// one reading to the next. Thread-confined.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "libs/snmp/siphash.h"
#include "libs/snmp/usm/session.h"
#include "services/collector/core/due_queue.h"

namespace platen::collector::edge {

class Sessions {
 public:
  // `users` by credential name; REQUIRES: valid. `key` is random, for where salts begin.
  Sessions(const std::map<std::string, snmp::usm::UserOptions>& users, snmp::SipKey key);

  // The session with the device at this place as the user of this credential; null where there is
  // no such user. Another user than before begins anew.
  snmp::usm::Session* Open(core::DeviceSlot slot, std::string_view credential);

  // Another device may have this place next.
  void Forget(core::DeviceSlot slot);

 private:
  struct Known {
    const snmp::usm::User* user = nullptr;
    std::unique_ptr<snmp::usm::Session> session;
  };

  snmp::SipKey key_;
  std::uint64_t opened_ = 0;
  std::map<std::string, std::unique_ptr<snmp::usm::User>, std::less<>> users_;
  std::vector<Known> known_;  // By device slot.
};

}  // namespace platen::collector::edge
