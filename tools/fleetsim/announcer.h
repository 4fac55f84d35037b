// What printers say of themselves by SLP (RFC 2608) and DNS-SD (RFC 6763) to whoever asks one of
// them.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "libs/base/time.h"
#include "libs/snmp/datagrams.h"
#include "tools/fleetsim/fleet.h"

namespace platen::fleetsim {

// Who answers.
struct Announced {
  std::uint32_t number = 0;
  std::uint32_t address = 0;  // IPv4.
  std::string model;
};

// To a request for services of the type "service:printer", an answer with one; to anything else,
// nothing.
std::vector<std::uint8_t> AnswerSlp(std::span<const std::uint8_t> request,
                                    const Announced& printer);

// To a query for the instances of _ipp._tcp.local, an answer with one, its host and its address; to
// anything else, nothing.
std::vector<std::uint8_t> AnswerDnsSd(std::span<const std::uint8_t> query,
                                      const Announced& printer);

// The fleet on a protocol's port. What a device's link loses and delays holds for SNMP alone; who
// is silent or boots says nothing here either. Thread-confined. Borrows network and fleet.
class Announcer {
 public:
  using Protocol = std::vector<std::uint8_t> (*)(std::span<const std::uint8_t> request,
                                                 const Announced& printer);

  Announcer(snmp::Datagrams& network, Fleet& fleet, Protocol protocol)
      : network_(network), fleet_(fleet), protocol_(protocol) {}

  // Answers one batch of what has arrived.
  void Step(base::MonotonicTime now);

 private:
  snmp::Datagrams& network_;
  Fleet& fleet_;
  const Protocol protocol_;
};

}  // namespace platen::fleetsim
