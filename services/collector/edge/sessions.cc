#include "services/collector/edge/sessions.h"

namespace platen::collector::edge {

Sessions::Sessions(const Users& users, snmp::SipKey key) : key_(key) {
  SetUsers(users);
}

void Sessions::SetUsers(const Users& users) {
  std::erase_if(users_, [&users](const auto& known) { return !users.contains(known.first); });
  for (const auto& [credential, options] : users) {
    NamedUser& known = users_[credential];
    if (known.user != nullptr && known.options == options) continue;
    known = {options, std::make_shared<snmp::usm::User>(options)};
  }
}

snmp::usm::Session* Sessions::Open(core::DeviceSlot slot, std::string_view credential) {
  const auto user = users_.find(credential);
  if (user == users_.end()) return nullptr;
  if (slot >= known_.size()) known_.resize(slot + 1);
  Known& known = known_[slot];
  if (known.user != user->second.user) {
    // The session before goes first: it borrows the user before.
    known.session = std::make_unique<snmp::usm::Session>(*user->second.user,
                                                         snmp::SipHash(key_, slot, ++opened_));
    known.user = user->second.user;
  }
  return known.session.get();
}

void Sessions::NoteEngine(core::DeviceSlot slot) {
  Known& known = known_[slot];
  const std::uint64_t engine = DigestOf(known.session->engine_id());
  if (known.engine == engine) return;
  by_engine_.erase({known.engine, slot});
  known.engine = engine;
  by_engine_.insert({engine, slot});
}

std::vector<core::DeviceSlot> Sessions::WithEngine(std::string_view engine_id) const {
  const std::uint64_t engine = DigestOf(engine_id);
  std::vector<core::DeviceSlot> slots;
  for (auto at = by_engine_.lower_bound({engine, 0}); at != by_engine_.end() && at->first == engine;
       ++at) {
    slots.push_back(at->second);
  }
  return slots;
}

void Sessions::Forget(core::DeviceSlot slot) {
  if (slot >= known_.size()) return;
  by_engine_.erase({known_[slot].engine, slot});
  known_[slot] = {};
}

std::uint64_t Sessions::DigestOf(std::string_view engine_id) {
  return std::hash<std::string_view>{}(engine_id);
}

}  // namespace platen::collector::edge
