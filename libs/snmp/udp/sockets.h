// Opening UDP sockets, and addresses in the kernel's form. Private to this folder.
#pragma once

#include <cstdint>
#include <utility>

#include <netinet/in.h>
#include <sys/socket.h>

#include "absl/status/statusor.h"
#include "libs/snmp/endpoint.h"

namespace platen::snmp::udp {

// Owns a file descriptor.
class FileDescriptor {
 public:
  FileDescriptor() = default;

  explicit FileDescriptor(int fd) : fd_(fd) {}

  FileDescriptor(FileDescriptor&& other) noexcept : fd_(std::exchange(other.fd_, -1)) {}

  FileDescriptor& operator=(FileDescriptor&& other) noexcept {
    std::swap(fd_, other.fd_);
    return *this;
  }

  ~FileDescriptor();

  int get() const { return fd_; }

 private:
  int fd_ = -1;
};

// Either family's address, as the kernel wants it.
union SocketAddress {
  sockaddr generic;
  sockaddr_in v4;
  sockaddr_in6 v6;
};

// For a socket of `family`; the size to pass on, or 0 when that family cannot reach the endpoint.
socklen_t ToSocketAddress(const Endpoint& endpoint, int family, SocketAddress& address);
Endpoint FromSocketAddress(const SocketAddress& address);

struct SocketOptions {
  int family = AF_INET;
  Endpoint local;
  std::size_t receive_buffer_bytes = 0;
};

// A bound, non-blocking socket. kUnavailable with the reason otherwise.
absl::StatusOr<FileDescriptor> OpenSocket(const SocketOptions& options);

// Makes the socket tell, and take, the local address of each datagram (IPv4).
absl::Status EnablePacketInfo(int fd);

// Ties the socket to the loopback device if the kernel lets us.
void TryBindToLoopback(int fd);

Endpoint LocalEndpoint(int fd);

// Datagrams that the kernel dropped because the socket's buffer was full.
std::uint64_t DroppedByKernel(int fd);

}  // namespace platen::snmp::udp
