// Outgoing exchanges that are neither mail nor HTTP: messages over TLS that nobody answers, and
// datagrams that are answered. Boost.Asio on a thread of its own, for every channel that needs it;
// exchanges run side by side, none waits for another. (Names are looked up one after the other, by
// a thread of Asio's: where a name server hangs, exchanges with names wait for it, up to their
// timeout. Addresses are not looked up.)
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "libs/base/time.h"

namespace platen::notifier::edge {

// Whom an exchange is with.
struct Peer {
  // Name or address, without brackets.
  std::string host;
  std::uint16_t port = 0;
  // Loopback, private and link-local addresses are refused on the connected address.
  bool allow_private_addresses = false;
  // From the look-up of the name to the end.
  base::Duration timeout = std::chrono::seconds(10);
};

// What came of it.
struct ExchangeAnswer {
  // The exchange came to its end. False: no connection, TLS refused, time over, cut off.
  bool completed = false;
  // What was answered; empty of messages.
  std::string said;
  // Why it did not complete, in words without payload, secret or path.
  std::string failure;
};

// Bytes over one connection with TLS, 1.2 or later, then its end. It is completed once the peer has
// ended its side too, after all bytes and after our end: it has read everything then. A connection
// that is reset, or that the peer leaves open, is not completed.
struct TlsMessage {
  Peer peer;
  // CAs that vouch for the peer, which must have the name `peer.host`, PEM; the system's where
  // empty.
  std::string ca_file;
  // Client certificate chain and key, PEM; both or neither.
  std::string cert_file;
  std::string key_file;
  std::string bytes;
};

// A datagram that is said again and again until it is answered.
struct Question {
  Peer peer;
  std::string bytes;
  // How long each time is waited for an answer; as often it is said.
  std::vector<base::Duration> waits;
  // Whether these bytes are the answer; others are passed over.
  std::function<bool(std::string_view)> is_answer;
};

// Thread-safe. REQUIRES: the process ignores SIGPIPE, as with Transfers.
class Exchanges {
 public:
  using Done = std::function<void(const ExchangeAnswer&)>;

  Exchanges();
  // Cuts off what is under way; each `done` is still called.
  ~Exchanges();
  Exchanges(const Exchanges&) = delete;
  Exchanges& operator=(const Exchanges&) = delete;

  // These begin it and return at once. `done` is called exactly once, on the thread of this object,
  // and must not block.
  void Send(TlsMessage message, Done done);
  void Ask(Question question, Done done);

 private:
  class Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace platen::notifier::edge
