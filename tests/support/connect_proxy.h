// An HTTP proxy that opens tunnels (CONNECT) for those who know a name and a password, for tests.
#pragma once

#include <atomic>
#include <string>
#include <thread>

#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>

namespace platen::testing {

// Thread-safe. Listens on a free loopback port; its tunnels end with it.
class ConnectProxy {
 public:
  // `credentials`: "user:password".
  explicit ConnectProxy(std::string credentials);
  ~ConnectProxy();

  // "127.0.0.1:port".
  std::string address() const;

  // How often it was asked with the right credentials, and with others or none.
  int opened() const { return opened_; }

  int refused() const { return refused_; }

 private:
  class Tunnel;

  void Accept();

  const std::string wanted_;  // The end of the header line.
  std::atomic<int> opened_ = 0;
  std::atomic<int> refused_ = 0;
  boost::asio::io_context context_;
  boost::asio::ip::tcp::acceptor acceptor_;
  std::thread thread_;
};

}  // namespace platen::testing
