#include "services/notifier/edge/transfers.h"

#include <map>
#include <mutex>
#include <thread>
#include <utility>
#include <vector>

#include <curl/curl.h>

#include "services/notifier/edge/transfer.h"

namespace platen::notifier::edge {
namespace {

// How long the thread sleeps where nothing happens; a new request wakes it.
constexpr int kIdleMillis = 1000;

void InitCurl() {
  static const CURLcode once = curl_global_init(CURL_GLOBAL_DEFAULT);
  static_cast<void>(once);
}

}  // namespace

class Transfers::Impl {
 public:
  Impl() {
    InitCurl();
    multi_ = curl_multi_init();
    thread_ = std::thread([this] { Run(); });
  }

  ~Impl() {
    {
      const std::lock_guard lock(mutex_);
      stopping_ = true;
    }
    curl_multi_wakeup(multi_);
    thread_.join();
    curl_multi_cleanup(multi_);
  }

  void Start(TransferRequest request, Done done) {
    auto transfer = std::make_unique<Transfer>(std::move(request), std::move(done));
    if (const absl::Status status = transfer->Prepare(); !status.ok()) {
      return transfer->Abandon(std::string(status.message()));
    }
    {
      const std::lock_guard lock(mutex_);
      starting_.push_back(std::move(transfer));
    }
    curl_multi_wakeup(multi_);
  }

 private:
  void Run() {
    while (TakeStarting()) {
      int running = 0;
      curl_multi_perform(multi_, &running);
      FinishDone();
      curl_multi_poll(multi_, nullptr, 0, kIdleMillis, nullptr);
    }
    for (auto& [handle, transfer] : running_) {
      curl_multi_remove_handle(multi_, handle);
      transfer->Abandon("the notifier is stopping");
    }
    running_.clear();
  }

  // False once it is time to stop.
  bool TakeStarting() {
    std::vector<std::unique_ptr<Transfer>> starting;
    bool stopping = false;
    {
      const std::lock_guard lock(mutex_);
      starting.swap(starting_);
      stopping = stopping_;
    }
    for (std::unique_ptr<Transfer>& transfer : starting) {
      CURL* const handle = transfer->handle();
      curl_multi_add_handle(multi_, handle);
      running_.emplace(handle, std::move(transfer));
    }
    return !stopping;
  }

  void FinishDone() {
    int left = 0;
    while (const CURLMsg* const message = curl_multi_info_read(multi_, &left)) {
      if (message->msg != CURLMSG_DONE) continue;
      CURL* const handle = message->easy_handle;
      const CURLcode code = message->data.result;
      curl_multi_remove_handle(multi_, handle);
      const auto found = running_.find(handle);
      found->second->Finish(code);
      running_.erase(found);
    }
  }

  CURLM* multi_ = nullptr;
  std::mutex mutex_;
  std::vector<std::unique_ptr<Transfer>> starting_;
  bool stopping_ = false;
  std::map<CURL*, std::unique_ptr<Transfer>> running_;
  std::thread thread_;
};

Transfers::Transfers() : impl_(std::make_unique<Impl>()) {}

Transfers::~Transfers() = default;

void Transfers::Start(TransferRequest request, Done done) {
  impl_->Start(std::move(request), std::move(done));
}

}  // namespace platen::notifier::edge
