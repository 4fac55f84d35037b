#include "libs/tls/material.h"

#include <cerrno>
#include <fstream>
#include <iterator>
#include <utility>

#include "libs/base/status.h"
#include "libs/tls/rules.h"
#include "libs/tls/x509.h"

namespace platen::tls {
namespace {

absl::StatusOr<std::string> ReadFile(const std::string& path) {
  std::ifstream in(path, std::ios::binary);
  if (!in) return base::NotFound("cannot read ", path, ": ", base::ErrnoMessage(errno));
  std::string content{std::istreambuf_iterator<char>(in), std::istreambuf_iterator<char>()};
  if (in.bad()) return base::Unavailable("cannot read ", path);
  return content;
}

// The own leaf is judged as a peer would judge it, so that a bad one is found here and not there.
absl::Status CheckOwn(const TlsFiles& files,
                      const X509* leaf,
                      const EVP_PKEY* key,
                      base::WallTime now) {
  if (X509_check_private_key(leaf, key) != 1) {
    TakeOpenSslErrors();
    return base::InvalidArgument(
        files.key_file, " is not the key of ", files.cert_file, "; they must be replaced together");
  }
  for (const RuleResult& broken : {CheckKey(X509_get0_pubkey(leaf)), CheckSignature(leaf)}) {
    if (broken.has_value())
      return base::InvalidArgument(files.cert_file, " ('", SubjectOf(leaf), "'): ", broken->reason);
  }
  if (ToWallTime(X509_get0_notAfter(leaf)) <= now) {
    return base::InvalidArgument(
        files.cert_file, " ('", SubjectOf(leaf), "'): it has expired; renew it");
  }
  return absl::OkStatus();
}

}  // namespace

absl::StatusOr<TlsBytes> ReadTlsFiles(const TlsFiles& files) {
  TlsBytes bytes;
  PLATEN_ASSIGN_OR_RETURN(bytes.cert_pem, ReadFile(files.cert_file));
  PLATEN_ASSIGN_OR_RETURN(bytes.key_pem, ReadFile(files.key_file));
  PLATEN_ASSIGN_OR_RETURN(bytes.ca_pem, ReadFile(files.ca_file));
  PLATEN_ASSIGN_OR_RETURN(bytes.crl_pem, ReadFile(files.crl_file));
  return bytes;
}

absl::StatusOr<TlsMaterial> ParseTlsMaterial(const TlsFiles& files,
                                             TlsBytes bytes,
                                             base::WallTime now) {
  const absl::StatusOr<std::vector<X509Ptr>> chain = ParseCertificates(bytes.cert_pem);
  if (!chain.ok()) return base::Annotate(chain.status(), files.cert_file);
  if (chain->empty()) return base::InvalidArgument(files.cert_file, ": no certificate in it");
  const absl::StatusOr<KeyPtr> key = ParseKey(bytes.key_pem);
  if (!key.ok()) return base::Annotate(key.status(), files.key_file);
  PLATEN_RETURN_IF_ERROR(CheckOwn(files, chain->front().get(), key->get(), now));
  absl::StatusOr<std::shared_ptr<const TrustStore>> trust =
      TrustStore::Parse(bytes.ca_pem, bytes.crl_pem);
  if (!trust.ok())
    return base::Annotate(trust.status(), base::StrCat(files.ca_file, ", ", files.crl_file));
  PLATEN_ASSIGN_OR_RETURN(PeerIdentity own, IdentityOf(bytes.cert_pem));
  return TlsMaterial{.bytes = std::move(bytes), .own = std::move(own), .trust = *std::move(trust)};
}

absl::Status CheckTlsFiles(const TlsFiles& files, base::WallTime now) {
  PLATEN_ASSIGN_OR_RETURN(TlsBytes bytes, ReadTlsFiles(files));
  return ParseTlsMaterial(files, std::move(bytes), now).status();
}

}  // namespace platen::tls
