#include "libs/service/admin_server.h"

#include <algorithm>
#include <atomic>
#include <list>
#include <map>
#include <mutex>
#include <optional>
#include <thread>
#include <utility>

#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/beast/core.hpp>
#include <boost/beast/http.hpp>

#include "libs/base/status.h"

namespace platen::service {
namespace {

namespace asio = boost::asio;
namespace beast = boost::beast;
namespace http = beast::http;
using Tcp = asio::ip::tcp;
using Response = http::response<http::string_body>;

absl::StatusOr<Tcp::endpoint> ParseLoopback(const std::string& address) {
  const std::size_t colon = address.rfind(':');
  std::string host = colon == std::string::npos ? address : address.substr(0, colon);
  if (host.size() > 2 && host.front() == '[' && host.back() == ']')
    host = host.substr(1, host.size() - 2);
  if (host == "localhost") host = "127.0.0.1";
  boost::system::error_code error;
  const asio::ip::address ip = asio::ip::make_address(host, error);
  const std::string port_text = colon == std::string::npos ? "" : address.substr(colon + 1);
  int port = -1;
  if (!port_text.empty() && port_text.size() <= 5 &&
      port_text.find_first_not_of("0123456789") == std::string::npos) {
    port = std::stoi(port_text);
  }
  if (error || port < 0 || port > 65535) {
    return base::InvalidArgument(
        "admin address '", address, "' is not host:port, such as 127.0.0.1:9101");
  }
  if (!ip.is_loopback()) {
    return base::InvalidArgument(
        "admin address '",
        address,
        "' is not a loopback address; the admin port has no TLS and stays on 127.0.0.1 or [::1]");
  }
  return Tcp::endpoint(ip, static_cast<std::uint16_t>(port));
}

// A web page elsewhere can make a browser on this machine send requests here, under its own host
// name: only requests that name this machine are answered.
bool NamesLoopback(std::string host) {
  if (const std::size_t end = host.rfind(':');
      end != std::string::npos && host.find(']', end) == std::string::npos) {
    host.resize(end);
  }
  if (host.empty() || host == "localhost") return true;
  if (host.size() > 2 && host.front() == '[') host = host.substr(1, host.size() - 2);
  boost::system::error_code error;
  const asio::ip::address ip = asio::ip::make_address(host, error);
  return !error && ip.is_loopback();
}

HttpResponse Refusal(int status, std::string why) {
  return {.status = status, .body = std::move(why) + "\n"};
}

// A connection that has not said all of a request.
class Asking {
 public:
  virtual ~Asking() = default;
  // Closes it.
  virtual void Drop() = 0;
};

}  // namespace

// Everything below runs on the one thread of `io_`, but for what `mutex_` guards.
class AdminServer::Impl {
 public:
  Impl(AdminOptions options, Metrics& metrics);

  ~Impl() { Stop(); }

  Impl(const Impl&) = delete;
  Impl& operator=(const Impl&) = delete;

  void AddPage(std::string path, HttpHandler handler);
  absl::Status Start();
  void Stop();

  HttpResponse Answer(const http::request<http::empty_body>& request);
  void SessionEnded();

  // From now on `session` may have to make room for another, until the result is erased.
  std::list<Asking*>::iterator AddAsking(Asking* session);

  void EndAsking(std::list<Asking*>::iterator place) { asking_.erase(place); }

  const AdminOptions& options() const { return options_; }

  std::uint16_t port() const { return port_; }

  HealthChecks liveness;
  HealthChecks readiness;

 private:
  void Accept();
  void AcceptIfRoom();
  HttpHandler FindPage(const std::string& path);

  const AdminOptions options_;
  Metrics& metrics_;
  // Both exist between Start() and Stop(). Sessions live in the handlers that io_ holds, and end
  // with it.
  std::optional<asio::io_context> io_;
  std::optional<Tcp::acceptor> acceptor_;
  bool stopping_ = false;
  int sessions_ = 0;
  std::list<Asking*> asking_;  // The one that has been for longest is the first.
  Counter& dropped_;
  bool accepting_ = false;
  std::atomic<std::uint16_t> port_{0};
  std::thread thread_;
  std::mutex mutex_;
  std::map<std::string, HttpHandler> pages_;
};

namespace {

// One connection: read a request, write its answer, until the peer closes or is too slow.
template <class Server>
class Session : public Asking, public std::enable_shared_from_this<Session<Server>> {
 public:
  Session(Tcp::socket socket, Server& server) : stream_(std::move(socket)), server_(server) {}

  ~Session() override { End(); }

  Session(const Session&) = delete;
  Session& operator=(const Session&) = delete;

  void Drop() override {
    stream_.close();
    End();  // It counts no longer, though what was under way comes back a little later.
  }

  void Read() {
    asking_ = server_.AddAsking(this);
    parser_.emplace();
    parser_->header_limit(static_cast<std::uint32_t>(server_.options().header_bytes_max));
    parser_->body_limit(0);
    stream_.expires_after(server_.options().request_timeout);
    http::async_read(stream_,
                     buffer_,
                     *parser_,
                     [self = this->shared_from_this()](beast::error_code error, std::size_t) {
                       self->OnRead(error);
                     });
  }

 private:
  void End() {
    EndAsking();
    if (!std::exchange(ended_, true)) server_.SessionEnded();
  }

  void EndAsking() {
    if (asking_.has_value()) server_.EndAsking(*asking_);
    asking_.reset();
  }

  void OnRead(beast::error_code error) {
    EndAsking();
    if (!error) return Serve();
    if (error == http::error::header_limit)
      return Write(Refusal(431, "header too large"), 11, false);
    if (error == http::error::body_limit || error == http::error::unexpected_body) {
      return Write(Refusal(413, "a request here has no body"), 11, false);
    }
    if (error == http::error::end_of_stream || error == http::error::partial_message) return;
    if (error.category() == http::make_error_code(http::error::bad_method).category()) {
      return Write(Refusal(400, "not an HTTP request"), 11, false);
    }
    // Closed or too slow: nothing to say.
  }

  void Serve() {
    const auto& request = parser_->get();
    head_ = request.method() == http::verb::head;
    Write(server_.Answer(request), request.version(), request.keep_alive());
  }

  void Write(HttpResponse answer, unsigned version, bool keep_alive) {
    response_ = Response();
    response_.version(version);
    response_.result(static_cast<unsigned>(answer.status));
    response_.set(http::field::content_type, answer.content_type);
    response_.set(http::field::cache_control, "no-store");
    response_.set("X-Content-Type-Options", "nosniff");
    for (const auto& [name, value] : answer.headers) response_.set(name, value);
    response_.keep_alive(keep_alive);
    response_.body() = std::move(answer.body);
    response_.prepare_payload();
    if (head_) response_.body().clear();  // The length of what GET would send stays.
    stream_.expires_after(server_.options().answer_timeout);
    serializer_.emplace(response_);
    auto done = [self = this->shared_from_this()](beast::error_code error, std::size_t) {
      self->OnWritten(error);
    };
    if (head_) {
      http::async_write_header(stream_, *serializer_, std::move(done));
    } else {
      http::async_write(stream_, *serializer_, std::move(done));
    }
  }

  void OnWritten(beast::error_code error) {
    if (!error && response_.keep_alive()) return Read();
    beast::error_code ignored;
    stream_.socket().shutdown(Tcp::socket::shutdown_send, ignored);
  }

  beast::tcp_stream stream_;
  Server& server_;
  std::optional<std::list<Asking*>::iterator> asking_;
  bool ended_ = false;
  beast::flat_buffer buffer_;
  std::optional<http::request_parser<http::empty_body>> parser_;
  bool head_ = false;
  Response response_;
  std::optional<http::response_serializer<http::string_body>> serializer_;
};

}  // namespace

AdminServer::Impl::Impl(AdminOptions options, Metrics& metrics)
    : options_(std::move(options)),
      metrics_(metrics),
      dropped_(metrics.AddCounter("platen_admin_connections_dropped_total",
                                  "Connections without a request that made room for new ones.")) {}

void AdminServer::Impl::AddPage(std::string path, HttpHandler handler) {
  const std::lock_guard lock(mutex_);
  pages_.insert_or_assign(std::move(path), std::move(handler));
}

absl::Status AdminServer::Impl::Start() {
  PLATEN_ASSIGN_OR_RETURN(const Tcp::endpoint endpoint, ParseLoopback(options_.address));
  stopping_ = false;
  io_.emplace(1);
  acceptor_.emplace(*io_);
  try {
    acceptor_->open(endpoint.protocol());
    acceptor_->set_option(Tcp::acceptor::reuse_address(true));
    acceptor_->bind(endpoint);
    acceptor_->listen();
    port_ = acceptor_->local_endpoint().port();
  } catch (const boost::system::system_error& error) {
    return base::Unavailable("admin port ",
                             options_.address,
                             ": ",
                             error.code().message(),
                             "; is another process there? choose another address");
  }
  Accept();
  thread_ = std::thread([this] { io_->run(); });
  return absl::OkStatus();
}

void AdminServer::Impl::Stop() {
  if (!thread_.joinable()) return;
  io_->stop();
  thread_.join();
  stopping_ = true;
  acceptor_.reset();
  io_.reset();
}

void AdminServer::Impl::Accept() {
  accepting_ = true;
  acceptor_->async_accept([this](beast::error_code error, Tcp::socket socket) {
    accepting_ = false;
    if (!error) {
      if (sessions_ >= options_.connections_max && !asking_.empty()) {
        dropped_.Increment();
        asking_.front()->Drop();
      }
      ++sessions_;
      std::make_shared<Session<Impl>>(std::move(socket), *this)->Read();
    }
    AcceptIfRoom();
  });
}

void AdminServer::Impl::AcceptIfRoom() {
  const bool room = sessions_ < options_.connections_max || !asking_.empty();
  if (!stopping_ && !accepting_ && room) Accept();
}

void AdminServer::Impl::SessionEnded() {
  --sessions_;
  AcceptIfRoom();
}

std::list<Asking*>::iterator AdminServer::Impl::AddAsking(Asking* session) {
  const auto place = asking_.insert(asking_.end(), session);
  AcceptIfRoom();
  return place;
}

HttpHandler AdminServer::Impl::FindPage(const std::string& path) {
  const std::lock_guard lock(mutex_);
  if (const auto exact = pages_.find(path); exact != pages_.end()) return exact->second;
  for (auto page = pages_.rbegin(); page != pages_.rend(); ++page) {  // Longer prefixes come first.
    if (page->first.size() > 1 && page->first.ends_with('/') && path.starts_with(page->first))
      return page->second;
  }
  return nullptr;
}

HttpResponse AdminServer::Impl::Answer(const http::request<http::empty_body>& request) {
  if (request.method() != http::verb::get && request.method() != http::verb::head) {
    return Refusal(405, "only GET and HEAD");
  }
  if (!NamesLoopback(std::string(request[http::field::host]))) {
    return Refusal(421, "this server answers to localhost only");
  }
  const std::string target(request.target());
  const std::size_t mark = std::min(target.find('?'), target.size());
  const HttpRequest asked{.path = target.substr(0, mark),
                          .query = target.substr(std::min(mark + 1, target.size()))};
  if (asked.path == "/metrics") {
    return {.content_type = "text/plain; version=0.0.4; charset=utf-8", .body = metrics_.Text()};
  }
  if (asked.path == "/livez" || asked.path == "/readyz") {
    const bool live = asked.path == "/livez";
    HealthChecks::Outcome outcome = live ? liveness.Ask("alive") : readiness.Ask("ready");
    return {.status = outcome.ok ? 200 : 503,
            .content_type = "application/json",
            .body = std::move(outcome.json)};
  }
  const HttpHandler page = FindPage(asked.path);
  if (page == nullptr) return Refusal(404, "no such page");
  return page(asked);
}

absl::Status CheckAdminAddress(const std::string& address) {
  return ParseLoopback(address).status();
}

AdminServer::AdminServer(AdminOptions options, Metrics& metrics)
    : impl_(std::make_unique<Impl>(std::move(options), metrics)) {}

AdminServer::~AdminServer() {
  impl_->Stop();
}

void AdminServer::AddLivenessCheck(std::string name, HealthCheck check) {
  impl_->liveness.Add(std::move(name), std::move(check));
}

void AdminServer::AddReadinessCheck(std::string name, HealthCheck check) {
  impl_->readiness.Add(std::move(name), std::move(check));
}

void AdminServer::AddPage(std::string path, HttpHandler handler) {
  impl_->AddPage(std::move(path), std::move(handler));
}

absl::Status AdminServer::Start() {
  return impl_->Start();
}

void AdminServer::Stop() {
  impl_->Stop();
}

std::uint16_t AdminServer::port() const {
  return impl_->port();
}

}  // namespace platen::service
