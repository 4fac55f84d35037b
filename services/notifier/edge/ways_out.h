// What channels send by, shared by all of them.
#pragma once

#include "services/notifier/edge/exchanges.h"
#include "services/notifier/edge/http/http_posts.h"
#include "services/notifier/edge/transfers.h"

namespace platen::notifier::edge {

struct WaysOut {
  explicit WaysOut(Transfers::Figures mails = {}) : transfers(mails) {}

  HttpPosts posts;
  // SMTP.
  Transfers transfers;
  // Syslog and SNMP.
  Exchanges exchanges;
};

}  // namespace platen::notifier::edge
