#include "tests/contract/mail_server.h"

#include <string>
#include <string_view>

#include <arpa/inet.h>
#include <gtest/gtest.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

namespace platen::notifier::edge {
namespace {

// Reads one line at a time.
class Lines {
 public:
  explicit Lines(int socket) : socket_(socket) {}

  // Without its end. False where there is none.
  bool Next(std::string& line) {
    std::size_t end = 0;
    while ((end = read_.find("\r\n")) == std::string::npos) {
      char bytes[4096];
      const ssize_t got = recv(socket_, bytes, sizeof bytes, 0);
      if (got <= 0) return false;
      read_.append(bytes, static_cast<std::size_t>(got));
    }
    line = read_.substr(0, end);
    read_.erase(0, end + 2);
    return true;
  }

 private:
  const int socket_;
  std::string read_;
};

void Say(int socket, std::string_view text) {
  send(socket, text.data(), text.size(), MSG_NOSIGNAL);
}

}  // namespace

HoldingMailServer::HoldingMailServer(bool holds) : holds_(holds) {
  listener_ = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  sockaddr_in address{.sin_family = AF_INET};
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  socklen_t size = sizeof address;
  EXPECT_EQ(bind(listener_, reinterpret_cast<sockaddr*>(&address), size), 0);
  EXPECT_EQ(listen(listener_, 64), 0);
  EXPECT_EQ(getsockname(listener_, reinterpret_cast<sockaddr*>(&address), &size), 0);
  port_ = ntohs(address.sin_port);
  thread_ = std::thread([this] { Accept(); });
}

HoldingMailServer::~HoldingMailServer() {
  shutdown(listener_, SHUT_RDWR);
  thread_.join();
  close(listener_);
  {
    const std::lock_guard lock(mutex_);
    is_ending_ = true;
    for (const int socket : sockets_) shutdown(socket, SHUT_RDWR);
  }
  changed_.notify_all();
  for (std::thread& thread : threads_) thread.join();
  for (const int socket : sockets_) close(socket);
}

void HoldingMailServer::AwaitHeld(std::size_t count) {
  std::unique_lock lock(mutex_);
  changed_.wait(lock, [&] { return held_ >= count; });
}

void HoldingMailServer::Release() {
  {
    const std::lock_guard lock(mutex_);
    holds_ = false;
  }
  changed_.notify_all();
}

std::size_t HoldingMailServer::held() const {
  const std::lock_guard lock(mutex_);
  return held_;
}

std::size_t HoldingMailServer::connections() const {
  const std::lock_guard lock(mutex_);
  return sockets_.size();
}

std::size_t HoldingMailServer::mails() const {
  const std::lock_guard lock(mutex_);
  return mails_;
}

void HoldingMailServer::Accept() {
  while (true) {
    const int socket = accept4(listener_, nullptr, nullptr, SOCK_CLOEXEC);
    if (socket < 0) return;
    const std::lock_guard lock(mutex_);
    sockets_.push_back(socket);
    threads_.emplace_back([this, socket] { Serve(socket); });
  }
}

void HoldingMailServer::Serve(int socket) {
  Lines lines(socket);
  std::string line;
  Say(socket, "220 mail.example.com\r\n");
  while (lines.Next(line)) {
    if (line == "QUIT") continue;
    if (line != "DATA") {
      Say(socket, "250 2.0.0 ok\r\n");
      continue;
    }
    Say(socket, "354 go on\r\n");
    while (line != ".") {
      if (!lines.Next(line)) return;
    }
    if (!Hold()) return;
    Say(socket, "250 2.0.0 taken\r\n");
  }
}

bool HoldingMailServer::Hold() {
  std::unique_lock lock(mutex_);
  ++held_;
  changed_.notify_all();
  changed_.wait(lock, [&] { return !holds_ || is_ending_; });
  --held_;
  if (!holds_) ++mails_;
  return !holds_;
}

}  // namespace platen::notifier::edge
