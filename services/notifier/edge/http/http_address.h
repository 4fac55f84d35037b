// Where a receiver that speaks HTTP is, as its URL says.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace platen::notifier::edge {

struct HttpAddress {
  bool tls = false;
  // Name or address, without brackets.
  std::string host;
  std::uint16_t port = 0;
  // As the Host header has it.
  std::string authority;
  // Path and query: "/hook?x=1".
  std::string target;
};

// "https://host/path", "http://192.0.2.1:8080", "https://[2001:db8::1]/x?y"; what stands behind '#'
// is left out. nullopt where it is none of these, where it holds a login, and where it has a
// character that could end a line of the request. Names are taken as they stand: one beyond ASCII
// is written in its "xn--" form.
std::optional<HttpAddress> ParseHttpAddress(std::string_view url);

}  // namespace platen::notifier::edge
