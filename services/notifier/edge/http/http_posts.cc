#include "services/notifier/edge/http/http_posts.h"

#include <algorithm>
#include <deque>
#include <mutex>
#include <optional>
#include <thread>
#include <tuple>
#include <utility>
#include <vector>

#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/post.hpp>
#include <sys/resource.h>

#include "absl/container/btree_set.h"
#include "absl/container/flat_hash_map.h"
#include "absl/strings/string_view.h"
#include "libs/base/real_clock.h"
#include "libs/base/status.h"
#include "services/notifier/edge/address_policy.h"

namespace platen::notifier::edge {
namespace {

namespace asio = boost::asio;
using asio::ip::tcp;

// How long a post waits for a connection that is in use before it gets one more.
constexpr base::Duration kPatience = std::chrono::milliseconds(50);

std::size_t KeptMax() {
  rlimit limit{};
  if (getrlimit(RLIMIT_NOFILE, &limit) != 0) return 0;
  return std::min<std::size_t>(HttpPosts::kKeptMax, limit.rlim_cur / 2);
}

std::string Compose(const HttpAddress& address,
                    const std::vector<std::string>& headers,
                    std::string_view body) {
  std::string bytes;
  bytes.reserve(body.size() + 1024);
  bytes.append("POST ").append(address.target).append(" HTTP/1.1\r\nHost: ");
  bytes.append(address.authority).append("\r\n");
  for (const std::string& header : headers) bytes.append(header).append("\r\n");
  bytes.append("Content-Length: ").append(std::to_string(body.size())).append("\r\n\r\n");
  return bytes.append(body);
}

// Connections that can carry each other's requests have the same. Refers to the target.
using Key = std::tuple<bool,
                       bool,
                       std::uint16_t,
                       absl::string_view,
                       absl::string_view,
                       absl::string_view,
                       absl::string_view>;

Key KeyOf(const HttpTarget& target) {
  return {target.address.tls,
          target.allow_private_addresses,
          target.address.port,
          target.address.host,
          target.files.ca_file,
          target.files.cert_file,
          target.files.key_file};
}

}  // namespace

class HttpPosts::Impl final : public HttpConnection::Owner {
 public:
  explicit Impl(NameLookups::LookUp look_up)
      : lookups_(context_, std::move(look_up)),
        kept_max_(KeptMax()),
        timer_(context_),
        work_(asio::make_work_guard(context_)),
        thread_([this] { context_.run(); }) {}

  ~Impl() override {
    asio::post(context_, [this] { Abandon(); });
    thread_.join();
  }

  void Start(std::shared_ptr<const HttpTarget> target, std::string bytes, TransferDone done) {
    {
      const std::lock_guard lock(mutex_);
      starting_.push_back(std::make_unique<Post>(
          Post{.target = std::move(target),
               .bytes = std::make_shared<const std::string>(std::move(bytes)),
               .done = std::move(done)}));
      if (starting_.size() > 1) return;
    }
    asio::post(context_, [this] { TakeStarting(); });
  }

 private:
  using Connection = std::shared_ptr<HttpConnection>;

  struct Destination;

  struct Post {
    std::shared_ptr<const HttpTarget> target;
    HttpConnection::Bytes bytes;
    TransferDone done;
    base::MonotonicTime deadline;
    Destination* destination = nullptr;
    // Waits for a connection of its destination's.
    bool is_waiting = false;
    // Null until one is opened.
    Connection connection;
  };

  // A connection that waits for the next post.
  struct Kept {
    Connection connection;
    base::MonotonicTime until;
  };

  // Where connections can carry each other's requests. Stands while it has posts or connections.
  struct Destination {
    // One of those that share it; its key refers to this.
    std::shared_ptr<const HttpTarget> target;
    // Posts that have a connection or are about to.
    std::size_t busy = 0;
    // Their connections.
    std::vector<const HttpConnection*> in_use;
    // Who waits gets no connection before.
    base::MonotonicTime patient_until;
    std::deque<std::uint64_t> waiting;
    // The one that was used last behind the others.
    std::vector<Kept> kept;
  };

  void TakeStarting() {
    std::vector<std::unique_ptr<Post>> starting;
    {
      const std::lock_guard lock(mutex_);
      starting.swap(starting_);
    }
    for (std::unique_ptr<Post>& post : starting) outside_.push_back(std::move(post));
    TakeOutside();
  }

  void TakeOutside() {
    while (!outside_.empty() && posts_.size() < kUnderWayMax) {
      std::unique_ptr<Post> next = std::move(outside_.front());
      outside_.pop_front();
      Begin(std::move(next));
    }
    Arm();
  }

  void Begin(std::unique_ptr<Post> post) {
    const std::uint64_t id = ++last_id_;
    const base::MonotonicTime now = clock_.Now();
    Post& begun = *post;
    Destination& destination = DestinationOf(begun.target);
    begun.deadline = now + begun.target->timeout;
    begun.destination = &destination;
    deadlines_.emplace(begun.deadline, id);
    posts_.emplace(id, std::move(post));
    if (Connection kept = TakeKept(destination, *begun.target)) {
      Use(id, std::move(kept));
    } else if (destination.busy == 0) {
      Open(id);
    } else {
      begun.is_waiting = true;
      destination.waiting.push_back(id);
      hurries_.emplace_back(now + kPatience, id);
    }
  }

  Destination& DestinationOf(const std::shared_ptr<const HttpTarget>& target) {
    std::unique_ptr<Destination>& destination = destinations_[KeyOf(*target)];
    if (destination == nullptr) {
      destination = std::make_unique<Destination>();
      destination->target = target;
    }
    return *destination;
  }

  void Open(std::uint64_t id) {
    Post& post = *posts_.at(id);
    ++post.destination->busy;
    post.is_waiting = false;
    boost::system::error_code is_name;
    const auto address = asio::ip::make_address(post.target->address.host, is_name);
    if (!is_name) return Connect(id, {address});
    lookups_.Find(
        clock_.Now(), post.target->address.host, [this, id](const NameLookups::Addresses& found) {
          if (posts_.contains(id)) Connect(id, found);
        });
  }

  void Connect(std::uint64_t id, const NameLookups::Addresses& addresses) {
    Post& post = *posts_.at(id);
    if (addresses.empty()) return Fail(id, "its name can't be looked up");
    HttpConnection::Endpoints endpoints;
    for (const auto& address : addresses) {
      const tcp::endpoint endpoint(address, post.target->address.port);
      if (post.target->allow_private_addresses || IsPublicAddress(*endpoint.data())) {
        endpoints.push_back(endpoint);
      }
    }
    if (endpoints.empty()) return Fail(id, "the address is not a public one");
    TlsContexts::Context tls;
    if (post.target->address.tls) {
      std::string fault;
      tls = contexts_.Get(clock_.Now(), post.target->files, fault);
      if (tls == nullptr) return Fail(id, std::move(fault), true);
    }
    post.connection =
        std::make_shared<HttpConnection>(context_, *this, post.target, std::move(tls));
    post.destination->in_use.push_back(post.connection.get());
    post.connection->Open(std::move(endpoints), id, post.bytes);
  }

  void OnEnd(HttpConnection& connection,
             std::uint64_t id,
             const HttpConnection::End& end) override {
    Post& post = *posts_.at(id);
    if (end.went_before) {
      Leave(post);
      return Open(id);
    }
    const Connection kept = end.stays ? connection.shared_from_this() : nullptr;
    Finish(id, end.answer, kept);
  }

  void OnGone(HttpConnection& connection) override {
    const auto found = destinations_.find(KeyOf(connection.target()));
    if (found == destinations_.end()) return;
    kept_count_ -= std::erase_if(found->second->kept, [&](const Kept& kept) {
      return kept.connection.get() == &connection;
    });
    DropIfUnused(*found->second);
  }

  // Not one that speaks by a certificate which was replaced.
  bool IsOfToday(const HttpConnection& connection, const HttpTarget& target) {
    if (connection.tls() == nullptr) return true;
    std::string fault;
    return contexts_.Get(clock_.Now(), target.files, fault) == connection.tls();
  }

  Connection TakeKept(Destination& destination, const HttpTarget& target) {
    while (!destination.kept.empty()) {
      const Connection connection = std::move(destination.kept.back().connection);
      destination.kept.pop_back();
      --kept_count_;
      if (IsOfToday(*connection, target)) return connection;
      connection->Close();
    }
    return nullptr;
  }

  // Where there are as many as may be, those that are there stay: each is as good as this one.
  void Keep(Connection connection, Destination& destination) {
    if (kept_count_ >= kept_max_) return connection->Close();
    const base::MonotonicTime until = clock_.Now() + HttpPosts::kKeptFor;
    destination.kept.push_back({.connection = std::move(connection), .until = until});
    ++kept_count_;
    next_sweep_ = std::min(next_sweep_.value_or(until), until);
  }

  void CloseThoseDue(base::MonotonicTime now) {
    if (!next_sweep_.has_value() || *next_sweep_ > now) return;
    next_sweep_.reset();
    std::vector<Destination*> all;
    for (const auto& [key, destination] : destinations_) {
      kept_count_ -= std::erase_if(destination->kept, [now](const Kept& kept) {
        if (kept.until > now) return false;
        kept.connection->Close();
        return true;
      });
      for (const Kept& kept : destination->kept) {
        next_sweep_ = std::min(next_sweep_.value_or(kept.until), kept.until);
      }
      all.push_back(destination.get());
    }
    for (const Destination* const destination : all) DropIfUnused(*destination);
  }

  void DropIfUnused(const Destination& destination) {
    if (destination.busy == 0 && destination.waiting.empty() && destination.kept.empty()) {
      destinations_.erase(destinations_.find(KeyOf(*destination.target)));
    }
  }

  // The connection is free: for who waits for it, or for later.
  void Pass(Connection connection, Destination& destination, const HttpTarget& target) {
    if (!IsOfToday(*connection, target)) return connection->Close();
    if (destination.waiting.empty()) return Keep(std::move(connection), destination);
    const std::uint64_t id = destination.waiting.front();
    destination.waiting.pop_front();
    Use(id, std::move(connection));
  }

  void Use(std::uint64_t id, Connection connection) {
    Post& post = *posts_.at(id);
    post.is_waiting = false;
    ++post.destination->busy;
    post.connection = std::move(connection);
    post.destination->in_use.push_back(post.connection.get());
    post.connection->Send(id, post.bytes);
  }

  // It is not spoken to its destination any more.
  static void Leave(Post& post) {
    --post.destination->busy;
    if (post.connection == nullptr) return;
    std::erase(post.destination->in_use, post.connection.get());
    post.connection = nullptr;
  }

  void Fail(std::uint64_t id, std::string why, bool tls_failed = false) {
    Finish(id, {.failure = std::move(why), .tls_failed = tls_failed}, nullptr);
  }

  // `kept`: its connection, where that stays.
  void Finish(std::uint64_t id, const TransferAnswer& answer, Connection kept) {
    const auto found = posts_.find(id);
    const std::unique_ptr<Post> ended = std::move(found->second);
    posts_.erase(found);
    Post& post = *ended;
    Destination& destination = *post.destination;
    deadlines_.erase({post.deadline, id});
    if (post.is_waiting) {
      std::erase(destination.waiting, id);
    } else {
      Leave(post);
    }
    if (kept != nullptr) Pass(std::move(kept), destination, *post.target);
    // Not from within whoever called this.
    if (destination.busy == 0 && destination.kept.empty()) {
      asio::post(context_, [this, target = destination.target] { Revive(*target); });
    }
    if (!outside_.empty()) asio::post(context_, [this] { TakeOutside(); });
    post.done(answer);
  }

  // Nobody has a connection there.
  void Revive(const HttpTarget& target) {
    const auto found = destinations_.find(KeyOf(target));
    if (found == destinations_.end()) return;
    Destination& destination = *found->second;
    if (destination.busy == 0 && !destination.waiting.empty()) {
      const std::uint64_t id = destination.waiting.front();
      destination.waiting.pop_front();
      return Open(id);
    }
    DropIfUnused(destination);
  }

  // Connections there are in use for too long: one more. Where an answer lies there unread, the
  // server is not what is waited for, and one more would only be more to do.
  void Hurry(base::MonotonicTime now, std::uint64_t id) {
    const auto found = posts_.find(id);
    if (found == posts_.end() || !found->second->is_waiting) return;
    Destination& destination = *found->second->destination;
    if (destination.patient_until <= now && HasUnread(destination)) {
      destination.patient_until = now + kPatience;
    }
    if (destination.patient_until > now) {
      hurries_.emplace_back(now + kPatience, id);
      return;
    }
    std::erase(destination.waiting, id);
    Open(id);
  }

  static bool HasUnread(const Destination& destination) {
    return std::ranges::any_of(destination.in_use, [](const HttpConnection* connection) {
      return connection->has_unread();
    });
  }

  // The timer goes off when the next deadline comes, or earlier.
  void Arm() {
    std::optional<base::MonotonicTime> next;
    if (!deadlines_.empty()) next = deadlines_.begin()->first;
    if (!hurries_.empty()) {
      next = std::min(next.value_or(hurries_.front().first), hurries_.front().first);
    }
    if (next_sweep_.has_value()) next = std::min(next.value_or(*next_sweep_), *next_sweep_);
    if (!next.has_value() || (armed_.has_value() && *armed_ <= *next)) return;
    armed_ = next;
    timer_.expires_after(std::max(*next - clock_.Now(), base::Duration::zero()));
    timer_.async_wait([this](const boost::system::error_code& error) {
      if (!error) OnTimer();
    });
  }

  void OnTimer() {
    armed_.reset();
    const base::MonotonicTime now = clock_.Now();
    while (!deadlines_.empty() && deadlines_.begin()->first <= now) {
      TimeOut(deadlines_.begin()->second);
    }
    while (!hurries_.empty() && hurries_.front().first <= now) {
      const std::uint64_t id = hurries_.front().second;
      hurries_.pop_front();
      Hurry(now, id);
    }
    CloseThoseDue(now);
    Arm();
  }

  void TimeOut(std::uint64_t id) {
    const Connection connection = posts_.at(id)->connection;
    TransferAnswer answer{.failure = "Timeout was reached"};
    if (connection != nullptr) {
      // The status is the server's word, though the rest did not come.
      answer.status = connection->status();
      answer = connection->WithReach(std::move(answer));
      connection->Close();
    }
    Finish(id, answer, nullptr);
  }

  void Abandon() {
    {
      const std::lock_guard lock(mutex_);
      for (auto& post : starting_) outside_.push_back(std::move(post));
      starting_.clear();
    }
    constexpr const char* kWhy = "the notifier is stopping";
    while (!posts_.empty()) {
      const auto first = posts_.begin();
      if (first->second->connection != nullptr) first->second->connection->Close();
      Fail(first->first, kWhy);
    }
    for (const auto& post : outside_) post->done({.failure = kWhy});
    outside_.clear();
    for (const auto& [key, destination] : destinations_) {
      for (const Kept& kept : destination->kept) kept.connection->Close();
    }
    destinations_.clear();
    // What hangs in a look-up is nobody's any more.
    context_.stop();
  }

  const base::RealClock clock_;
  std::mutex mutex_;
  std::vector<std::unique_ptr<Post>> starting_;
  asio::io_context context_{1};
  // All that follows is of the thread only.
  TlsContexts contexts_;
  NameLookups lookups_;
  const std::size_t kept_max_;
  std::size_t kept_count_ = 0;
  // When the first of them is closed, or earlier.
  std::optional<base::MonotonicTime> next_sweep_;
  absl::flat_hash_map<std::uint64_t, std::unique_ptr<Post>> posts_;
  std::uint64_t last_id_ = 0;
  std::deque<std::unique_ptr<Post>> outside_;
  absl::flat_hash_map<Key, std::unique_ptr<Destination>> destinations_;
  // When posts that wait for a connection get one of their own.
  std::deque<std::pair<base::MonotonicTime, std::uint64_t>> hurries_;
  absl::btree_set<std::pair<base::MonotonicTime, std::uint64_t>> deadlines_;
  asio::steady_timer timer_;
  std::optional<base::MonotonicTime> armed_;
  asio::executor_work_guard<asio::io_context::executor_type> work_;
  std::thread thread_;
};

HttpPosts::HttpPosts(NameLookups::LookUp look_up)
    : impl_(std::make_unique<Impl>(std::move(look_up))) {}

HttpPosts::~HttpPosts() = default;

void HttpPosts::Start(std::shared_ptr<const HttpTarget> target,
                      const std::vector<std::string>& headers,
                      std::string_view body,
                      TransferDone done) {
  std::string bytes = Compose(target->address, headers, body);
  impl_->Start(std::move(target), std::move(bytes), std::move(done));
}

}  // namespace platen::notifier::edge
