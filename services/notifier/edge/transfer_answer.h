// What came of a request, whoever made it.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "libs/base/time.h"

namespace platen::notifier::edge {

struct TransferAnswer {
  // The exchange came to its end. False: no connection, TLS refused, time over, cut off.
  bool completed = false;
  // HTTP status, or the SMTP server's last code; 0 where it said nothing. May be there though the
  // exchange was cut off later.
  int status = 0;
  std::optional<base::Duration> retry_after;
  // SMTP: the server's replies to commands, each cut to its code and enhanced code: "550 5.1.1".
  std::vector<std::string> replies;
  // All of the request was written, as far as is known here.
  bool sent = false;
  // The server has begun to answer, whatever that was.
  bool answered = false;
  // Why it did not complete, in words without payload, secret or path.
  std::string failure;
  // The server refused the login it got.
  bool login_refused = false;
  // TLS was not offered, or its handshake failed.
  bool tls_failed = false;
};

using TransferDone = std::function<void(const TransferAnswer&)>;

}  // namespace platen::notifier::edge
