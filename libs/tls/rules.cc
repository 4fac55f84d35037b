#include "libs/tls/rules.h"

#include <algorithm>

#include <absl/strings/match.h>
#include <openssl/objects.h>
#include <openssl/x509v3.h>

#include "libs/base/status.h"

namespace platen::tls {
namespace {

constexpr int kRsaBitsMin = 2048;
constexpr std::string_view kSpiffe = "spiffe://";

std::string CurveOf(const EVP_PKEY* key) {
  char name[64] = "";
  std::size_t size = 0;
  if (EVP_PKEY_get_group_name(key, name, sizeof name, &size) != 1) return "";
  return std::string(name, size);
}

bool IsIpAddress(const std::string& host) {
  const std::unique_ptr<ASN1_OCTET_STRING, Freer<ASN1_OCTET_STRING_free>> ip(
      a2i_IPADDRESS(host.c_str()));
  return ip != nullptr;
}

// The trust domain of "spiffe://domain/path".
std::string_view TrustDomain(std::string_view spiffe_id) {
  if (!spiffe_id.starts_with(kSpiffe)) return "";
  spiffe_id.remove_prefix(kSpiffe.size());
  return spiffe_id.substr(0, spiffe_id.find('/'));
}

std::string Join(const std::vector<std::string>& names) {
  std::string text;
  for (std::size_t i = 0; i < names.size() && i < 5; ++i) text += (i == 0 ? "" : ", ") + names[i];
  if (text.size() > 200) text.resize(200);
  return text.empty() ? "none" : text;
}

RuleResult CheckHost(const X509* leaf, const std::string& host, const AlternativeNames& names) {
  // Both functions only read the certificate.
  X509* certificate = const_cast<X509*>(leaf);
  const bool matches = IsIpAddress(host) ? X509_check_ip_asc(certificate, host.c_str(), 0) == 1
                                         : X509_check_host(certificate,
                                                           host.data(),
                                                           host.size(),
                                                           X509_CHECK_FLAG_NEVER_CHECK_SUBJECT |
                                                               X509_CHECK_FLAG_NO_PARTIAL_WILDCARDS,
                                                           nullptr) == 1;
  if (matches) return std::nullopt;
  return Broken{Refusal::kWrongName,
                base::StrCat("it is not for '",
                             host,
                             "' but for: ",
                             Join(names.dns),
                             "; dial a name that it has, or issue one with that name")};
}

RuleResult CheckDigest(int digest, int signature) {
  if (digest == NID_sha256 || digest == NID_sha384 || digest == NID_sha512) return std::nullopt;
  const char* long_name = OBJ_nid2ln(signature);
  const std::string shown = long_name == nullptr ? "unknown algorithm" : long_name;
  const std::string hash = digest == NID_sha1    ? "SHA-1"
                           : digest == NID_undef ? "an unknown hash"
                                                 : OBJ_nid2sn(digest);
  return Broken{Refusal::kWeakSignature,
                base::StrCat("signed with ", hash, " (", shown, "); re-issue it with SHA-256")};
}

}  // namespace

RuleResult CheckKey(const EVP_PKEY* key) {
  if (key == nullptr)
    return Broken{Refusal::kWeakKey, "its key cannot be read; re-issue it with ECDSA P-256"};
  const int bits = EVP_PKEY_get_bits(key);
  if (EVP_PKEY_is_a(key, "RSA") == 1 || EVP_PKEY_is_a(key, "RSA-PSS") == 1) {
    if (bits >= kRsaBitsMin) return std::nullopt;
    return Broken{Refusal::kWeakKey,
                  base::StrCat("its RSA key has ",
                               bits,
                               " bits; re-issue it with ",
                               kRsaBitsMin,
                               " or more, or ECDSA P-256")};
  }
  if (EVP_PKEY_is_a(key, "EC") == 1) {
    const std::string curve = CurveOf(key);
    if (curve == "prime256v1" || curve == "secp384r1" || curve == "secp521r1") return std::nullopt;
    return Broken{
        Refusal::kWeakKey,
        base::StrCat("its key is on the curve ", curve, "; re-issue it with ECDSA P-256")};
  }
  const char* type = EVP_PKEY_get0_type_name(key);
  return Broken{Refusal::kWeakKey,
                base::StrCat("its key is of type ",
                             type == nullptr ? "unknown" : type,
                             "; re-issue it with ECDSA P-256 or RSA")};
}

RuleResult CheckSignature(const X509* certificate) {
  int digest = NID_undef;
  // Knows the digest among the parameters of RSA-PSS, too.
  if (X509_get_signature_info(const_cast<X509*>(certificate), &digest, nullptr, nullptr, nullptr) !=
      1)
    digest = NID_undef;
  return CheckDigest(digest, X509_get_signature_nid(certificate));
}

RuleResult CheckSignature(const X509_CRL* list) {
  int digest = NID_undef;
  const int signature = X509_CRL_get_signature_nid(list);
  if (OBJ_find_sigid_algs(signature, &digest, nullptr) != 1) digest = NID_undef;
  return CheckDigest(digest, signature);
}

bool InDomain(std::string_view name, std::string_view domain) {
  if (name.size() < domain.size()) return false;
  const std::string_view tail = name.substr(name.size() - domain.size());
  if (!absl::EqualsIgnoreCase(base::ToAbsl(tail), base::ToAbsl(domain))) return false;
  return name.size() == domain.size() || name[name.size() - domain.size() - 1] == '.';
}

std::string SpiffeIdOf(const AlternativeNames& names) {
  // SPIFFE allows one URI name; of two nobody could say which is meant.
  if (names.uris.size() != 1 || !names.uris[0].starts_with(kSpiffe)) return "";
  return names.uris[0];
}

RuleResult CheckNames(const X509* leaf, const Expectation& expected) {
  const AlternativeNames names = AlternativeNamesOf(leaf);
  if (!expected.host.empty()) {
    if (RuleResult broken = CheckHost(leaf, expected.host, names)) return broken;
  }
  if (expected.domain.empty()) return std::nullopt;
  if (expected.role == PeerRole::kServer && !expected.host.empty()) {
    if (InDomain(expected.host, expected.domain)) return std::nullopt;
    return Broken{
        Refusal::kWrongName,
        base::StrCat(
            "'", expected.host, "' is not in the domain '", expected.domain, "'; see tls.domain")};
  }
  const bool any = std::any_of(names.dns.begin(), names.dns.end(), [&](const std::string& name) {
    return InDomain(name, expected.domain);
  });
  if (any || absl::EqualsIgnoreCase(base::ToAbsl(TrustDomain(SpiffeIdOf(names))), expected.domain))
    return std::nullopt;
  return Broken{Refusal::kWrongName,
                base::StrCat("none of its names (",
                             Join(names.dns),
                             ") is in the domain '",
                             expected.domain,
                             "'; see tls.domain, or issue one with such a name")};
}

Broken FromVerifyError(int error) {
  switch (error) {
    case X509_V_ERR_CERT_HAS_EXPIRED:
      return {Refusal::kExpired, "it has expired; renew it"};
    case X509_V_ERR_CERT_NOT_YET_VALID:
      return {Refusal::kNotYetValid, "it is not valid yet; check the clocks of both machines"};
    case X509_V_ERR_CERT_REVOKED:
      return {Refusal::kRevoked, "it has been revoked; issue a new one"};
    case X509_V_ERR_UNABLE_TO_GET_CRL:
    case X509_V_ERR_UNABLE_TO_GET_CRL_ISSUER:
      return {Refusal::kCrlMissing,
              "there is no revocation list of its issuer; add it to tls.crl_file"};
    case X509_V_ERR_CRL_SIGNATURE_FAILURE:
    case X509_V_ERR_UNABLE_TO_DECRYPT_CRL_SIGNATURE:
      return {Refusal::kCrlMissing,
              "the revocation list of its issuer is not signed by it; replace tls.crl_file"};
    case X509_V_ERR_CRL_HAS_EXPIRED:
      return {Refusal::kCrlStale, "the revocation list of its issuer is stale; renew tls.crl_file"};
    case X509_V_ERR_CRL_NOT_YET_VALID:
      return {Refusal::kCrlStale,
              "the revocation list of its issuer is not valid yet; check this machine's clock"};
    case X509_V_ERR_INVALID_PURPOSE:
      return {
          Refusal::kWrongUse,
          "its extended key usage is not for this role; issue one with serverAuth or clientAuth"};
    case X509_V_ERR_EE_KEY_TOO_SMALL:
    case X509_V_ERR_CA_KEY_TOO_SMALL:
      return {Refusal::kWeakKey, "a key in its chain is too weak; re-issue that with ECDSA P-256"};
    case X509_V_ERR_CA_MD_TOO_WEAK:
      return {Refusal::kWeakSignature,
              "a signature in its chain uses a weak hash; re-issue that with SHA-256"};
    default:
      return {Refusal::kUntrusted,
              base::StrCat("its chain leads to no authority that is trusted here (",
                           X509_verify_cert_error_string(error),
                           "); see tls.ca_file, and that it is sent with its intermediates")};
  }
}

}  // namespace platen::tls
