// Which certificates Platen's own parts trust, and why others are refused.
//
// Pure: bytes, a trust store and the time in, a verdict out; no files, no network, no gRPC. The
// rules: RSA of 2048 bits or more, or ECDSA on P-256, P-384 or P-521; signatures with SHA-2; a
// chain to a trusted authority; a fresh revocation list of every authority in it (a missing or
// stale one closes the door); validity; the extended key usage of the role; and a name that was
// asked for, within the domain.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "libs/base/time.h"

namespace platen::tls {

// Counted by name in metrics: RefusalName().
enum class Refusal {
  kNoCertificate,  // The peer showed none, or one that cannot be read.
  kWeakKey,        // RSA below 2048 bits, or no curve of NIST from P-256 up.
  kWeakSignature,  // Signed with SHA-1, MD5, …
  kUntrusted,      // The chain does not lead to a trusted authority, or is malformed.
  kNotYetValid,
  kExpired,
  kRevoked,
  kCrlMissing,  // No revocation list of one of the chain's authorities.
  kCrlStale,    // Its next update is overdue.
  kWrongUse,    // A server's certificate used by a client, or the reverse.
  kWrongName,   // Not the host that was asked for, or outside the domain.
};
inline constexpr int kRefusalCount = 11;

// "weak_signature".
std::string_view RefusalName(Refusal refusal);

enum class PeerRole { kServer, kClient };

// What a peer's certificate says it is. Of use only after an accepting verdict.
struct PeerIdentity {
  std::string common_name;
  std::string spiffe_id;               // "spiffe://domain/path", or empty.
  std::vector<std::string> dns_names;  // As they stand in the certificate, wildcards included.
  std::string subject;                 // For people: "CN=gateway,O=Example".
  std::string serial;                  // Hexadecimal.
  base::WallTime not_after;

  // Whether `name` is the common name, one of the DNS names, or the SPIFFE id.
  bool Has(std::string_view name) const;
};

struct Verdict {
  std::optional<Refusal> refusal;  // Empty: accepted.
  // For people, one line: whose certificate, why, and what to do. Empty where accepted.
  std::string message;
  PeerIdentity peer;

  bool accepted() const { return !refusal.has_value(); }
};

// What a peer showed, leaf first, as PEM.
struct PeerChain {
  std::string leaf_pem;
  // Intermediate authorities; may contain the leaf again, as gRPC's does.
  std::string chain_pem;
};

// What is asked of a peer.
struct Expectation {
  PeerRole role = PeerRole::kServer;
  // For servers: host name or IP address that was dialled, without port. Empty: any.
  std::string host;
  // Names must be this DNS domain or lie below it; a SPIFFE id must have it as its trust domain.
  // Empty: any.
  std::string domain;
};

// Authorities and their revocation lists as one immutable set. Thread-safe.
class TrustStore {
 public:
  // kInvalidArgument with one line: no authority or list in the PEM, an authority too weak for the
  // policy, a revocation list without next update or with a weak signature.
  static absl::StatusOr<std::shared_ptr<const TrustStore>> Parse(std::string_view ca_pem,
                                                                 std::string_view crl_pem);

  ~TrustStore();
  TrustStore(const TrustStore&) = delete;
  TrustStore& operator=(const TrustStore&) = delete;

  // Judges a peer at the time `now`.
  Verdict Verify(const PeerChain& chain, const Expectation& expected, base::WallTime now) const;

  // When the first of the revocation lists becomes stale.
  base::WallTime crl_next_update() const;

 private:
  class Impl;
  explicit TrustStore(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

// The two halves of TrustStore::Parse(), each with its own errors: what is wrong with the
// authorities, and with their revocation lists.
absl::Status CheckAuthorities(std::string_view ca_pem);
absl::Status CheckRevocationLists(std::string_view crl_pem);

// The identity in a certificate, without judging it. kInvalidArgument if it cannot be read.
absl::StatusOr<PeerIdentity> IdentityOf(std::string_view leaf_pem);

}  // namespace platen::tls
