// The four files of a party: its certificate and key, whom it trusts, and who has been revoked.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "libs/base/time.h"
#include "libs/tls/policy.h"

namespace platen::tls {

struct TlsFiles {
  std::string cert_file;  // Chain, leaf first, PEM.
  std::string key_file;
  std::string ca_file;
  std::string crl_file;
};

// Their content.
struct TlsBytes {
  std::string cert_pem;
  std::string key_pem;
  std::string ca_pem;
  std::string crl_pem;

  friend bool operator==(const TlsBytes&, const TlsBytes&) = default;
};

// Content that belongs together and keeps the policy. Immutable, thread-safe.
struct TlsMaterial {
  TlsBytes bytes;
  PeerIdentity own;
  std::shared_ptr<const TrustStore> trust;
};

// kNotFound with the file's name.
absl::StatusOr<TlsBytes> ReadTlsFiles(const TlsFiles& files);

// kInvalidArgument in one line with the file's name: not PEM, key and certificate are no pair, the
// own certificate is weak or has expired. A stale revocation list is no error here: it closes the
// door to peers.
absl::StatusOr<TlsMaterial> ParseTlsMaterial(const TlsFiles& files,
                                             TlsBytes bytes,
                                             base::WallTime now);

// Which of the four a fault is in, and what it is, in one line with the file's name.
struct TlsFault {
  std::string TlsFiles::*file = nullptr;
  std::string message;
};

// Everything that the two above would stop at, one after the other; for --check-config.
std::vector<TlsFault> CheckTlsFiles(const TlsFiles& files, base::WallTime now);

// What nobody is stopped by here, and peers may well be: each in one line with the file's name.
struct TlsDoubts {
  // Whether a peer that trusts what we trust would accept our own certificate.
  bool own_accepted = true;
  std::vector<TlsFault> faults;
};

// Judges our own certificate, shown as `role`, as a peer would: revoked, of another authority, not
// yet valid, for another use; and whether a revocation list is overdue, which refuses every peer of
// its authority.
TlsDoubts FindDoubts(const TlsFiles& files,
                     const TlsMaterial& material,
                     PeerRole role,
                     base::WallTime now);

}  // namespace platen::tls
