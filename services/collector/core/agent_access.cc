#include "services/collector/core/agent_access.h"

namespace platen::collector::core {

AgentAccess AccessOf(const event::v1::Target& target) {
  const event::v1::SnmpAccess& snmp = target.snmp();
  AgentAccess access;
  access.version = snmp.version();
  access.answers_from_elsewhere = snmp.accept_from_other_address();
  access.credential = snmp.credential().empty() ? std::string_view("default") : snmp.credential();
  const auto port = static_cast<std::uint16_t>(snmp.port() == 0 ? snmp::kSnmpPort : snmp.port());
  const auto agent = snmp::Endpoint::Parse(target.address(), port);
  if (!agent.ok()) return access;
  access.agent = *agent;
  access.agent.port = port;
  return access;
}

}  // namespace platen::collector::core
