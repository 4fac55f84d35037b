// One mail as libcurl sees it: an easy handle with what its callbacks write.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <string_view>

#include <curl/curl.h>

#include "absl/status/status.h"
#include "services/notifier/edge/transfers.h"

namespace platen::notifier::edge {

// Thread-compatible; libcurl calls back on the thread that drives it.
class Transfer {
 public:
  Transfer(TransferRequest request, Transfers::Done done);
  ~Transfer();
  Transfer(const Transfer&) = delete;
  Transfer& operator=(const Transfer&) = delete;

  // kInternal where libcurl refuses an option.
  absl::Status Prepare();

  CURL* handle() { return handle_; }

  // Calls `done` with what came of it.
  void Finish(CURLcode code);
  // Calls `done` for a request that never ran or was cut off.
  void Abandon(std::string_view why);

 private:
  absl::Status PrepareCommon();
  absl::Status PrepareSmtp();

  static std::size_t OnHeader(char* data, std::size_t size, std::size_t count, void* self);
  static std::size_t OnBody(char* data, std::size_t size, std::size_t count, void* self);
  static std::size_t OnRead(char* data, std::size_t size, std::size_t count, void* self);
  static curl_socket_t OnOpenSocket(void* self, curlsocktype purpose, curl_sockaddr* address);

  TransferRequest request_;
  Transfers::Done done_;
  CURL* handle_ = nullptr;
  curl_slist* recipients_ = nullptr;
  char error_[CURL_ERROR_SIZE] = {};
  std::size_t sent_ = 0;
  std::size_t received_ = 0;
  bool address_refused_ = false;
  TransferAnswer answer_;
};

}  // namespace platen::notifier::edge
