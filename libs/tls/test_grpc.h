// A gRPC service without generated code, and raw TLS peers that do what gRPC would not, for tests
// of TLS.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include <grpcpp/channel.h>
#include <grpcpp/generic/async_generic_service.h>
#include <grpcpp/security/credentials.h>
#include <grpcpp/security/server_credentials.h>
#include <grpcpp/server.h>

#include "libs/tls/test_ca.h"

namespace platen::tls::testing {

// Called when a stream begins; a status other than OK ends it at once, otherwise it stays open
// until cancelled.
using OnStream =
    std::function<grpc::Status(grpc::GenericCallbackServerContext*, std::shared_ptr<void>* keep)>;

// A server on a free loopback port: "/test/Unary" answers at once, "/test/Stream" stays open.
// Thread-safe.
class TestServer {
 public:
  explicit TestServer(const std::shared_ptr<grpc::ServerCredentials>& credentials,
                      OnStream on_stream = nullptr);
  ~TestServer();

  int port() const { return port_; }

  // "localhost:port".
  std::string target() const;

 private:
  class Service;
  std::unique_ptr<Service> service_;
  std::unique_ptr<grpc::Server> server_;
  int port_ = 0;
};

// The outcome of one "/test/Unary" over the channel; waits for the connection as long as it may
// take to fail.
grpc::Status Call(const std::shared_ptr<grpc::Channel>& channel);

// "/test/Stream" over the channel. Destroying it cancels and waits.
class OpenStream {
 public:
  explicit OpenStream(const std::shared_ptr<grpc::Channel>& channel);
  ~OpenStream();
  OpenStream(const OpenStream&) = delete;
  OpenStream& operator=(const OpenStream&) = delete;

  // True once the server has answered, false if it ended the stream instead.
  bool WaitUntilOpen();
  grpc::Status WaitUntilEnded();
  bool ended() const;
  grpc::ClientContext& context();

 private:
  class Reactor;
  std::unique_ptr<Reactor> reactor_;
};

// What a raw TLS peer says and shows.
struct RawTlsOptions {
  int version_min = 0;  // TLS1_VERSION …; 0: OpenSSL's lowest.
  int version_max = 0;
  std::string tls12_suites = "ALL:@SECLEVEL=0";
  std::string tls13_suites =
      "TLS_AES_256_GCM_SHA384:TLS_AES_128_GCM_SHA256:TLS_CHACHA20_POLY1305_SHA256";
  std::optional<Leaf> leaf;
};

struct RawTlsOutcome {
  bool handshake = false;  // The TLS handshake itself succeeded.
  bool resumed = false;    // From a session before.
  bool served = false;     // The server then spoke HTTP/2: our certificate was accepted, too.
  std::string version;     // "TLSv1.3".
  std::string suite;       // "TLS_AES_256_GCM_SHA384".
  std::string error;
};

// Connects to a gRPC server at 127.0.0.1:port, and waits until it speaks or closes.
RawTlsOutcome RawConnect(int port, const RawTlsOptions& options);

// Connects, does `between`, and connects again offering to resume the first session. The outcome of
// the second.
RawTlsOutcome RawResume(int port,
                        const RawTlsOptions& options,
                        const std::function<void()>& between);

// The names of the suites that a TLS client offers in its ClientHello to 127.0.0.1, in its order.
// `connect` makes it connect to the given port.
std::vector<std::string> OfferedSuites(const std::function<void(int port)>& connect);

// A raw TLS server on a free loopback port that completes handshakes and closes. One thread of its
// own.
class RawTlsServer {
 public:
  explicit RawTlsServer(const RawTlsOptions& options);
  ~RawTlsServer();
  RawTlsServer(const RawTlsServer&) = delete;
  RawTlsServer& operator=(const RawTlsServer&) = delete;

  std::string target() const;

 private:
  class Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace platen::tls::testing
