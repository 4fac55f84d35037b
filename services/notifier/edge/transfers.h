// Outgoing mail: libcurl's multi interface on a thread of its own. Requests run side by side, none
// waits for another; connections are reused. (Posts by HTTP: http/http_posts.h.)
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "libs/base/time.h"
#include "services/notifier/edge/transfer_answer.h"

namespace platen::notifier::edge {

struct TransferRequest {
  // "smtp://host:port", "smtps://host:port"; what a channel by HTTP is made with: "https://…".
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
  // SMTP only: the message, and the rest.
  std::string body;
  std::string mail_from;
  std::vector<std::string> mail_to;
  std::string username;
  std::string password;
};

// Thread-safe. REQUIRES: the process ignores SIGPIPE (service::Lifecycle sees to it): TLS writes to
// servers that may have closed.
class Transfers {
 public:
  using Done = TransferDone;

  Transfers();
  // Cuts off what is under way; each `done` is still called.
  ~Transfers();
  Transfers(const Transfers&) = delete;
  Transfers& operator=(const Transfers&) = delete;

  // Begins the request and returns at once. `done` is called exactly once, on the thread of this
  // object (on the caller's where the request can't even be set up), and must not block. Proxies
  // are not used, answers read up to a few kilobytes.
  void Start(TransferRequest request, Done done);

 private:
  class Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace platen::notifier::edge
