// OpenSSL's certificates with owners, and the few questions asked of them. Only files of this
// library include it.
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include <openssl/evp.h>
#include <openssl/x509.h>

#include "absl/status/statusor.h"
#include "libs/base/time.h"

namespace platen::tls {

template <auto Free>
struct Freer {
  template <class T>
  void operator()(T* object) const {
    Free(object);
  }
};

using X509Ptr = std::unique_ptr<X509, Freer<X509_free>>;
using CrlPtr = std::unique_ptr<X509_CRL, Freer<X509_CRL_free>>;
using KeyPtr = std::unique_ptr<EVP_PKEY, Freer<EVP_PKEY_free>>;
using BioPtr = std::unique_ptr<BIO, Freer<BIO_free_all>>;

// Every certificate in `pem`, in order. Empty where there is none; kInvalidArgument where one
// cannot be read.
absl::StatusOr<std::vector<X509Ptr>> ParseCertificates(std::string_view pem);
absl::StatusOr<std::vector<CrlPtr>> ParseCrls(std::string_view pem);
// The first private key; an encrypted one is refused, for nobody is there to type its password.
absl::StatusOr<KeyPtr> ParseKey(std::string_view pem);

// "CN=gateway,O=Example" in ASCII, escaped and cut at 200 bytes: it comes from the peer and goes to
// the log.
std::string NameText(const X509_NAME* name);
std::string SubjectOf(const X509* certificate);
std::string CommonNameOf(const X509* certificate);
std::string SerialOf(const X509* certificate);

struct AlternativeNames {
  std::vector<std::string> dns;
  std::vector<std::string> uris;
};

// Names with a zero byte or other characters that no name has are left out.
AlternativeNames AlternativeNamesOf(const X509* certificate);

base::WallTime ToWallTime(const ASN1_TIME* time);

// "gateway: what OpenSSL says", from its queue of errors, which is emptied.
std::string TakeOpenSslErrors();

}  // namespace platen::tls
