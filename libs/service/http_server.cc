#include "libs/service/http_server.h"

#include <atomic>
#include <list>
#include <mutex>
#include <optional>
#include <thread>
#include <utility>

#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/steady_timer.hpp>
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

absl::StatusOr<Tcp::endpoint> ParseLoopback(const std::string& name, const std::string& address) {
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
        name, " address '", address, "' is not host:port, such as 127.0.0.1:9101");
  }
  if (!ip.is_loopback()) {
    return base::InvalidArgument(name,
                                 " address '",
                                 address,
                                 "' is not a loopback address; the ",
                                 name,
                                 " port has no TLS and stays on 127.0.0.1 or [::1]");
  }
  return Tcp::endpoint(ip, static_cast<std::uint16_t>(port));
}

HttpResponse Refusal(int status, std::string why) {
  return {.status = status, .body = std::move(why) + "\n"};
}

HttpRequest ToRequest(const http::request<http::string_body>& request) {
  const std::string target(request.target());
  const std::size_t mark = std::min(target.find('?'), target.size());
  return {.path = target.substr(0, mark),
          .query = target.substr(std::min(mark + 1, target.size())),
          .method = std::string(request.method_string()),
          .host = std::string(request[http::field::host]),
          .content_type = std::string(request[http::field::content_type]),
          .body = request.body()};
}

// A connection that has not said all of a request.
class Asking {
 public:
  virtual ~Asking() = default;
  // Closes it.
  virtual void Drop() = 0;
};

// The way from other threads to the server's, for as long as there is one.
class Gate {
 public:
  explicit Gate(asio::io_context& io) : io_(&io) {}

  template <class Work>
  void Post(Work work) {
    const std::lock_guard lock(mutex_);
    if (io_ != nullptr) asio::post(*io_, std::move(work));
  }

  void Close() {
    const std::lock_guard lock(mutex_);
    io_ = nullptr;
  }

 private:
  std::mutex mutex_;
  asio::io_context* io_;
};

}  // namespace

// Everything below runs on the one thread of `io_`.
class HttpServer::Impl {
 public:
  Impl(HttpServerOptions options,
       AsyncHttpHandler handler,
       std::function<void(HttpRefusal)> on_refusal)
      : options_(std::move(options)),
        handler_(std::move(handler)),
        on_refusal_(std::move(on_refusal)) {}

  ~Impl() { Stop(); }

  Impl(const Impl&) = delete;
  Impl& operator=(const Impl&) = delete;

  absl::Status Start();
  void Stop();

  const AsyncHttpHandler& handler() const { return handler_; }

  void Note(HttpRefusal refusal) {
    if (on_refusal_) on_refusal_(refusal);
  }

  void SessionEnded();

  // From now on `session` may have to make room for another, until the result is erased.
  std::list<Asking*>::iterator AddAsking(Asking* session);

  void EndAsking(std::list<Asking*>::iterator place) { asking_.erase(place); }

  const HttpServerOptions& options() const { return options_; }

  const std::shared_ptr<Gate>& gate() const { return gate_; }

  std::uint16_t port() const { return port_; }

 private:
  void Accept();
  void AcceptIfRoom();

  const HttpServerOptions options_;
  const AsyncHttpHandler handler_;
  const std::function<void(HttpRefusal)> on_refusal_;
  // These exist between Start() and Stop(). Sessions live in the handlers that io_ holds, and end
  // with it.
  std::optional<asio::io_context> io_;
  std::optional<Tcp::acceptor> acceptor_;
  std::shared_ptr<Gate> gate_;
  bool stopping_ = false;
  int sessions_ = 0;
  std::list<Asking*> asking_;  // The one that has been for longest is the first.
  bool accepting_ = false;
  std::atomic<std::uint16_t> port_{0};
  std::thread thread_;
};

namespace {

// One connection: read a request, have it answered, write that, until the peer closes or is too
// slow.
template <class Server>
class Session : public Asking, public std::enable_shared_from_this<Session<Server>> {
 public:
  Session(Tcp::socket socket, Server& server)
      : stream_(std::move(socket)), timer_(stream_.get_executor()), server_(server) {}

  ~Session() override { End(); }

  Session(const Session&) = delete;
  Session& operator=(const Session&) = delete;

  void Drop() override {
    server_.Note(HttpRefusal::kDropped);
    stream_.close();
    End();  // It counts no longer, though what was under way comes back a little later.
  }

  void Read() {
    asking_ = server_.AddAsking(this);
    parser_.emplace();
    parser_->header_limit(static_cast<std::uint32_t>(server_.options().header_bytes_max));
    parser_->body_limit(server_.options().body_bytes_max);
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
    if (error == http::error::header_limit) {
      return Refuse(HttpRefusal::kHeaderTooLarge, 431, "header too large");
    }
    if (error == http::error::body_limit) {
      return Refuse(
          HttpRefusal::kBodyTooLarge,
          413,
          server_.options().body_bytes_max == 0 ? "a request here has no body" : "too large");
    }
    if (error == http::error::end_of_stream || error == http::error::partial_message) return;
    if (error.category() == http::make_error_code(http::error::bad_method).category()) {
      return Refuse(HttpRefusal::kMalformed, 400, "not an HTTP request");
    }
    // Closed or too slow: nothing to say. Whoever said nothing at all has not been refused.
    if (error == beast::error::timeout && (parser_->got_some() || buffer_.size() > 0)) {
      server_.Note(HttpRefusal::kTooSlow);
    }
  }

  void Refuse(HttpRefusal refusal, int status, std::string why) {
    server_.Note(refusal);
    keep_alive_ = false;
    Write(Refusal(status, std::move(why)));
  }

  void Serve() {
    const auto& request = parser_->get();
    head_ = request.method() == http::verb::head;
    version_ = request.version();
    keep_alive_ = request.keep_alive();
    const std::uint64_t asked = ++asked_;
    is_waiting_ = true;
    timer_.expires_after(server_.options().answer_timeout);
    timer_.async_wait([self = this->shared_from_this(), asked](beast::error_code error) {
      if (error || !self->is_waiting_ || asked != self->asked_) return;
      self->is_waiting_ = false;
      self->Refuse(HttpRefusal::kNoAnswer, 503, "no answer in time; try again");
    });
    server_.handler()(
        ToRequest(request),
        [gate = server_.gate(), weak = this->weak_from_this(), asked](HttpResponse answer) {
          gate->Post([weak, asked, answer = std::move(answer)]() mutable {
            const auto self = weak.lock();
            if (self == nullptr || !self->is_waiting_ || asked != self->asked_) return;
            self->is_waiting_ = false;
            self->timer_.cancel();
            self->Write(std::move(answer));
          });
        });
  }

  void Write(HttpResponse answer) {
    response_ = Response();
    response_.version(version_);
    response_.result(static_cast<unsigned>(answer.status));
    response_.set(http::field::content_type, answer.content_type);
    response_.set(http::field::cache_control, "no-store");
    response_.set("X-Content-Type-Options", "nosniff");
    for (const auto& [name, value] : answer.headers) response_.set(name, value);
    response_.keep_alive(keep_alive_);
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
  asio::steady_timer timer_;  // While an answer is waited for.
  Server& server_;
  std::optional<std::list<Asking*>::iterator> asking_;
  bool ended_ = false;
  beast::flat_buffer buffer_;
  std::optional<http::request_parser<http::string_body>> parser_;
  std::uint64_t asked_ = 0;  // Requests so far.
  bool is_waiting_ = false;
  bool head_ = false;
  bool keep_alive_ = false;
  unsigned version_ = 11;
  Response response_;
  std::optional<http::response_serializer<http::string_body>> serializer_;
};

}  // namespace

absl::Status HttpServer::Impl::Start() {
  PLATEN_ASSIGN_OR_RETURN(const Tcp::endpoint endpoint,
                          ParseLoopback(options_.name, options_.address));
  stopping_ = false;
  io_.emplace(1);
  gate_ = std::make_shared<Gate>(*io_);
  acceptor_.emplace(*io_);
  try {
    acceptor_->open(endpoint.protocol());
    acceptor_->set_option(Tcp::acceptor::reuse_address(true));
    acceptor_->bind(endpoint);
    acceptor_->listen();
    port_ = acceptor_->local_endpoint().port();
  } catch (const boost::system::system_error& error) {
    return base::Unavailable(options_.name,
                             " port ",
                             options_.address,
                             ": ",
                             error.code().message(),
                             "; is another process there? choose another address");
  }
  Accept();
  thread_ = std::thread([this] { io_->run(); });
  return absl::OkStatus();
}

void HttpServer::Impl::Stop() {
  if (!thread_.joinable()) return;
  io_->stop();
  thread_.join();
  stopping_ = true;
  gate_->Close();
  acceptor_.reset();
  io_.reset();
}

void HttpServer::Impl::Accept() {
  accepting_ = true;
  acceptor_->async_accept([this](beast::error_code error, Tcp::socket socket) {
    accepting_ = false;
    if (!error) {
      if (sessions_ >= options_.connections_max && !asking_.empty()) asking_.front()->Drop();
      ++sessions_;
      std::make_shared<Session<Impl>>(std::move(socket), *this)->Read();
    }
    AcceptIfRoom();
  });
}

void HttpServer::Impl::AcceptIfRoom() {
  const bool room = sessions_ < options_.connections_max || !asking_.empty();
  if (!stopping_ && !accepting_ && room) Accept();
}

void HttpServer::Impl::SessionEnded() {
  --sessions_;
  AcceptIfRoom();
}

std::list<Asking*>::iterator HttpServer::Impl::AddAsking(Asking* session) {
  const auto place = asking_.insert(asking_.end(), session);
  AcceptIfRoom();
  return place;
}

absl::Status CheckLoopbackAddress(const std::string& name, const std::string& address) {
  return ParseLoopback(name, address).status();
}

HttpServer::HttpServer(HttpServerOptions options,
                       AsyncHttpHandler handler,
                       std::function<void(HttpRefusal)> on_refusal)
    : impl_(std::make_unique<Impl>(std::move(options), std::move(handler), std::move(on_refusal))) {
}

HttpServer::~HttpServer() {
  impl_->Stop();
}

absl::Status HttpServer::Start() {
  return impl_->Start();
}

void HttpServer::Stop() {
  impl_->Stop();
}

std::uint16_t HttpServer::port() const {
  return impl_->port();
}

}  // namespace platen::service
