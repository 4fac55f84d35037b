// Whether a host that is silent over SNMP lives at all, and what to check then.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "libs/base/time.h"
#include "libs/snmp/endpoint.h"

namespace platen::collector::edge {

// What TCP says of the ports that printers have.
struct TcpFindings {
  std::vector<std::uint16_t> open;  // Of 9100 (raw printing), 631 (IPP), 443 (HTTPS).
  bool refused = false;  // A port was refused: nothing listens there, but the host lives.

  bool alive() const { return refused || !open.empty(); }
};

// Tries to connect to all three at the same time, and waits `timeout` at most.
TcpFindings KnockTcp(const snmp::Endpoint& host, base::Duration timeout);

// What to check, in order, in full sentences; ends with a line break. `asked`: what was asked for
// (a name or an address). Pure.
std::string SilenceAdvice(const std::string& asked,
                          const snmp::Endpoint& host,
                          const TcpFindings& findings);

}  // namespace platen::collector::edge
