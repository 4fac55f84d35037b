// Agents that are asked by SNMPv3: who asks each, and what is known of its engine and clock from
// one reading to the next. Thread-confined.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/container/btree_set.h"
#include "libs/snmp/siphash.h"
#include "libs/snmp/usm/session.h"
#include "services/collector/core/due_queue.h"

namespace platen::collector::edge {

class Sessions {
 public:
  using Users = std::map<std::string, snmp::usm::UserOptions>;

  // `users` by credential name; REQUIRES: valid. `key` is random, for where salts begin.
  Sessions(const Users& users, snmp::SipKey key);

  // From now on sessions are opened as these. Those that are open go on; who is the same as before
  // stays, with what is known of his engines.
  void SetUsers(const Users& users);

  // The session with the device at this place as the user of this credential; null where there is
  // no such user. Another user than before begins anew.
  snmp::usm::Session* Open(core::DeviceSlot slot, std::string_view credential);

  // The device at this place was believed: it has the engine that its session knows.
  void NoteEngine(core::DeviceSlot slot);

  // Who was believed with this engine id last; several, where a maker has given one twice.
  std::vector<core::DeviceSlot> WithEngine(std::string_view engine_id) const;

  // Another device may have this place next.
  void Forget(core::DeviceSlot slot);

 private:
  struct Known {
    std::shared_ptr<snmp::usm::User> user;  // The session borrows it.
    std::unique_ptr<snmp::usm::Session> session;
    std::uint64_t engine = 0;  // A digest of its id, as in by_engine_; 0: nobody was believed yet.
  };

  static std::uint64_t DigestOf(std::string_view engine_id);

  snmp::SipKey key_;
  std::uint64_t opened_ = 0;

  struct NamedUser {
    snmp::usm::UserOptions options;
    std::shared_ptr<snmp::usm::User> user;
  };

  std::map<std::string, NamedUser, std::less<>> users_;
  std::vector<Known> known_;  // By device slot.
  // Two engines of one digest are taken for each other. What comes of it is a poll too many.
  absl::btree_set<std::pair<std::uint64_t, core::DeviceSlot>> by_engine_;
};

}  // namespace platen::collector::edge
