// A small HTTP/1.1 server on loopback, without TLS: what the administrator's port and pages behind
// a reverse proxy are made of. Everything has a bound: connections, headers, bodies, how long a
// request takes to arrive, its answer to be made and to be taken.
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>

#include "absl/status/status.h"
#include "libs/service/http.h"

namespace platen::service {

struct HttpServerOptions {
  // "host:port", "[::1]:port"; a loopback address or "localhost". Port 0 takes a free one.
  std::string address = "127.0.0.1:0";
  // What errors call it: "admin".
  std::string name = "HTTP";
  // Beyond this many connections a new one takes the place of the one that has been without a whole
  // request for longest, so that whoever asks is answered whoever else holds connections. While all
  // have asked and none has taken its answer, new ones wait in the system's backlog.
  int connections_max = 32;
  // For one request to arrive whole.
  std::chrono::milliseconds request_timeout{2000};
  // For its answer to be made (503 otherwise), and again for it to be taken.
  std::chrono::milliseconds answer_timeout{5000};
  std::size_t header_bytes_max = 8192;
  // 0: a request has no body.
  std::size_t body_bytes_max = 0;
};

// What the server itself refuses.
enum class HttpRefusal {
  kMalformed,       // 400: no HTTP.
  kHeaderTooLarge,  // 431.
  kBodyTooLarge,    // 413.
  kTooSlow,         // A request that did not arrive whole in time; closed.
  kDropped,         // A connection without a whole request that made room for another.
  kNoAnswer,        // 503: the handler took too long.
};

// Thread-safe. One thread of its own, from Start() to Stop().
class HttpServer {
 public:
  // `on_refusal` is called on the server's thread, and may be empty.
  HttpServer(HttpServerOptions options,
             AsyncHttpHandler handler,
             std::function<void(HttpRefusal)> on_refusal);
  ~HttpServer();
  HttpServer(const HttpServer&) = delete;
  HttpServer& operator=(const HttpServer&) = delete;

  // kInvalidArgument: the address is not a loopback address, or no address. kUnavailable: the port
  // is taken.
  absl::Status Start();
  // Closes all connections. Idempotent.
  void Stop();

  // The port that Start() got; 0 before.
  std::uint16_t port() const;

 private:
  class Impl;
  std::unique_ptr<Impl> impl_;
};

// kInvalidArgument unless `address` is one that HttpServerOptions takes; `name` as there.
absl::Status CheckLoopbackAddress(const std::string& name, const std::string& address);

}  // namespace platen::service
