// What a service with a `tls` section tells of it, in metrics and log: the same in each of them.
#pragma once

#include <array>
#include <optional>
#include <string>
#include <string_view>

#include "libs/base/time.h"
#include "libs/service/grpc_log.h"
#include "libs/service/log_limit.h"
#include "libs/service/metrics.h"
#include "libs/tls/credentials.h"

namespace platen::service {

struct TlsWatchOptions {
  // "gateway", "relay": the label `role` of certificates.
  std::string role;
  // Whether a refused peer is a line in the log (a few a second for each reason). A client that
  // tells of its server elsewhere says no.
  bool log_refusals = true;
};

// Counts refused peers in platen_tls_peers_refused_total{reason}: those whose certificate the
// policy refuses, and those that did not come so far, for want of a certificate, a common cipher or
// a common version. Tells of the own certificate and the revocation lists: until when they hold,
// and what is doubtful about them; counts files that were replaced, by whether they could be used.
// Thread-safe.
class TlsWatch {
 public:
  // Both must outlive this. Takes over gRPC's log (GrpcLog): one at a time.
  TlsWatch(TlsWatchOptions options, Metrics& metrics, const base::Clock& clock);

  // For CredentialsOptions; this must outlive the credentials.
  tls::CredentialsHooks Hooks();

 private:
  // Reasons that the policy has no name for, counted after its own.
  enum class Handshake { kNoCommonCipher, kNoCommonVersion, kOther };
  static constexpr std::size_t kReasons = tls::kRefusalCount + 3;

  static std::size_t ReasonOf(Handshake handshake) {
    return tls::kRefusalCount + static_cast<std::size_t>(handshake);
  }

  static std::string_view NameOf(std::size_t reason);
  static std::size_t Classify(std::string_view handshake_reason);
  void Refuse(std::size_t reason, std::string_view detail);

  const TlsWatchOptions options_;
  std::array<Counter*, kReasons> refused_{};
  std::array<std::optional<LogLimit>, kReasons> lines_;
  Gauge& expiry_;
  Gauge& crl_next_update_;
  Gauge& accepted_;
  Counter& taken_;
  Counter& kept_;
  std::optional<GrpcLog> grpc_log_;
};

}  // namespace platen::service
