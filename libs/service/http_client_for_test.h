// A bare client of the HTTP servers here, for tests.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

namespace platen::service {

// A bare client: what it sends is what the test says, right or wrong.
class HttpClientForTest {
 public:
  explicit HttpClientForTest(std::uint16_t port)
      : fd_(socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_port = htons(port);
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    connected_ = connect(fd_, reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0;
  }

  ~HttpClientForTest() { close(fd_); }

  HttpClientForTest(const HttpClientForTest&) = delete;
  HttpClientForTest& operator=(const HttpClientForTest&) = delete;

  void Send(std::string_view text) const {
    [[maybe_unused]] const auto sent = send(fd_, text.data(), text.size(), MSG_NOSIGNAL);
  }

  // Until the server closes.
  std::string ReadAll() const {
    std::string all;
    char buffer[4096];
    for (ssize_t n = 0; (n = recv(fd_, buffer, sizeof buffer, 0)) > 0;)
      all.append(buffer, static_cast<std::size_t>(n));
    return all;
  }

  bool connected() const { return connected_; }

 private:
  const int fd_;
  bool connected_ = false;
};

}  // namespace platen::service
