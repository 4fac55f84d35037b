#include "services/notifier/edge/transfers.h"

#include <algorithm>
#include <atomic>
#include <condition_variable>
#include <deque>
#include <list>
#include <map>
#include <mutex>
#include <string_view>
#include <thread>
#include <utility>

#include <curl/curl.h>

#include "libs/base/real_clock.h"
#include "services/notifier/edge/mail_connection.h"
#include "services/notifier/edge/transfer.h"

namespace platen::notifier::edge {
namespace {

constexpr std::string_view kStopping = "the notifier is stopping";

void InitCurl() {
  static const CURLcode once = curl_global_init(CURL_GLOBAL_DEFAULT);
  static_cast<void>(once);
}

// "host:port" of "smtp://host:port/name".
std::string HostOf(std::string_view url) {
  const std::size_t scheme = url.find("://");
  if (scheme != std::string_view::npos) url.remove_prefix(scheme + 3);
  return std::string(url.substr(0, url.find('/')));
}

}  // namespace

class Transfers::Impl {
 public:
  explicit Impl(Figures figures) : figures_(figures) { InitCurl(); }

  ~Impl() {
    std::vector<std::thread> threads;
    {
      const std::lock_guard lock(mutex_);
      stopping_ = true;
      threads.swap(threads_);
    }
    changed_.notify_all();
    for (std::thread& thread : threads) thread.join();
    for (const auto& [host, server] : servers_) {
      for (const std::unique_ptr<Transfer>& transfer : server.waiting) transfer->Abandon(kStopping);
    }
  }

  void Start(TransferRequest request, Done done) {
    auto transfer = std::make_unique<Transfer>(std::move(request), std::move(done), stopping_);
    {
      const std::lock_guard lock(mutex_);
      const std::string host = HostOf(transfer->server().url);
      Server& server = servers_.try_emplace(host, Server{.host = host}).first->second;
      if (server.waiting.size() < kWaitingMax) {
        if (server.waiting.empty()) turns_.push_back(&server);
        server.waiting.push_back(std::move(transfer));
        ++waiting_;
        ShowFigures();
        WakeOne();
      }
    }
    if (transfer != nullptr) transfer->Abandon("too many mails wait for the server");
  }

 private:
  struct Server {
    std::string host;
    std::deque<std::unique_ptr<Transfer>> waiting;
    std::size_t busy = 0;
  };

  // A connection that waits for the next mail.
  struct Kept {
    MailServer server;
    std::unique_ptr<MailConnection> connection;
    base::MonotonicTime until;
  };

  // REQUIRES: the mutex is held, for all that follow but Run().
  bool MayTake(const Server& server) const {
    return server.busy < (busy_ < kThreadsMax / 2 ? kServerShare : 1);
  }

  // The server whose turn it is, of those that may have a thread; out of the turns. Null: none.
  Server* TakeTurn() {
    const auto next = std::find_if(
        turns_.begin(), turns_.end(), [&](Server* server) { return MayTake(*server); });
    if (next == turns_.end()) return nullptr;
    Server* const server = *next;
    turns_.erase(next);
    return server;
  }

  // Somebody looks for what may begin: one that rests, or a new one.
  void WakeOne() {
    if (resting_ > 0) {
      changed_.notify_one();
    } else if (threads_.size() < kThreadsMax && !stopping_) {
      threads_.emplace_back([this] { Run(); });
    }
  }

  void Run() {
    std::unique_lock lock(mutex_);
    while (!stopping_) {
      if (Server* const server = TakeTurn()) {
        Carry(*server, lock);
      } else if (std::list<Kept> due = TakeDue(); !due.empty()) {
        lock.unlock();
        due.clear();
        lock.lock();
      } else {
        Rest(lock);
      }
    }
  }

  void Carry(Server& server, std::unique_lock<std::mutex>& lock) {
    const std::unique_ptr<Transfer> transfer = std::move(server.waiting.front());
    server.waiting.pop_front();
    --waiting_;
    ++server.busy;
    ++busy_;
    if (!server.waiting.empty()) turns_.push_back(&server);
    // What else may begin does not wait for this one.
    if (!turns_.empty()) WakeOne();
    ShowFigures();
    std::unique_ptr<MailConnection> connection = TakeKept(transfer->server());
    lock.unlock();
    if (connection == nullptr) connection = std::make_unique<MailConnection>();
    const bool stays = transfer->Run(connection->handle());
    // Of a connection over which something went wrong nobody knows what comes next.
    if (!stays) connection = nullptr;
    lock.lock();
    if (connection != nullptr) {
      kept_.push_back({.server = transfer->server(),
                       .connection = std::move(connection),
                       .until = clock_.Now() + kKeptFor});
    }
    --server.busy;
    --busy_;
    ShowFigures();
    if (server.busy == 0 && server.waiting.empty()) servers_.erase(server.host);
    lock.unlock();
    transfer->Tell();
    lock.lock();
  }

  // The one that was used last; null where there is none.
  std::unique_ptr<MailConnection> TakeKept(const MailServer& server) {
    const auto found = std::find_if(
        kept_.rbegin(), kept_.rend(), [&](const Kept& kept) { return kept.server == server; });
    if (found == kept_.rend()) return nullptr;
    std::unique_ptr<MailConnection> connection = std::move(found->connection);
    kept_.erase(std::next(found).base());
    return connection;
  }

  std::list<Kept> TakeDue() {
    const base::MonotonicTime now = clock_.Now();
    const auto end = std::find_if(
        kept_.begin(), kept_.end(), [&](const Kept& kept) { return kept.until > now; });
    std::list<Kept> due;
    due.splice(due.end(), kept_, kept_.begin(), end);
    return due;
  }

  void Rest(std::unique_lock<std::mutex>& lock) {
    ++resting_;
    if (kept_.empty()) {
      changed_.wait(lock);
    } else {
      changed_.wait_for(lock, kept_.front().until - clock_.Now());
    }
    --resting_;
  }

  void ShowFigures() {
    if (figures_.waiting != nullptr) figures_.waiting->Set(static_cast<double>(waiting_));
    if (figures_.under_way != nullptr) figures_.under_way->Set(static_cast<double>(busy_));
  }

  const Figures figures_;
  const base::RealClock clock_;
  // Read by what is under way, without the mutex.
  std::atomic<bool> stopping_ = false;
  std::mutex mutex_;
  std::condition_variable changed_;
  // By host and port; those that have mails.
  std::map<std::string, Server> servers_;
  // Those that have mails waiting.
  std::list<Server*> turns_;
  // The oldest first.
  std::list<Kept> kept_;
  std::size_t waiting_ = 0;
  std::size_t busy_ = 0;
  std::size_t resting_ = 0;
  std::vector<std::thread> threads_;
};

Transfers::Transfers() : Transfers(Figures{}) {}

Transfers::Transfers(Figures figures) : impl_(std::make_unique<Impl>(figures)) {}

Transfers::~Transfers() = default;

void Transfers::Start(TransferRequest request, Done done) {
  impl_->Start(std::move(request), std::move(done));
}

}  // namespace platen::notifier::edge
