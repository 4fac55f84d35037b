#include "libs/tls/material.h"

#include <algorithm>
#include <utility>

#include "libs/base/read_file.h"
#include "libs/base/status.h"
#include "libs/tls/rules.h"
#include "libs/tls/x509.h"

namespace platen::tls {
namespace {

constexpr std::size_t kFileBytesMax = 64 * 1024 * 1024;  // Revocation lists grow.

// The four files, and what is read of each of them.
constexpr std::pair<std::string TlsFiles::*, std::string TlsBytes::*> kParts[] = {
    {&TlsFiles::cert_file, &TlsBytes::cert_pem},
    {&TlsFiles::key_file, &TlsBytes::key_pem},
    {&TlsFiles::ca_file, &TlsBytes::ca_pem},
    {&TlsFiles::crl_file, &TlsBytes::crl_pem}};

// What is wrong, as it is found.
class Faults {
 public:
  explicit Faults(const TlsFiles& files) : files_(files) {}

  template <class... Parts>
  void Add(std::string TlsFiles::*file, const Parts&... parts) {
    found_.push_back({file, base::StrCat(files_.*file, parts...)});
  }

  // In the words of `status`; nothing where it is OK.
  void AddError(std::string TlsFiles::*file, const absl::Status& status) {
    if (!status.ok()) Add(file, ": ", status.message());
  }

  std::vector<TlsFault> Take() && { return std::move(found_); }

 private:
  const TlsFiles& files_;
  std::vector<TlsFault> found_;
};

// The own leaf is judged as a peer would judge it, so that a bad one is found here and not there.
void CheckLeaf(const X509* leaf, base::WallTime now, Faults& faults) {
  const std::string named = base::StrCat(" ('", SubjectOf(leaf), "'): ");
  for (const RuleResult& broken : {CheckKey(X509_get0_pubkey(leaf)), CheckSignature(leaf)}) {
    if (broken.has_value()) faults.Add(&TlsFiles::cert_file, named, broken->reason);
  }
  if (ToWallTime(X509_get0_notAfter(leaf)) <= now) {
    faults.Add(&TlsFiles::cert_file, named, "it has expired; renew it");
  }
}

void CheckPair(const TlsFiles& files, const TlsBytes& bytes, base::WallTime now, Faults& faults) {
  const absl::StatusOr<std::vector<X509Ptr>> chain = ParseCertificates(bytes.cert_pem);
  faults.AddError(&TlsFiles::cert_file, chain.status());
  const X509* leaf = chain.ok() && !chain->empty() ? chain->front().get() : nullptr;
  if (chain.ok() && leaf == nullptr) faults.Add(&TlsFiles::cert_file, ": no certificate in it");
  const absl::StatusOr<KeyPtr> key = ParseKey(bytes.key_pem);
  faults.AddError(&TlsFiles::key_file, key.status());
  if (leaf != nullptr && key.ok() && X509_check_private_key(leaf, key->get()) != 1) {
    TakeOpenSslErrors();
    faults.Add(&TlsFiles::key_file,
               " is not the key of ",
               files.cert_file,
               "; they must be replaced together");
  }
  if (leaf != nullptr) CheckLeaf(leaf, now, faults);
}

std::vector<TlsFault> CheckTlsBytes(const TlsFiles& files,
                                    const TlsBytes& bytes,
                                    base::WallTime now) {
  Faults faults(files);
  CheckPair(files, bytes, now, faults);
  faults.AddError(&TlsFiles::ca_file, CheckAuthorities(bytes.ca_pem));
  faults.AddError(&TlsFiles::crl_file, CheckRevocationLists(bytes.crl_pem));
  return std::move(faults).Take();
}

}  // namespace

absl::StatusOr<TlsBytes> ReadTlsFiles(const TlsFiles& files) {
  TlsBytes bytes;
  for (const auto& [file, pem] : kParts) {
    PLATEN_ASSIGN_OR_RETURN(bytes.*pem, base::ReadFile(files.*file, kFileBytesMax));
  }
  return bytes;
}

absl::StatusOr<TlsMaterial> ParseTlsMaterial(const TlsFiles& files,
                                             TlsBytes bytes,
                                             base::WallTime now) {
  if (const std::vector<TlsFault> faults = CheckTlsBytes(files, bytes, now); !faults.empty()) {
    return base::InvalidArgument(faults.front().message);
  }
  PLATEN_ASSIGN_OR_RETURN(std::shared_ptr<const TrustStore> trust,
                          TrustStore::Parse(bytes.ca_pem, bytes.crl_pem));
  PLATEN_ASSIGN_OR_RETURN(PeerIdentity own, IdentityOf(bytes.cert_pem));
  return TlsMaterial{.bytes = std::move(bytes), .own = std::move(own), .trust = std::move(trust)};
}

std::vector<TlsFault> CheckTlsFiles(const TlsFiles& files, base::WallTime now) {
  std::vector<TlsFault> faults;
  std::vector<std::string TlsFiles::*> unread;
  TlsBytes bytes;
  for (const auto& [file, pem] : kParts) {
    absl::StatusOr<std::string> content = base::ReadFile(files.*file, kFileBytesMax);
    if (content.ok()) {
      bytes.*pem = *std::move(content);
    } else {
      faults.push_back({file, std::string(content.status().message())});
      unread.push_back(file);
    }
  }
  for (TlsFault& fault : CheckTlsBytes(files, bytes, now)) {
    // That a file which can't be read holds no certificate is not worth a line.
    if (std::ranges::find(unread, fault.file) == unread.end()) faults.push_back(std::move(fault));
  }
  return faults;
}

TlsDoubts FindDoubts(const TlsFiles& files,
                     const TlsMaterial& material,
                     PeerRole role,
                     base::WallTime now) {
  TlsDoubts doubts;
  Faults faults(files);
  const Verdict own = material.trust->Verify(
      {.leaf_pem = material.bytes.cert_pem, .chain_pem = material.bytes.cert_pem},
      {.role = role},
      now);
  doubts.own_accepted = own.accepted();
  // Of a list that is overdue the line below tells.
  if (!own.accepted() && own.refusal != Refusal::kCrlStale) {
    faults.Add(&TlsFiles::cert_file,
               ": a peer with the same ca_file and crl_file refuses our own certificate: ",
               own.message);
  }
  if (material.trust->crl_next_update() <= now) {
    faults.Add(&TlsFiles::crl_file,
               ": a revocation list is overdue: every peer of its authority is refused until a "
               "fresh one is there");
  }
  doubts.faults = std::move(faults).Take();
  return doubts;
}

}  // namespace platen::tls
