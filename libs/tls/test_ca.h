// Certificates for tests, made while the test runs: nothing in the tree can expire, and every fault
// can be had.
#pragma once

#include <string>
#include <vector>

#include "libs/base/time.h"

namespace platen::tls::testing {

enum class KeyKind { kP256, kP384, kRsa2048, kRsa1024, kSecp256k1, kEd25519 };

// What to issue. The defaults make a leaf that the policy accepts in either role.
struct LeafOptions {
  std::string common_name = "gateway";
  std::vector<std::string> alternative_names = {"DNS:gateway.platen.test",
                                                "DNS:localhost",
                                                "IP:127.0.0.1",
                                                "URI:spiffe://platen.test/gateway"};
  std::string extended_key_usage = "serverAuth, clientAuth";
  KeyKind key = KeyKind::kP256;
  std::string digest = "SHA256";
  // Relative to now.
  base::Duration not_before = -std::chrono::hours(1);
  base::Duration not_after = std::chrono::hours(24);
  bool is_authority = false;
};

struct Leaf {
  std::string cert_pem;
  std::string key_pem;
};

struct CrlOptions {
  std::string digest = "SHA256";
  base::Duration last_update = -std::chrono::hours(1);
  base::Duration next_update = std::chrono::hours(24);
  bool has_next_update = true;
};

// An authority with its own key. Thread-confined. Aborts where OpenSSL fails: a test cannot go on.
class TestCa {
 public:
  explicit TestCa(const std::string& name = "Test CA",
                  KeyKind key = KeyKind::kP256,
                  const std::string& digest = "SHA256");
  // An intermediate authority, signed by `parent`.
  TestCa(const std::string& name, TestCa& parent);

  Leaf Issue(const LeafOptions& options = {});
  void Revoke(const std::string& cert_pem);
  // A list of all that was revoked so far.
  std::string Crl(const CrlOptions& options = {}) const;

  // What OpenSSL's directories of revocation lists call this authority: "5f2b3c1a".
  std::string NameHash() const;

  const std::string& cert_pem() const { return self_.cert_pem; }

 private:
  Leaf self_;
  std::vector<std::string> revoked_;
};

}  // namespace platen::tls::testing
