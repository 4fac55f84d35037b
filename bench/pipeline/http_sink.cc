#include "bench/pipeline/http_sink.h"

#include <array>
#include <cstdlib>

#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#include "absl/strings/ascii.h"
#include "bench/pipeline/figures.h"
#include "libs/base/status.h"

namespace platen::bench {
namespace {

constexpr std::string_view kOk = "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n";
constexpr std::string_view kLength = "content-length:";

sockaddr_in Loopback(int port) {
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  address.sin_port = htons(static_cast<std::uint16_t>(port));
  return address;
}

int Listen(int& port) {
  const int listener = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
  sockaddr_in address = Loopback(0);
  socklen_t size = sizeof address;
  if (bind(listener, reinterpret_cast<sockaddr*>(&address), size) != 0 ||
      listen(listener, 64) != 0 ||
      getsockname(listener, reinterpret_cast<sockaddr*>(&address), &size) != 0) {
    Broken("no port to listen on");
  }
  port = ntohs(address.sin_port);
  return listener;
}

void Watch(int poll, int descriptor) {
  epoll_event event{.events = EPOLLIN, .data = {.fd = descriptor}};
  if (epoll_ctl(poll, EPOLL_CTL_ADD, descriptor, &event) != 0) Broken("epoll");
}

}  // namespace

HttpSink::HttpSink(std::size_t receivers, std::size_t hanging, OnRequest on_request)
    : hanging_(hanging), on_request_(std::move(on_request)), poll_(epoll_create1(0)) {
  for (std::size_t i = 0; i < receivers; ++i) {
    listeners_.push_back(Listen(ports_.emplace_back(0)));
    Watch(poll_, listeners_.back());
  }
  thread_ = std::thread([this] { Serve(); });
}

HttpSink::~HttpSink() {
  stopping_ = true;
  thread_.join();
  for (const auto& [socket, connection] : connections_) close(socket);
  for (const int listener : listeners_) close(listener);
  close(poll_);
}

void HttpSink::Serve() {
  std::unordered_map<int, std::size_t> receiver_of;
  for (std::size_t i = 0; i < listeners_.size(); ++i) receiver_of[listeners_[i]] = i;
  std::array<epoll_event, 256> events{};
  while (!stopping_) {
    const int ready = epoll_wait(poll_, events.data(), static_cast<int>(events.size()), 50);
    for (int i = 0; i < ready; ++i) {
      const int descriptor = events[static_cast<std::size_t>(i)].data.fd;
      if (const auto listener = receiver_of.find(descriptor); listener != receiver_of.end()) {
        Accept(listener->second);
        continue;
      }
      const auto connection = connections_.find(descriptor);
      if (connection == connections_.end() || Read(descriptor, connection->second)) continue;
      connections_.erase(connection);
      close(descriptor);
    }
  }
}

void HttpSink::Accept(std::size_t receiver) {
  const int socket = accept4(listeners_[receiver], nullptr, nullptr, SOCK_NONBLOCK);
  if (socket < 0) return;
  const int on = 1;
  setsockopt(socket, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
  connections_[socket] = {.receiver = receiver, .received = {}};
  Watch(poll_, socket);
}

bool HttpSink::Read(int socket, Connection& connection) {
  std::array<char, 64 * 1024> buffer;
  const ssize_t got = read(socket, buffer.data(), buffer.size());
  if (got <= 0) return got < 0 && errno == EAGAIN;
  connection.received.append(buffer.data(), static_cast<std::size_t>(got));
  while (TakeRequest(socket, connection)) {
  }
  return true;
}

bool HttpSink::TakeRequest(int socket, Connection& connection) {
  const std::string_view all = connection.received;
  const std::size_t end = all.find("\r\n\r\n");
  if (end == std::string_view::npos) return false;
  const std::string head = absl::AsciiStrToLower(base::ToAbsl(all.substr(0, end)));
  const std::size_t at = head.find(kLength);
  const std::size_t length =
      at == std::string::npos
          ? 0
          : static_cast<std::size_t>(std::strtoul(head.c_str() + at + kLength.size(), nullptr, 10));
  if (all.size() < end + 4 + length) return false;
  const std::size_t path = all.find(' ') + 1;
  on_request_(connection.receiver,
              all.substr(path, all.find(' ', path) - path),
              all.substr(end + 4, length));
  if (connection.receiver >= hanging_ && write(socket, kOk.data(), kOk.size()) < 0) return false;
  connection.received.erase(0, end + 4 + length);
  return true;
}

std::string MakePost(std::string_view path, std::string_view body) {
  return base::StrCat("POST ",
                      path,
                      " HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: application/json\r\n"
                      "Content-Length: ",
                      body.size(),
                      "\r\n\r\n",
                      body);
}

int Connect(int port) {
  const int socket = TryConnect(port);
  if (socket < 0) Broken("the sink can't be reached");
  return socket;
}

int TryConnect(int port) {
  const int socket = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  const sockaddr_in address = Loopback(port);
  if (connect(socket, reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0) {
    close(socket);
    return -1;
  }
  const int on = 1;
  setsockopt(socket, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
  return socket;
}

BarePoster::BarePoster(int port) : socket_(Connect(port)) {}

BarePoster::~BarePoster() {
  close(socket_);
}

void BarePoster::Post(std::string_view path, std::string_view body) {
  const std::string request = MakePost(path, body);
  std::array<char, 1024> answer;
  if (write(socket_, request.data(), request.size()) != static_cast<ssize_t>(request.size()) ||
      read(socket_, answer.data(), answer.size()) <= 0) {
    Broken("a bare post failed");
  }
}

}  // namespace platen::bench
