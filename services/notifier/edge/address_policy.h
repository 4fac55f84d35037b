// Which addresses an outgoing request may connect to.
#pragma once

#include <sys/socket.h>

namespace platen::notifier::edge {

// Whether `address` is a public unicast address: neither loopback nor private, link-local, shared,
// documentation, multicast nor reserved, also where an IPv6 address merely wraps an IPv4 one
// (mapped, 6to4, NAT64). Anything but IPv4 and IPv6 is not. Thread-safe.
bool IsPublicAddress(const sockaddr& address);

}  // namespace platen::notifier::edge
