#include "libs/tls/policy.h"

#include <algorithm>
#include <array>
#include <utility>

#include <openssl/x509_vfy.h>
#include <openssl/x509v3.h>

#include "libs/base/status.h"
#include "libs/tls/rules.h"
#include "libs/tls/x509.h"

namespace platen::tls {
namespace {

constexpr std::size_t kChainMax = 10;
// OpenSSL's level 2: 112 bits. A backstop behind the rules of our own, whose reasons read better.
constexpr int kSecurityLevel = 2;

using StorePtr = std::unique_ptr<X509_STORE, Freer<X509_STORE_free>>;
using StoreContextPtr = std::unique_ptr<X509_STORE_CTX, Freer<X509_STORE_CTX_free>>;

bool IsSelfIssued(const X509* certificate) {
  return X509_NAME_cmp(X509_get_subject_name(certificate), X509_get_issuer_name(certificate)) == 0;
}

// Key and signature of one certificate. A root's signature of itself proves nothing, whatever its
// hash.
RuleResult CheckStrength(const X509* certificate) {
  if (RuleResult broken = CheckKey(X509_get0_pubkey(certificate))) return broken;
  if (IsSelfIssued(certificate)) return std::nullopt;
  return CheckSignature(certificate);
}

PeerIdentity Identify(const X509* leaf) {
  AlternativeNames names = AlternativeNamesOf(leaf);
  PeerIdentity peer;
  peer.common_name = CommonNameOf(leaf);
  peer.spiffe_id = SpiffeIdOf(names);
  peer.dns_names = std::move(names.dns);
  peer.subject = SubjectOf(leaf);
  peer.serial = SerialOf(leaf);
  peer.not_after = ToWallTime(X509_get0_notAfter(leaf));
  return peer;
}

Verdict Refuse(const Expectation& expected,
               const X509* whose,
               const X509* leaf,
               const Broken& broken) {
  const char* role = expected.role == PeerRole::kServer ? "server" : "client";
  Verdict verdict;
  verdict.refusal = broken.refusal;
  if (leaf == nullptr) {
    verdict.message = base::StrCat(role, " certificate refused: ", broken.reason);
    return verdict;
  }
  verdict.peer = Identify(leaf);
  const std::string part =
      whose == leaf ? "" : base::StrCat("its issuer '", SubjectOf(whose), "': ");
  verdict.message = base::StrCat(
      role, " certificate '", verdict.peer.subject, "' refused: ", part, broken.reason);
  return verdict;
}

// Leaf first, then the rest without the leaf. Empty if the leaf cannot be read.
std::vector<X509Ptr> ReadChain(const PeerChain& chain) {
  std::vector<X509Ptr> all;
  absl::StatusOr<std::vector<X509Ptr>> leaf = ParseCertificates(chain.leaf_pem);
  absl::StatusOr<std::vector<X509Ptr>> rest = ParseCertificates(chain.chain_pem);
  if (!leaf.ok() || leaf->empty() || !rest.ok()) return all;
  all.push_back(std::move(leaf->front()));
  for (X509Ptr& certificate : *rest) {
    if (X509_cmp(certificate.get(), all.front().get()) != 0) all.push_back(std::move(certificate));
  }
  return all;
}

absl::StatusOr<std::vector<X509Ptr>> ReadAuthorities(std::string_view ca_pem) {
  PLATEN_ASSIGN_OR_RETURN(std::vector<X509Ptr> authorities, ParseCertificates(ca_pem));
  if (authorities.empty()) return base::InvalidArgument("no certification authority in the PEM");
  for (const X509Ptr& authority : authorities) {
    if (const RuleResult broken = CheckStrength(authority.get())) {
      return base::InvalidArgument(
          "authority '", SubjectOf(authority.get()), "' refused: ", broken->reason);
    }
  }
  return authorities;
}

absl::StatusOr<std::vector<CrlPtr>> ReadRevocationLists(std::string_view crl_pem) {
  PLATEN_ASSIGN_OR_RETURN(std::vector<CrlPtr> crls, ParseCrls(crl_pem));
  if (crls.empty()) return base::InvalidArgument("no revocation list in the PEM");
  for (const CrlPtr& crl : crls) {
    const std::string issuer = NameText(X509_CRL_get_issuer(crl.get()));
    if (const RuleResult broken = CheckSignature(crl.get())) {
      return base::InvalidArgument("revocation list of '", issuer, "' refused: ", broken->reason);
    }
    if (X509_CRL_get0_nextUpdate(crl.get()) == nullptr) {
      return base::InvalidArgument(
          "revocation list of '", issuer, "' has no next update: it would never become stale");
    }
  }
  return crls;
}

}  // namespace

class TrustStore::Impl {
 public:
  Impl() : store(X509_STORE_new()) {}

  // OK, or the error of the first certificate that fails, and that certificate.
  int VerifyChain(const std::vector<X509Ptr>& chain,
                  PeerRole role,
                  base::WallTime now,
                  X509Ptr& culprit) const;

  StorePtr store;
  base::WallTime crl_next_update;
};

int TrustStore::Impl::VerifyChain(const std::vector<X509Ptr>& chain,
                                  PeerRole role,
                                  base::WallTime now,
                                  X509Ptr& culprit) const {
  const std::unique_ptr<STACK_OF(X509), void (*)(STACK_OF(X509)*)> untrusted(
      sk_X509_new_null(), [](STACK_OF(X509) * stack) { sk_X509_free(stack); });
  for (std::size_t i = 1; i < chain.size(); ++i) sk_X509_push(untrusted.get(), chain[i].get());
  const StoreContextPtr context(X509_STORE_CTX_new());
  if (context == nullptr ||
      X509_STORE_CTX_init(context.get(), store.get(), chain[0].get(), untrusted.get()) != 1) {
    return X509_V_ERR_UNSPECIFIED;
  }
  X509_VERIFY_PARAM* param = X509_STORE_CTX_get0_param(context.get());
  X509_VERIFY_PARAM_set_flags(
      param, X509_V_FLAG_CRL_CHECK | X509_V_FLAG_CRL_CHECK_ALL | X509_V_FLAG_TRUSTED_FIRST);
  X509_VERIFY_PARAM_set_purpose(
      param, role == PeerRole::kServer ? X509_PURPOSE_SSL_SERVER : X509_PURPOSE_SSL_CLIENT);
  X509_VERIFY_PARAM_set_auth_level(param, kSecurityLevel);
  X509_VERIFY_PARAM_set_depth(param, static_cast<int>(kChainMax));
  X509_VERIFY_PARAM_set_time(
      param, std::chrono::duration_cast<std::chrono::seconds>(now.time_since_epoch()).count());
  if (X509_verify_cert(context.get()) == 1) return X509_V_OK;
  const int error = X509_STORE_CTX_get_error(context.get());
  if (X509* at = X509_STORE_CTX_get_current_cert(context.get()); at != nullptr) {
    X509_up_ref(at);
    culprit.reset(at);
  }
  TakeOpenSslErrors();
  return error == X509_V_OK ? X509_V_ERR_UNSPECIFIED : error;
}

TrustStore::TrustStore(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}

TrustStore::~TrustStore() = default;

base::WallTime TrustStore::crl_next_update() const {
  return impl_->crl_next_update;
}

absl::StatusOr<std::shared_ptr<const TrustStore>> TrustStore::Parse(std::string_view ca_pem,
                                                                    std::string_view crl_pem) {
  PLATEN_ASSIGN_OR_RETURN(const std::vector<X509Ptr> authorities, ReadAuthorities(ca_pem));
  PLATEN_ASSIGN_OR_RETURN(const std::vector<CrlPtr> crls, ReadRevocationLists(crl_pem));
  auto impl = std::make_unique<Impl>();
  for (const X509Ptr& authority : authorities) {
    X509_STORE_add_cert(impl->store.get(), authority.get());
  }
  impl->crl_next_update = base::WallTime::max();
  for (const CrlPtr& crl : crls) {
    impl->crl_next_update =
        std::min(impl->crl_next_update, ToWallTime(X509_CRL_get0_nextUpdate(crl.get())));
    X509_STORE_add_crl(impl->store.get(), crl.get());
  }
  return std::shared_ptr<const TrustStore>(new TrustStore(std::move(impl)));
}

absl::Status CheckAuthorities(std::string_view ca_pem) {
  return ReadAuthorities(ca_pem).status();
}

absl::Status CheckRevocationLists(std::string_view crl_pem) {
  return ReadRevocationLists(crl_pem).status();
}

Verdict TrustStore::Verify(const PeerChain& chain,
                           const Expectation& expected,
                           base::WallTime now) const {
  const std::vector<X509Ptr> certificates = ReadChain(chain);
  if (certificates.empty()) {
    return Refuse(expected,
                  nullptr,
                  nullptr,
                  {Refusal::kNoCertificate,
                   "none was shown that can be read; set tls.cert_file at the peer"});
  }
  const X509* leaf = certificates.front().get();
  if (certificates.size() > kChainMax)
    return Refuse(
        expected, leaf, leaf, {Refusal::kUntrusted, "its chain is longer than 10 certificates"});
  for (const X509Ptr& certificate : certificates) {
    if (const RuleResult broken = CheckStrength(certificate.get()))
      return Refuse(expected, certificate.get(), leaf, *broken);
  }
  X509Ptr culprit;
  if (const int error = impl_->VerifyChain(certificates, expected.role, now, culprit);
      error != X509_V_OK) {
    const bool is_leaf = culprit == nullptr || X509_cmp(culprit.get(), leaf) == 0;
    return Refuse(expected, is_leaf ? leaf : culprit.get(), leaf, FromVerifyError(error));
  }
  if (const RuleResult broken = CheckNames(leaf, expected))
    return Refuse(expected, leaf, leaf, *broken);
  Verdict verdict;
  verdict.peer = Identify(leaf);
  return verdict;
}

absl::StatusOr<PeerIdentity> IdentityOf(std::string_view leaf_pem) {
  PLATEN_ASSIGN_OR_RETURN(const std::vector<X509Ptr> certificates, ParseCertificates(leaf_pem));
  if (certificates.empty()) return base::InvalidArgument("no certificate in the PEM");
  return Identify(certificates.front().get());
}

bool PeerIdentity::Has(std::string_view name) const {
  if (name.empty()) return false;
  return name == common_name || name == spiffe_id ||
         std::find(dns_names.begin(), dns_names.end(), name) != dns_names.end();
}

std::string_view RefusalName(Refusal refusal) {
  constexpr std::array<std::string_view, kRefusalCount> kNames = {"no_certificate",
                                                                  "weak_key",
                                                                  "weak_signature",
                                                                  "untrusted",
                                                                  "not_yet_valid",
                                                                  "expired",
                                                                  "revoked",
                                                                  "crl_missing",
                                                                  "crl_stale",
                                                                  "wrong_use",
                                                                  "wrong_name"};
  return kNames.at(static_cast<std::size_t>(refusal));
}

}  // namespace platen::tls
