#include "libs/snmp/udp/sockets.h"

#include <algorithm>
#include <cerrno>
#include <cstring>

#include <arpa/inet.h>
#include <linux/sock_diag.h>
#include <unistd.h>

#include "libs/base/status.h"

namespace platen::snmp::udp {
namespace {

absl::Status SystemError(std::string_view what) {
  return base::Unavailable(what, ": ", base::ErrnoMessage(errno));
}

void AskForReceiveBuffer(int fd, std::size_t bytes) {
  const int size = static_cast<int>(std::min<std::size_t>(bytes, 1 << 30));
  if (setsockopt(fd, SOL_SOCKET, SO_RCVBUFFORCE, &size, sizeof size) == 0) return;
  // Without privileges the kernel cuts it to net.core.rmem_max; what overflows then is counted.
  setsockopt(fd, SOL_SOCKET, SO_RCVBUF, &size, sizeof size);
}

bool IsAny(const Endpoint& endpoint) {
  return endpoint.address == Endpoint().address || (endpoint.is_v4() && endpoint.v4() == 0);
}

}  // namespace

FileDescriptor::~FileDescriptor() {
  if (fd_ >= 0) close(fd_);
}

socklen_t ToSocketAddress(const Endpoint& endpoint, int family, SocketAddress& address) {
  if (family == AF_INET) {
    if (!endpoint.is_v4()) return 0;
    address.v4 = {};
    address.v4.sin_family = AF_INET;
    address.v4.sin_port = htons(endpoint.port);
    std::memcpy(&address.v4.sin_addr, endpoint.address.data() + 12, 4);
    return sizeof address.v4;
  }
  address.v6 = {};
  address.v6.sin6_family = AF_INET6;
  address.v6.sin6_port = htons(endpoint.port);
  std::memcpy(&address.v6.sin6_addr, endpoint.address.data(), 16);
  return sizeof address.v6;
}

Endpoint FromSocketAddress(const SocketAddress& address) {
  if (address.generic.sa_family == AF_INET) {
    return Endpoint::V4(ntohl(address.v4.sin_addr.s_addr), ntohs(address.v4.sin_port));
  }
  Endpoint endpoint;
  std::memcpy(endpoint.address.data(), &address.v6.sin6_addr, 16);
  endpoint.port = ntohs(address.v6.sin6_port);
  return endpoint;
}

absl::StatusOr<FileDescriptor> OpenSocket(const SocketOptions& options) {
  FileDescriptor fd(socket(options.family, SOCK_DGRAM | SOCK_NONBLOCK | SOCK_CLOEXEC, IPPROTO_UDP));
  if (fd.get() < 0) return SystemError("opening a UDP socket");
  if (options.family == AF_INET6) {
    const int off = 0;
    setsockopt(fd.get(), IPPROTO_IPV6, IPV6_V6ONLY, &off, sizeof off);
  }
  AskForReceiveBuffer(fd.get(), options.receive_buffer_bytes);

  Endpoint local = options.local;
  if (IsAny(local))
    local = options.family == AF_INET ? Endpoint::V4(0, local.port) : Endpoint{.port = local.port};
  SocketAddress address;
  const socklen_t size = ToSocketAddress(local, options.family, address);
  if (size == 0)
    return base::InvalidArgument("an IPv4 socket cannot be bound to ", local.ToString());
  if (bind(fd.get(), &address.generic, size) != 0) {
    return SystemError(base::StrCat("binding UDP ", local.ToString()));
  }
  return fd;
}

absl::Status EnablePacketInfo(int fd) {
  const int on = 1;
  if (setsockopt(fd, IPPROTO_IP, IP_PKTINFO, &on, sizeof on) == 0) return absl::OkStatus();
  return SystemError("setting IP_PKTINFO");
}

void TryBindToLoopback(int fd) {
  static constexpr char kLoopback[] = "lo";
  setsockopt(fd, SOL_SOCKET, SO_BINDTODEVICE, kLoopback, sizeof kLoopback);
}

Endpoint LocalEndpoint(int fd) {
  SocketAddress address{};
  socklen_t size = sizeof address;
  if (getsockname(fd, &address.generic, &size) != 0) return {};
  return FromSocketAddress(address);
}

std::uint64_t DroppedByKernel(int fd) {
  std::uint32_t memory[SK_MEMINFO_VARS] = {};
  socklen_t size = sizeof memory;
  if (getsockopt(fd, SOL_SOCKET, SO_MEMINFO, memory, &size) != 0) return 0;
  return memory[SK_MEMINFO_DROPS];
}

}  // namespace platen::snmp::udp
