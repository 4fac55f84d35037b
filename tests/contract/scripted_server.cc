#include "tests/contract/scripted_server.h"

#include <array>
#include <utility>

#include <arpa/inet.h>
#include <gtest/gtest.h>
#include <netinet/in.h>
#include <poll.h>
#include <signal.h>
#include <sys/socket.h>
#include <unistd.h>

namespace platen::notifier::edge {

struct ScriptedServer::Peer {
  ~Peer() {
    if (thread.joinable()) thread.join();
    SSL_free(tls);
    close(socket);
  }

  // 0 or less: it is over.
  ssize_t Read(char* bytes, std::size_t size) {
    return tls != nullptr ? SSL_read(tls, bytes, static_cast<int>(size))
                          : recv(socket, bytes, size, 0);
  }

  ssize_t Write(std::string_view text) {
    return tls != nullptr ? SSL_write(tls, text.data(), static_cast<int>(text.size()))
                          : send(socket, text.data(), text.size(), MSG_NOSIGNAL);
  }

  int socket = -1;
  int number = 0;
  SSL* tls = nullptr;
  std::thread thread;
};

ScriptedServer::ScriptedServer(Script script) : ScriptedServer(std::move(script), "", "") {}

ScriptedServer::ScriptedServer(Script script,
                               const std::string& cert_file,
                               const std::string& key_file)
    : script_(std::move(script)),
      tls_(cert_file.empty() ? nullptr : SSL_CTX_new(TLS_server_method()), SSL_CTX_free) {
  signal(SIGPIPE, SIG_IGN);  // As every service does.
  if (tls_ != nullptr) {
    EXPECT_EQ(SSL_CTX_use_certificate_chain_file(tls_.get(), cert_file.c_str()), 1);
    EXPECT_EQ(SSL_CTX_use_PrivateKey_file(tls_.get(), key_file.c_str(), SSL_FILETYPE_PEM), 1);
  }
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

ScriptedServer::~ScriptedServer() {
  shutdown(listener_, SHUT_RDWR);
  thread_.join();
  close(listener_);
  for (const auto& peer : peers_) shutdown(peer->socket, SHUT_RDWR);
  peers_.clear();
}

std::vector<std::string> ScriptedServer::texts() const {
  const std::lock_guard lock(mutex_);
  return texts_;
}

std::vector<std::string> ScriptedServer::names() const {
  const std::lock_guard lock(mutex_);
  return names_;
}

void ScriptedServer::Say(int connection, std::string_view text) {
  const std::lock_guard lock(mutex_);
  EXPECT_GT(peers_.at(static_cast<std::size_t>(connection))->Write(text), 0);
}

void ScriptedServer::Accept() {
  while (true) {
    const int socket = accept4(listener_, nullptr, nullptr, SOCK_CLOEXEC);
    if (socket < 0) return;
    const std::lock_guard lock(mutex_);
    Peer& peer = *peers_.emplace_back(std::make_unique<Peer>());
    peer.socket = socket;
    peer.number = connections_++;
    if (tls_ != nullptr) {
      peer.tls = SSL_new(tls_.get());
      SSL_set_fd(peer.tls, socket);
    }
    peer.thread = std::thread([this, &peer] { Serve(peer); });
  }
}

void ScriptedServer::Serve(Peer& peer) {
  if (peer.tls != nullptr) {
    const bool is_accepted = SSL_accept(peer.tls) == 1;
    const char* const name = SSL_get_servername(peer.tls, TLSEXT_NAMETYPE_host_name);
    const std::lock_guard lock(mutex_);
    names_.emplace_back(name == nullptr ? "" : name);
    if (!is_accepted) return;
  }
  ServeRequests(peer);
  ++ended_;
}

void ScriptedServer::ServeRequests(Peer& peer) {
  std::array<char, 4096> read;
  std::string all;
  for (int request = 0; true; ++request) {
    while (all.find(kMark) == std::string::npos) {
      const ssize_t got = peer.Read(read.data(), read.size());
      if (got <= 0) return;
      all.append(read.data(), static_cast<std::size_t>(got));
    }
    {
      const std::lock_guard lock(mutex_);
      texts_.push_back(std::exchange(all, {}));
    }
    ++requests_;
    const Deed deed = script_(peer.number, request);
    if (!deed.says.empty()) {
      EXPECT_GT(peer.Write(deed.says), 0);
    }
    switch (deed.then) {
      case Deed::Then::kStay:
        break;
      case Deed::Then::kLeave:
        shutdown(peer.socket, SHUT_RDWR);
        return;
      case Deed::Then::kHang:
        while (peer.Read(read.data(), read.size()) > 0) {
        }
        return;
      case Deed::Then::kRest: {
        pollfd end{.fd = peer.socket, .events = POLLRDHUP, .revents = 0};
        poll(&end, 1, -1);
        return;
      }
    }
  }
}

}  // namespace platen::notifier::edge
