// Outgoing mail by libcurl, which waits within its caller's thread for what a server says after
// DATA, and for the end of a connection. So each mail under way has a thread, and what waits for a
// server waits for that server only. Connections are kept for the next mail to the same server.
// (Posts by HTTP: http/http_posts.h.)
//
// Bounds: kThreadsMax mails under way, kServerShare to one server; once half of the threads are
// taken, a server gets no second one, so that many servers that hang leave room for others.
// kWaitingMax mails wait for a server, more are answered at once as failed. A connection is kept
// for kKeptFor.
#pragma once

#include <cstddef>
#include <memory>
#include <string>
#include <vector>

#include "libs/base/time.h"
#include "libs/service/metrics.h"
#include "services/notifier/edge/transfer_answer.h"

namespace platen::notifier::edge {

// Where mail goes, and on which terms. Mails to the same one may share connections.
struct MailServer {
  // "smtp://host:port/name", "smtps://host:port/name"; `name` is what EHLO says.
  std::string url;
  // Whether the exchange may go on without TLS. TLS is 1.2 or later wherever it is spoken.
  bool allow_plaintext = false;
  // Loopback, private and link-local addresses are refused on the connected address.
  bool allow_private_addresses = false;
  // CAs that vouch for the server, PEM; the system's where empty.
  std::string ca_file;
  std::string username;
  std::string password;

  friend bool operator==(const MailServer&, const MailServer&) = default;
};

struct TransferRequest {
  MailServer server;
  // From the begin of the exchange, not of the wait for a thread.
  base::Duration timeout = std::chrono::seconds(10);
  std::string mail_from;
  std::vector<std::string> mail_to;
  // The message.
  std::string body;
};

// Thread-safe. REQUIRES: the process ignores SIGPIPE (service::Lifecycle sees to it): TLS writes to
// servers that may have closed.
class Transfers {
 public:
  using Done = TransferDone;

  static constexpr std::size_t kThreadsMax = 64;
  static constexpr std::size_t kServerShare = 8;
  static constexpr std::size_t kWaitingMax = 5'000;
  static constexpr base::Duration kKeptFor = std::chrono::seconds(60);

  // What is shown of it; null: nothing. Must outlive it.
  struct Figures {
    service::Gauge* waiting = nullptr;
    service::Gauge* under_way = nullptr;
  };

  Transfers();
  explicit Transfers(Figures figures);
  // Cuts off what is under way, within two seconds; each `done` is still called.
  ~Transfers();
  Transfers(const Transfers&) = delete;
  Transfers& operator=(const Transfers&) = delete;

  // Begins the request and returns at once. `done` is called exactly once, on a thread of this
  // object or the caller's, and must not block. Proxies are not used, answers read up to a few
  // kilobytes.
  void Start(TransferRequest request, Done done);

 private:
  class Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace platen::notifier::edge
