// The raw TLS peers of test_grpc.h.

#include <atomic>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <thread>

#include <arpa/inet.h>
#include <netinet/in.h>
#include <openssl/ssl.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include "libs/tls/test_grpc.h"
#include "libs/tls/x509.h"

namespace platen::tls::testing {
namespace {

using ContextPtr = std::unique_ptr<SSL_CTX, Freer<SSL_CTX_free>>;
using SslPtr = std::unique_ptr<SSL, Freer<SSL_free>>;

class Socket {
 public:
  explicit Socket(int fd) : fd_(fd) {}

  ~Socket() {
    if (fd_ >= 0) close(fd_);
  }

  Socket(const Socket&) = delete;
  Socket& operator=(const Socket&) = delete;

  int fd() const { return fd_; }

 private:
  const int fd_;
};

sockaddr_in Loopback(int port) {
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(static_cast<std::uint16_t>(port));
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  return address;
}

int Listen(int fd) {
  sockaddr_in address = Loopback(0);
  socklen_t size = sizeof address;
  bind(fd, reinterpret_cast<sockaddr*>(&address), sizeof address);
  listen(fd, 16);
  getsockname(fd, reinterpret_cast<sockaddr*>(&address), &size);
  return ntohs(address.sin_port);
}

int SelectH2(
    SSL*, const unsigned char** out, unsigned char* size, const unsigned char*, unsigned, void*) {
  static const unsigned char kH2[] = {'h', '2'};
  *out = kH2;
  *size = sizeof kH2;
  return SSL_TLSEXT_ERR_OK;
}

ContextPtr NewContext(const SSL_METHOD* method, const RawTlsOptions& options) {
  std::signal(SIGPIPE, SIG_IGN);  // Peers close on us: that is what is tested.
  ContextPtr context(SSL_CTX_new(method));
  SSL_CTX_set_security_level(context.get(), 0);
  SSL_CTX_set_min_proto_version(context.get(), options.version_min);
  SSL_CTX_set_max_proto_version(context.get(), options.version_max);
  SSL_CTX_set_cipher_list(context.get(), options.tls12_suites.c_str());
  SSL_CTX_set_ciphersuites(context.get(), options.tls13_suites.c_str());
  SSL_CTX_set_verify(context.get(), SSL_VERIFY_NONE, nullptr);
  const unsigned char h2[] = {2, 'h', '2'};
  SSL_CTX_set_alpn_protos(context.get(), h2, sizeof h2);
  SSL_CTX_set_alpn_select_cb(context.get(), SelectH2, nullptr);
  if (options.leaf.has_value()) {
    const auto chain = ParseCertificates(options.leaf->cert_pem);
    const auto key = ParseKey(options.leaf->key_pem);
    if (!chain.ok() || !key.ok() ||
        SSL_CTX_use_certificate(context.get(), chain->front().get()) != 1 ||
        SSL_CTX_use_PrivateKey(context.get(), key->get()) != 1) {
      std::fprintf(stderr, "raw TLS peer: %s\n", TakeOpenSslErrors().c_str());
      std::abort();
    }
  }
  return context;
}

}  // namespace

namespace {

using SessionPtr = std::unique_ptr<SSL_SESSION, Freer<SSL_SESSION_free>>;

// `session`: offered if there is one, and replaced by the one this connection may be resumed by.
RawTlsOutcome ConnectOnce(SSL_CTX* context, int port, SessionPtr& session) {
  RawTlsOutcome outcome;
  const Socket socket(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
  const sockaddr_in address = Loopback(port);
  if (connect(socket.fd(), reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0) {
    outcome.error = "no connection";
    return outcome;
  }
  const SslPtr ssl(SSL_new(context));
  SSL_set_fd(ssl.get(), socket.fd());
  if (session != nullptr) SSL_set_session(ssl.get(), session.get());
  outcome.handshake = SSL_connect(ssl.get()) == 1;
  if (!outcome.handshake) {
    outcome.error = TakeOpenSslErrors();
    return outcome;
  }
  outcome.version = SSL_get_version(ssl.get());
  outcome.suite = SSL_get_cipher_name(ssl.get());
  outcome.resumed = SSL_session_reused(ssl.get()) == 1;
  char settings[9];
  outcome.served = SSL_read(ssl.get(), settings, sizeof settings) > 0;
  if (!outcome.served) outcome.error = TakeOpenSslErrors();
  session.reset(SSL_get1_session(ssl.get()));  // TLS 1.3 sends its tickets before the first data.
  return outcome;
}

}  // namespace

RawTlsOutcome RawConnect(int port, const RawTlsOptions& options) {
  const ContextPtr context = NewContext(TLS_client_method(), options);
  SessionPtr none;
  return ConnectOnce(context.get(), port, none);
}

RawTlsOutcome RawResume(int port,
                        const RawTlsOptions& options,
                        const std::function<void()>& between) {
  const ContextPtr context = NewContext(TLS_client_method(), options);
  SessionPtr session;
  ConnectOnce(context.get(), port, session);
  between();
  return ConnectOnce(context.get(), port, session);
}

class RawTlsServer::Impl {
 public:
  explicit Impl(const RawTlsOptions& options)
      : context_(NewContext(TLS_server_method(), options)),
        listener_(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)),
        port_(Listen(listener_.fd())),
        thread_([this] { Serve(); }) {}

  ~Impl() {
    stopping_ = true;
    shutdown(listener_.fd(), SHUT_RDWR);
    thread_.join();
  }

  Impl(const Impl&) = delete;
  Impl& operator=(const Impl&) = delete;

  int port() const { return port_; }

 private:
  void Serve() {
    while (!stopping_) {
      const Socket peer(accept4(listener_.fd(), nullptr, nullptr, SOCK_CLOEXEC));
      if (peer.fd() < 0) continue;
      const SslPtr ssl(SSL_new(context_.get()));
      SSL_set_fd(ssl.get(), peer.fd());
      char byte = 0;
      // Until the client, which does not trust us, closes.
      if (SSL_accept(ssl.get()) == 1) SSL_read(ssl.get(), &byte, 1);
      TakeOpenSslErrors();
    }
  }

  const ContextPtr context_;
  const Socket listener_;
  const int port_;
  std::atomic<bool> stopping_{false};
  std::thread thread_;
};

RawTlsServer::RawTlsServer(const RawTlsOptions& options) : impl_(std::make_unique<Impl>(options)) {}

RawTlsServer::~RawTlsServer() = default;

std::string RawTlsServer::target() const {
  return "localhost:" + std::to_string(impl_->port());
}

std::vector<std::string> OfferedSuites(const std::function<void(int port)>& connect) {
  const Socket listener(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
  const int port = Listen(listener.fd());
  std::thread client([&] { connect(port); });
  const Socket peer(accept4(listener.fd(), nullptr, nullptr, SOCK_CLOEXEC));
  const ContextPtr context(SSL_CTX_new(TLS_server_method()));
  const SslPtr ssl(SSL_new(context.get()));
  SSL_set_fd(ssl.get(), peer.fd());
  std::vector<std::string> names;
  // There is no certificate: the handshake fails, but not before the ClientHello was read.
  SSL_accept(ssl.get());
  STACK_OF(SSL_CIPHER)* offered = SSL_get_client_ciphers(ssl.get());
  for (int i = 0; offered != nullptr && i < sk_SSL_CIPHER_num(offered); ++i) {
    names.emplace_back(SSL_CIPHER_get_name(sk_SSL_CIPHER_value(offered, i)));
  }
  TakeOpenSslErrors();
  shutdown(peer.fd(), SHUT_RDWR);
  client.join();
  return names;
}

}  // namespace platen::tls::testing
