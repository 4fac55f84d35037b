// Datagrams over the kernel's UDP, in batches (sendmmsg, recvmmsg).
#pragma once

#include <memory>

#include "absl/status/statusor.h"
#include "libs/snmp/datagrams.h"

namespace platen::snmp::udp {

struct UdpOptions {
  // Local ports, 1 to 64. Several make a forger's work harder: an answer must come to the one its
  // question left.
  std::size_t ports = 4;
  // The address to send from; "any" unless given. A port of 0 lets the kernel draw one, at random,
  // for each socket; another is taken by the first socket, and the next ones by the sockets after
  // it.
  Endpoint local;
  // Reach IPv6 devices, too (and IPv4 ones through mapped addresses, a little slower).
  bool ipv6 = false;
  // Datagrams that one Receive() hands over, 1 to 1024.
  std::size_t batch = 64;
  // Longer datagrams are dropped and counted. At most 65,507.
  std::size_t datagram_bytes_max = 8192;
  // Receive buffer asked of the kernel for each socket. It is granted in full to those who may
  // (CAP_NET_ADMIN), otherwise up to net.core.rmem_max.
  std::size_t receive_buffer_bytes = std::size_t{8} << 20;
  // Wait() looks no sooner than this after it has last ended, and then may take that much longer
  // than it is told to: what comes meanwhile is one batch, and wakes the thread once. 0: as soon as
  // something comes.
  base::Duration gather = base::Duration(0);
};

// For those who ask. Errors: kInvalidArgument (an option out of bounds), kUnavailable (the address
// or port is taken or not ours, or no file descriptor is left).
absl::StatusOr<std::unique_ptr<Datagrams>> OpenUdp(const UdpOptions& options);

struct UdpAgentOptions {
  // 0 lets the kernel draw one.
  std::uint16_t port = 0;
  std::size_t batch = 64;
  std::size_t datagram_bytes_max = 8192;
  std::size_t receive_buffer_bytes = std::size_t{8} << 20;
};

// For those who answer: one socket that receives for every address in 127.0.0.0/8. InDatagram::to
// says which was asked, and OutDatagram::from must say it again, so that the answer leaves from
// there. The socket is tied to the loopback device where the kernel permits it (since Linux 5.7
// without privileges); in any case, what was sent to another address is dropped, so nothing outside
// this machine is ever answered. Errors as above.
absl::StatusOr<std::unique_ptr<Datagrams>> OpenUdpAgents(const UdpAgentOptions& options);

}  // namespace platen::snmp::udp
