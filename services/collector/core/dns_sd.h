// What printers announce by DNS-SD (RFC 6763), asked with one-shot queries of multicast DNS
// (RFC 6762, section 5.1), which a server at one address understands as well.
//
// Pure. An answer proposes addresses and no more: whether they may be asked is AddressSet's.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "libs/snmp/endpoint.h"

namespace platen::collector::core {

inline constexpr std::uint16_t kMulticastDnsPort = 5353;
// RFC 6762, section 17.
inline constexpr std::size_t kDnsMessageBytesMax = 9000;
// Of one datagram: whoever answers with more is refused.
inline constexpr std::size_t kDnsRecordsMax = 512;

struct DnsSdPrinter {
  std::string name;     // As people read it; UTF-8.
  std::string service;  // "_ipp._tcp"
  std::string model;    // Keys "ty" or, without it, "product" less its parentheses.
  std::string note;     // Where it stands.
  std::string host;     // "printer.local"; empty where its SRV record was not in the datagram.
  // Of its host, sorted, each once, without a port. None that is nobody's, everybody's, or of a
  // link that the record can't name.
  std::vector<snmp::Endpoint> addresses;
};

// Who offers the printers' services: one datagram that asks for all of them, answers by unicast.
std::vector<std::uint8_t> DnsSdQuery(std::uint16_t id);

// The printers of an answer to the query `id`, in the order of their records. kInvalidArgument
// says what is wrong with a datagram that is no such answer; nothing of it is used then.
absl::StatusOr<std::vector<DnsSdPrinter>> ParseDnsSdAnswer(std::span<const std::uint8_t> datagram,
                                                           std::uint16_t id);

}  // namespace platen::collector::core
