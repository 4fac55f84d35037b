// Outgoing requests: libcurl's multi interface on a thread of its own, for every channel that
// speaks HTTP or SMTP. Requests run side by side, none waits for another; connections are reused.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "libs/base/time.h"

namespace platen::notifier::edge {

// What came of a request.
struct TransferAnswer {
  // The exchange came to its end. False: no connection, TLS refused, time over, cut off.
  bool completed = false;
  // HTTP status, or the SMTP server's last code; 0 where it said nothing. May be there though the
  // exchange was cut off later.
  int status = 0;
  std::optional<base::Duration> retry_after;
  // SMTP: the server's replies to commands, each cut to its code and enhanced code: "550 5.1.1".
  std::vector<std::string> replies;
  // Why it did not complete, in words without payload, secret or path.
  std::string failure;
  // The server refused the login it got.
  bool login_refused = false;
  // TLS was not offered, or its handshake failed.
  bool tls_failed = false;
};

struct TransferRequest {
  // "https://…", "smtps://host:port", …
  std::string url;
  // Whether the exchange may go on without TLS. TLS is 1.2 or later wherever it is spoken.
  bool allow_plaintext = false;
  // Loopback, private and link-local addresses are refused on the connected address.
  bool allow_private_addresses = false;
  // CAs that vouch for the server, PEM; the system's where empty.
  std::string ca_file;
  // Client certificate chain and key, PEM; both or neither.
  std::string cert_file;
  std::string key_file;
  base::Duration timeout = std::chrono::seconds(10);
  // HTTP: header lines, and what is posted. SMTP: no lines, the message.
  std::vector<std::string> headers;
  std::string body;
  // SMTP only.
  std::string mail_from;
  std::vector<std::string> mail_to;
  std::string username;
  std::string password;
};

// Thread-safe. REQUIRES: the process ignores SIGPIPE (service::Lifecycle sees to it): TLS writes to
// servers that may have closed.
class Transfers {
 public:
  using Done = std::function<void(const TransferAnswer&)>;

  Transfers();
  // Cuts off what is under way; each `done` is still called.
  ~Transfers();
  Transfers(const Transfers&) = delete;
  Transfers& operator=(const Transfers&) = delete;

  // Begins the request and returns at once. `done` is called exactly once, on the thread of this
  // object (on the caller's where the request can't even be set up), and must not block. Redirects
  // are not followed, proxies not used, answers read up to a few kilobytes.
  void Start(TransferRequest request, Done done);

 private:
  class Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace platen::notifier::edge
