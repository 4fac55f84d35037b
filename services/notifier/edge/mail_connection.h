// A handle of libcurl's, and the one connection that it keeps from one mail to the next.
#pragma once

#include <curl/curl.h>

namespace platen::notifier::edge {

// Thread-compatible.
class MailConnection {
 public:
  MailConnection() : handle_(curl_easy_init()) {}

  ~MailConnection();
  MailConnection(const MailConnection&) = delete;
  MailConnection& operator=(const MailConnection&) = delete;

  // Null where libcurl has none to give.
  CURL* handle() { return handle_; }

 private:
  CURL* const handle_;
};

}  // namespace platen::notifier::edge
