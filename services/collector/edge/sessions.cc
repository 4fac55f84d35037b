#include "services/collector/edge/sessions.h"

namespace platen::collector::edge {

Sessions::Sessions(const std::map<std::string, snmp::usm::UserOptions>& users, snmp::SipKey key)
    : key_(key) {
  for (const auto& [credential, options] : users) {
    users_[credential] = std::make_unique<snmp::usm::User>(options);
  }
}

snmp::usm::Session* Sessions::Open(core::DeviceSlot slot, std::string_view credential) {
  const auto user = users_.find(credential);
  if (user == users_.end()) return nullptr;
  if (slot >= known_.size()) known_.resize(slot + 1);
  Known& known = known_[slot];
  if (known.user != user->second.get()) {
    known.user = user->second.get();
    known.session =
        std::make_unique<snmp::usm::Session>(*user->second, snmp::SipHash(key_, slot, ++opened_));
  }
  return known.session.get();
}

void Sessions::Forget(core::DeviceSlot slot) {
  if (slot < known_.size()) known_[slot] = {};
}

}  // namespace platen::collector::edge
