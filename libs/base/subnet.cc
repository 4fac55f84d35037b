#include "libs/base/subnet.h"

#include <algorithm>
#include <array>
#include <cstdint>

#include <arpa/inet.h>

#include "libs/base/status.h"

namespace platen::base {
namespace {

constexpr std::size_t kV4Bytes = 3;
constexpr std::size_t kV6Bytes = 8;

// "[v6]:port" and "v4:port"; a text with several colons and no bracket is a bare IPv6 address.
std::string WithoutPort(std::string_view address) {
  if (address.starts_with('[')) {
    const std::size_t end = address.find(']');
    return std::string(end == std::string_view::npos ? "" : address.substr(1, end - 1));
  }
  const std::size_t colon = address.find(':');
  const bool is_v6 = colon != address.rfind(':');
  return std::string(is_v6 ? address : address.substr(0, colon));
}

}  // namespace

std::string SubnetOf(std::string_view address) {
  const std::string host = WithoutPort(address);
  std::array<std::uint8_t, sizeof(in6_addr)> bytes{};
  std::array<char, INET6_ADDRSTRLEN> text{};
  if (inet_pton(AF_INET, host.c_str(), bytes.data()) == 1) {
    std::fill(bytes.begin() + kV4Bytes, bytes.end(), 0);
    inet_ntop(AF_INET, bytes.data(), text.data(), text.size());
    return StrCat(text.data(), "/", 8 * kV4Bytes);
  }
  if (inet_pton(AF_INET6, host.c_str(), bytes.data()) == 1) {
    std::fill(bytes.begin() + kV6Bytes, bytes.end(), 0);
    inet_ntop(AF_INET6, bytes.data(), text.data(), text.size());
    return StrCat(text.data(), "/", 8 * kV6Bytes);
  }
  return "";
}

}  // namespace platen::base
