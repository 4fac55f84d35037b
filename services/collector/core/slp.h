// What printers announce by SLP, version 2 (RFC 2608): the services that they offer.
//
// Pure. An answer proposes addresses and no more: whether they may be asked is AddressSet's.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "libs/snmp/endpoint.h"

namespace platen::collector::core {

inline constexpr std::uint16_t kSlpPort = 427;
// Of a datagram that is asked or understood. Larger than the 1400 bytes that RFC 2608 sends without
// being told otherwise, because some agents send what the link bears.
inline constexpr std::size_t kSlpMessageBytesMax = 9000;
inline constexpr std::size_t kSlpServicesMax = 256;

struct SlpService {
  std::string url;  // "service:printer:lpr://192.0.2.7/queue"; UTF-8.
  // What the URL has, without a port; nothing where it has a name, which is not looked up, or an
  // address that is no host's.
  std::optional<snmp::Endpoint> address;
};

struct SlpServices {
  std::vector<SlpService> services;
  // The agent had more than its datagram could bear.
  bool has_more = false;
};

// Who offers printing, in the scope DEFAULT. To a group those alone answer who do.
enum class SlpAsked : std::uint8_t { kAgent, kGroup };
std::vector<std::uint8_t> SlpServiceRequest(std::uint16_t id, SlpAsked asked);

// The answer to the request `id`. kInvalidArgument says what is wrong with a datagram that is no
// such answer, kFailedPrecondition which error an agent has answered with; nothing of either is
// used.
absl::StatusOr<SlpServices> ParseSlpServices(std::span<const std::uint8_t> datagram,
                                             std::uint16_t id);

}  // namespace platen::collector::core
