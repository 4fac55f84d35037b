// The answering side of SNMPv1 and v2c (RFC 1157 §4, RFC 3416 §4.2), for simulated devices and
// tests.
#pragma once

#include <cstdint>
#include <optional>
#include <span>

#include "libs/snmp/message.h"

namespace platen::snmp {

// What an agent has to tell, in the order of the names. What it hands out is borrowed until its
// next call.
class Mib {
 public:
  virtual ~Mib() = default;

  // What stands under exactly this name.
  virtual std::optional<ValueView> Get(OidView name) = 0;
  // The first varbind whose name is greater.
  virtual std::optional<VarbindView> Next(OidView name) = 0;
};

struct AgentOptions {
  // The longest message sent; a GETBULK's answer is cut to it, others become tooBig.
  std::size_t message_bytes_max = 1472;
};

// Writes the answer to `request` into `buffer` and returns it. Empty where no answer is due: for
// anything but a GET, GETNEXT, GETBULK or SET (which is refused), and for a GETBULK in v1. The
// community is echoed; whether it is a good one is for the caller to check before.
std::span<const std::uint8_t> Answer(const MessageView& request,
                                     Mib& mib,
                                     const AgentOptions& options,
                                     std::span<std::uint8_t> buffer);

}  // namespace platen::snmp
