// An IP address and a UDP port.
#pragma once

#include <array>
#include <compare>
#include <cstdint>
#include <string>
#include <string_view>

#include "absl/status/statusor.h"

namespace platen::snmp {

inline constexpr std::uint16_t kSnmpPort = 161;

// A value type. IPv4 addresses are kept as IPv4-mapped IPv6 ones, so that both compare and hash
// alike. All zeros: "none" or "any", as the context says.
struct Endpoint {
  std::array<std::uint8_t, 16> address{};  // In network order.
  std::uint16_t port = 0;                  // In host order.

  // `host` in host order: 0x7f000001 is 127.0.0.1.
  static constexpr Endpoint V4(std::uint32_t host, std::uint16_t port) {
    Endpoint endpoint;
    endpoint.port = port;
    endpoint.address[10] = 0xff;
    endpoint.address[11] = 0xff;
    for (std::size_t i = 0; i < 4; ++i) {
      endpoint.address[12 + i] = static_cast<std::uint8_t>(host >> (24 - 8 * i));
    }
    return endpoint;
  }

  // Reads "192.0.2.1", "192.0.2.1:161", "2001:db8::1" or "[2001:db8::1]:161". Names are not looked
  // up. kInvalidArgument for anything else.
  static absl::StatusOr<Endpoint> Parse(std::string_view text,
                                        std::uint16_t default_port = kSnmpPort);

  constexpr bool is_v4() const {
    for (std::size_t i = 0; i < 10; ++i) {
      if (address[i] != 0) return false;
    }
    return address[10] == 0xff && address[11] == 0xff;
  }

  // In host order. REQUIRES: is_v4().
  constexpr std::uint32_t v4() const {
    return std::uint32_t{address[12]} << 24 | std::uint32_t{address[13]} << 16 |
           std::uint32_t{address[14]} << 8 | address[15];
  }

  std::string AddressToString() const;
  std::string ToString() const;  // As Parse() reads it, always with the port.

  friend auto operator<=>(const Endpoint&, const Endpoint&) = default;

  template <class H>
  friend H AbslHashValue(H state, const Endpoint& endpoint) {
    return H::combine(std::move(state), endpoint.address, endpoint.port);
  }
};

}  // namespace platen::snmp
