// The seam between SNMP and the network: datagrams in batches. udp/ is the kernel, memory/ a
// simulated network; tests/contract/snmp_datagrams_contract.h holds what both promise.
#pragma once

#include <cstdint>
#include <span>

#include "libs/base/time.h"
#include "libs/snmp/endpoint.h"

namespace platen::snmp {

// `bytes` are borrowed until Send() returns.
struct OutDatagram {
  Endpoint to;
  std::span<const std::uint8_t> bytes;
  std::uint8_t via = 0;  // Which of our ports it leaves from, below port_count().
  Endpoint
      from;  // Address it should leave from, where a port has many (an agent's answer); or none.
};

// `bytes` are borrowed until the next Receive().
struct InDatagram {
  Endpoint from;
  std::span<const std::uint8_t> bytes;
  std::uint8_t via = 0;  // Which of our ports it came to.
  Endpoint to;           // The address it was sent to, where the implementation knows it; or none.
};

// Since construction.
struct DatagramCounts {
  std::uint64_t sent = 0;
  std::uint64_t received = 0;
  std::uint64_t send_refused =
      0;  // The network refused a destination (no route, not permitted, too long).
  std::uint64_t receive_refused = 0;    // Sent to an address that this port doesn't serve; dropped.
  std::uint64_t receive_oversized = 0;  // Longer than the receive buffer; dropped.
  std::uint64_t receive_overflow = 0;   // Dropped by the kernel because nobody read in time.
};

// Thread-confined. Nothing but Wait() waits, and nothing here retries: what a network does to
// datagrams, it does.
class Datagrams {
 public:
  virtual ~Datagrams() = default;

  // Hands `batch` to the network in order and returns how many were taken; fewer than all when the
  // network has no room at the moment: offer the rest again. A datagram that the network refuses
  // for good counts as taken, and in `send_refused`.
  virtual std::size_t Send(std::span<const OutDatagram> batch) = 0;

  // What has arrived, at most a batch of it; empty when there is nothing. The views stay valid
  // until the next call.
  virtual std::span<const InDatagram> Receive() = 0;

  // Waits until Receive() has something or `at_most` has passed. True if Receive() has something.
  virtual bool Wait(base::Duration at_most) = 0;

  // Readable, for poll and epoll, while there may be something to receive; -1 where there is no
  // such thing.
  virtual int fd() const = 0;

  // How many local ports there are. An answer comes back to the port its question left from.
  virtual std::size_t port_count() const = 0;

  // One of them. The address is "any" unless bound to one.
  virtual Endpoint local(std::size_t port) const = 0;

  virtual DatagramCounts counts() const = 0;
};

}  // namespace platen::snmp
