// The port for those who operate a process: is it alive, is it ready and if not why, its metrics,
// and pages that a service adds. Loopback only, read only, without TLS
// (docs/decisions/0004-admin-port-on-loopback.md).
//
//   GET /livez     200 while every liveness check passes (an event loop that answers), 503 with the
//   reasons otherwise GET /readyz    200 when every readiness check passes, 503 otherwise; JSON:
//   {"ready":…,"checks":[{name,ok,reason}]} GET /metrics   Prometheus' text format
#pragma once

#include <chrono>
#include <cstdint>
#include <memory>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "libs/service/health.h"
#include "libs/service/http.h"
#include "libs/service/metrics.h"

namespace platen::service {

struct AdminOptions {
  // "host:port", "[::1]:port"; a loopback address or "localhost". Port 0 takes a free one.
  std::string address = "127.0.0.1:0";
  // Beyond this many connections a new one takes the place of the one that has been without a whole
  // request for longest, so that a probe is answered whoever else holds connections. While all have
  // asked and none has taken its answer, new ones wait in the system's backlog.
  int connections_max = 32;
  // For one request to arrive whole.
  std::chrono::milliseconds request_timeout{2000};
  // For its answer to be taken.
  std::chrono::milliseconds answer_timeout{5000};
  std::size_t header_bytes_max = 8192;
};

// kInvalidArgument unless `address` is one that AdminOptions takes.
absl::Status CheckAdminAddress(const std::string& address);

// Thread-safe. One thread of its own, from Start() to Stop(). `metrics` must outlive this.
class AdminServer {
 public:
  AdminServer(AdminOptions options, Metrics& metrics);
  ~AdminServer();
  AdminServer(const AdminServer&) = delete;
  AdminServer& operator=(const AdminServer&) = delete;

  // What is registered must stay valid until Stop(). Names and paths are given once; the last one
  // counts.
  void AddLivenessCheck(std::string name, HealthCheck check);
  void AddReadinessCheck(std::string name, HealthCheck check);
  // `path` is matched whole ("/devices"), or as a prefix where it ends in '/' ("/static/"). GET and
  // HEAD only.
  void AddPage(std::string path, HttpHandler handler);

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

}  // namespace platen::service
