#include "tests/support/connect_proxy.h"

#include <array>
#include <memory>
#include <utility>

#include <boost/asio/connect.hpp>
#include <boost/asio/read_until.hpp>
#include <boost/asio/write.hpp>

#include "absl/strings/escaping.h"

namespace platen::testing {

namespace asio = boost::asio;
using asio::ip::tcp;
using boost::system::error_code;

// One client: its request, then bytes both ways until one side ends. Keeps itself alive.
class ConnectProxy::Tunnel : public std::enable_shared_from_this<Tunnel> {
 public:
  Tunnel(tcp::socket client, ConnectProxy& proxy)
      : proxy_(proxy), client_(std::move(client)), server_(proxy.context_) {}

  void Begin() {
    asio::async_read_until(client_,
                           asio::dynamic_buffer(request_),
                           "\r\n\r\n",
                           [self = shared_from_this()](error_code error, std::size_t) {
                             if (!error) self->Decide();
                           });
  }

 private:
  void Decide() {
    if (request_.find(proxy_.wanted_) == std::string::npos) {
      ++proxy_.refused_;
      return Answer("HTTP/1.1 407 Proxy Authentication Required\r\n\r\n", /*goes_on=*/false);
    }
    ++proxy_.opened_;
    // "CONNECT host:port HTTP/1.1"
    const std::string target = request_.substr(8, request_.find(' ', 8) - 8);
    const std::size_t colon = target.rfind(':');
    tcp::resolver resolver(proxy_.context_);
    error_code error;
    const auto found = resolver.resolve(target.substr(0, colon), target.substr(colon + 1), error);
    if (!error) asio::connect(server_, found, error);
    if (error) return Answer("HTTP/1.1 502 Bad Gateway\r\n\r\n", /*goes_on=*/false);
    Answer("HTTP/1.1 200 OK\r\n\r\n", /*goes_on=*/true);
  }

  void Answer(std::string answer, bool goes_on) {
    answer_ = std::move(answer);
    asio::async_write(client_,
                      asio::buffer(answer_),
                      [self = shared_from_this(), goes_on](error_code error, std::size_t) {
                        if (error || !goes_on) return;
                        self->Pump(self->client_, self->server_, self->up_);
                        self->Pump(self->server_, self->client_, self->down_);
                      });
  }

  void Pump(tcp::socket& from, tcp::socket& to, std::array<char, 16384>& bytes) {
    from.async_read_some(
        asio::buffer(bytes),
        [self = shared_from_this(), &from, &to, &bytes](error_code error, std::size_t size) {
          if (error) return self->End();
          asio::async_write(to,
                            asio::buffer(bytes.data(), size),
                            [self, &from, &to, &bytes](error_code failed, std::size_t) {
                              if (failed) return self->End();
                              self->Pump(from, to, bytes);
                            });
        });
  }

  void End() {
    error_code ignored;
    client_.close(ignored);
    server_.close(ignored);
  }

  ConnectProxy& proxy_;
  tcp::socket client_;
  tcp::socket server_;
  std::string request_;
  std::string answer_;
  std::array<char, 16384> up_{};
  std::array<char, 16384> down_{};
};

ConnectProxy::ConnectProxy(std::string credentials)
    : wanted_("Basic " + absl::Base64Escape(credentials) + "\r\n"),
      acceptor_(context_, tcp::endpoint(asio::ip::address_v4::loopback(), 0)) {
  Accept();
  thread_ = std::thread([this] { context_.run(); });
}

ConnectProxy::~ConnectProxy() {
  context_.stop();
  thread_.join();
}

std::string ConnectProxy::address() const {
  return "127.0.0.1:" + std::to_string(acceptor_.local_endpoint().port());
}

void ConnectProxy::Accept() {
  acceptor_.async_accept([this](error_code error, tcp::socket client) {
    if (error) return;
    std::make_shared<Tunnel>(std::move(client), *this)->Begin();
    Accept();
  });
}

}  // namespace platen::testing
