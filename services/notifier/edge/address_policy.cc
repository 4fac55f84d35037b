#include "services/notifier/edge/address_policy.h"

#include <algorithm>
#include <array>
#include <cstdint>
#include <cstring>

#include <arpa/inet.h>
#include <netinet/in.h>

namespace platen::notifier::edge {
namespace {

struct Range4 {
  std::uint32_t network;
  int bits;
};

// IANA's special-purpose registry (RFC 6890 and what followed), multicast and reserved space.
constexpr std::array<Range4, 15> kSpecial4 = {{
    {0x00000000, 8},   // this network
    {0x0A000000, 8},   // private
    {0x64400000, 10},  // shared, carrier-grade NAT
    {0x7F000000, 8},   // loopback
    {0xA9FE0000, 16},  // link-local, cloud metadata
    {0xAC100000, 12},  // private
    {0xC0000000, 24},  // protocol assignments
    {0xC0000200, 24},  // documentation
    {0xC0586300, 24},  // 6to4 relays
    {0xC0A80000, 16},  // private
    {0xC6120000, 15},  // benchmarks
    {0xC6336400, 24},  // documentation
    {0xCB007100, 24},  // documentation
    {0xE0000000, 4},   // multicast
    {0xF0000000, 4},   // reserved, broadcast
}};

bool IsPublic4(std::uint32_t address) {
  return std::none_of(kSpecial4.begin(), kSpecial4.end(), [&](const Range4& range) {
    return (address ^ range.network) >> (32 - range.bits) == 0;
  });
}

using Bytes6 = std::array<std::uint8_t, 16>;

bool StartsWith(const Bytes6& address, std::initializer_list<std::uint8_t> prefix) {
  return std::equal(prefix.begin(), prefix.end(), address.begin());
}

std::uint32_t Embedded4(const Bytes6& address, std::size_t at) {
  std::uint32_t embedded = 0;
  for (std::size_t i = 0; i < 4; ++i) embedded = embedded << 8 | address[at + i];
  return embedded;
}

bool IsPublic6(const Bytes6& address) {
  if (StartsWith(address, {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xFF, 0xFF})) {
    return IsPublic4(Embedded4(address, 12));  // ::ffff:a.b.c.d
  }
  if (StartsWith(address, {0x00, 0x64, 0xFF, 0x9B, 0, 0, 0, 0, 0, 0, 0, 0})) {
    return IsPublic4(Embedded4(address, 12));  // NAT64
  }
  if (StartsWith(address, {0x20, 0x02})) return IsPublic4(Embedded4(address, 2));  // 6to4
  if (address[0] >> 5 != 1) return false;                                          // not 2000::/3
  if (StartsWith(address, {0x20, 0x01}) && address[2] < 2) return false;  // 2001::/23, Teredo too
  return !StartsWith(address, {0x20, 0x01, 0x0D, 0xB8});                  // documentation
}

}  // namespace

bool IsPublicAddress(const sockaddr& address) {
  if (address.sa_family == AF_INET) {
    sockaddr_in ipv4{};
    std::memcpy(&ipv4, &address, sizeof ipv4);
    return IsPublic4(ntohl(ipv4.sin_addr.s_addr));
  }
  if (address.sa_family == AF_INET6) {
    sockaddr_in6 ipv6{};
    std::memcpy(&ipv6, &address, sizeof ipv6);
    Bytes6 bytes{};
    std::memcpy(bytes.data(), &ipv6.sin6_addr, bytes.size());
    return IsPublic6(bytes);
  }
  return false;
}

}  // namespace platen::notifier::edge
