// One mail as libcurl sees it: what it is asked, and what its callbacks write.
#pragma once

#include <atomic>
#include <functional>
#include <memory>
#include <string>
#include <string_view>

#include <curl/curl.h>

#include "absl/status/status.h"
#include "services/notifier/edge/transfers.h"

namespace platen::notifier::edge {

// Thread-compatible; libcurl calls back on the thread that runs it.
class Transfer {
 public:
  // Once `stopping` is true, it is cut off within a second. `stopping` must outlive this.
  Transfer(TransferRequest request, Transfers::Done done, const std::atomic<bool>& stopping);
  ~Transfer();
  Transfer(const Transfer&) = delete;
  Transfer& operator=(const Transfer&) = delete;

  const MailServer& server() const { return request_.server; }

  // Carries it by `handle`. Whether the handle's connection can carry another one.
  bool Run(CURL* handle);

  // Calls `done` with what came of that.
  void Tell() const { done_(answer_); }

  // Calls `done` for a request that never ran.
  void Abandon(std::string_view why);

 private:
  // kInternal where libcurl refuses an option.
  absl::Status Prepare(CURL* handle);
  absl::Status PrepareServer(CURL* handle);
  absl::Status PrepareMail(CURL* handle);
  void Read(CURL* handle, CURLcode code);

  static std::size_t OnHeader(char* data, std::size_t size, std::size_t count, void* self);
  static std::size_t OnBody(char* data, std::size_t size, std::size_t count, void* self);
  static std::size_t OnRead(char* data, std::size_t size, std::size_t count, void* self);
  static int OnProgress(void* self, curl_off_t, curl_off_t, curl_off_t, curl_off_t);
  static curl_socket_t OnOpenSocket(void* self, curlsocktype purpose, curl_sockaddr* address);

  TransferRequest request_;
  Transfers::Done done_;
  const std::atomic<bool>& stopping_;
  curl_slist* recipients_ = nullptr;
  char error_[CURL_ERROR_SIZE] = {};
  std::size_t sent_ = 0;
  std::size_t received_ = 0;
  bool address_refused_ = false;
  TransferAnswer answer_;
};

}  // namespace platen::notifier::edge
