#include "libs/tls/test_ca.h"

#include <cstdio>
#include <cstdlib>
#include <ctime>

#include <openssl/bn.h>
#include <openssl/ec.h>
#include <openssl/pem.h>
#include <openssl/rand.h>
#include <openssl/rsa.h>
#include <openssl/x509v3.h>

#include "libs/tls/x509.h"

namespace platen::tls::testing {
namespace {

void Check(bool good, const char* what) {
  if (good) return;
  std::fprintf(stderr, "test CA: %s: %s\n", what, TakeOpenSslErrors().c_str());
  std::abort();
}

KeyPtr NewKey(KeyKind kind) {
  EVP_PKEY* key = nullptr;
  switch (kind) {
    case KeyKind::kP256:
      key = EVP_EC_gen("P-256");
      break;
    case KeyKind::kP384:
      key = EVP_EC_gen("P-384");
      break;
    case KeyKind::kSecp256k1:
      key = EVP_EC_gen("secp256k1");
      break;
    case KeyKind::kRsa2048:
      key = EVP_RSA_gen(2048);
      break;
    case KeyKind::kRsa1024:
      key = EVP_RSA_gen(1024);
      break;
    case KeyKind::kEd25519:
      key = EVP_PKEY_Q_keygen(nullptr, nullptr, "ED25519");
      break;
  }
  Check(key != nullptr, "key");
  return KeyPtr(key);
}

template <class Write>
std::string ToPem(Write write) {
  const BioPtr bio(BIO_new(BIO_s_mem()));
  Check(write(bio.get()) == 1, "PEM");
  char* data = nullptr;
  const long size = BIO_get_mem_data(bio.get(), &data);
  return std::string(data, static_cast<std::size_t>(size));
}

std::string KeyPem(EVP_PKEY* key) {
  return ToPem([key](BIO* bio) {
    return PEM_write_bio_PrivateKey(bio, key, nullptr, nullptr, 0, nullptr, nullptr);
  });
}

X509Ptr ReadCertificate(const std::string& pem) {
  auto all = ParseCertificates(pem);
  Check(all.ok() && !all->empty(), "certificate");
  return std::move(all->front());
}

KeyPtr ReadKey(const std::string& pem) {
  auto key = ParseKey(pem);
  Check(key.ok(), "private key");
  return std::move(*key);
}

void AddExtension(X509* certificate, X509* issuer, int nid, const std::string& value) {
  X509V3_CTX context;
  X509V3_set_ctx(&context, issuer, certificate, nullptr, nullptr, 0);
  X509_EXTENSION* extension = X509V3_EXT_conf_nid(nullptr, &context, nid, value.c_str());
  Check(extension != nullptr, value.c_str());
  X509_add_ext(certificate, extension, -1);
  X509_EXTENSION_free(extension);
}

void SetTime(ASN1_TIME* time, base::Duration offset) {
  X509_gmtime_adj(
      time, static_cast<long>(std::chrono::duration_cast<std::chrono::seconds>(offset).count()));
}

void SetRandomSerial(X509* certificate) {
  const std::unique_ptr<BIGNUM, Freer<BN_free>> serial(BN_new());
  Check(BN_rand(serial.get(), 120, BN_RAND_TOP_ONE, BN_RAND_BOTTOM_ANY) == 1, "serial");
  BN_to_ASN1_INTEGER(serial.get(), X509_get_serialNumber(certificate));
}

const EVP_MD* DigestFor(const EVP_PKEY* key, const std::string& name) {
  return EVP_PKEY_is_a(key, "ED25519") == 1 ? nullptr : EVP_get_digestbyname(name.c_str());
}

std::string Join(const std::vector<std::string>& names) {
  std::string text;
  for (const std::string& name : names) text += (text.empty() ? "" : ",") + name;
  return text;
}

// `issuer` null: signs itself.
Leaf Make(const LeafOptions& options, const Leaf* issuer) {
  const KeyPtr key = NewKey(options.key);
  const X509Ptr certificate(X509_new());
  X509_set_version(certificate.get(), X509_VERSION_3);
  SetRandomSerial(certificate.get());
  SetTime(X509_getm_notBefore(certificate.get()), options.not_before);
  SetTime(X509_getm_notAfter(certificate.get()), options.not_after);
  X509_set_pubkey(certificate.get(), key.get());
  X509_NAME* subject = X509_get_subject_name(certificate.get());
  X509_NAME_add_entry_by_txt(subject,
                             "CN",
                             MBSTRING_UTF8,
                             reinterpret_cast<const unsigned char*>(options.common_name.data()),
                             static_cast<int>(options.common_name.size()),
                             -1,
                             0);
  const X509Ptr issuer_certificate =
      issuer == nullptr ? nullptr : ReadCertificate(issuer->cert_pem);
  X509* signer = issuer == nullptr ? certificate.get() : issuer_certificate.get();
  X509_set_issuer_name(certificate.get(), X509_get_subject_name(signer));
  if (options.is_authority) {
    AddExtension(certificate.get(), signer, NID_basic_constraints, "critical,CA:TRUE");
    AddExtension(certificate.get(), signer, NID_key_usage, "critical,keyCertSign,cRLSign");
  } else {
    AddExtension(certificate.get(), signer, NID_basic_constraints, "critical,CA:FALSE");
    AddExtension(certificate.get(), signer, NID_key_usage, "critical,digitalSignature");
    if (!options.extended_key_usage.empty())
      AddExtension(certificate.get(), signer, NID_ext_key_usage, options.extended_key_usage);
    if (!options.alternative_names.empty())
      AddExtension(
          certificate.get(), signer, NID_subject_alt_name, Join(options.alternative_names));
  }
  AddExtension(certificate.get(), signer, NID_subject_key_identifier, "hash");
  const KeyPtr issuer_key = issuer == nullptr ? nullptr : ReadKey(issuer->key_pem);
  EVP_PKEY* signing_key = issuer == nullptr ? key.get() : issuer_key.get();
  Check(X509_sign(certificate.get(), signing_key, DigestFor(signing_key, options.digest)) > 0,
        "sign");
  return {.cert_pem = ToPem([&](BIO* bio) { return PEM_write_bio_X509(bio, certificate.get()); }),
          .key_pem = KeyPem(key.get())};
}

LeafOptions AuthorityOptions(const std::string& name, KeyKind key, const std::string& digest) {
  return {.common_name = name,
          .key = key,
          .digest = digest,
          .not_after = std::chrono::hours(1000),
          .is_authority = true};
}

}  // namespace

TestCa::TestCa(const std::string& name, KeyKind key, const std::string& digest)
    : self_(Make(AuthorityOptions(name, key, digest), nullptr)) {}

TestCa::TestCa(const std::string& name, TestCa& parent)
    : self_(Make(AuthorityOptions(name, KeyKind::kP256, "SHA256"), &parent.self_)) {}

Leaf TestCa::Issue(const LeafOptions& options) {
  return Make(options, &self_);
}

void TestCa::Revoke(const std::string& cert_pem) {
  revoked_.push_back(cert_pem);
}

std::string TestCa::Crl(const CrlOptions& options) const {
  const CrlPtr crl(X509_CRL_new());
  X509_CRL_set_version(crl.get(), X509_CRL_VERSION_2);
  X509_CRL_set_issuer_name(crl.get(), X509_get_subject_name(ReadCertificate(self_.cert_pem).get()));
  const std::unique_ptr<ASN1_TIME, Freer<ASN1_TIME_free>> time(ASN1_TIME_new());
  SetTime(time.get(), options.last_update);
  X509_CRL_set1_lastUpdate(crl.get(), time.get());
  for (const std::string& pem : revoked_) {
    X509_REVOKED* entry = X509_REVOKED_new();
    X509_REVOKED_set_revocationDate(entry, time.get());
    X509_REVOKED_set_serialNumber(entry, X509_get_serialNumber(ReadCertificate(pem).get()));
    X509_CRL_add0_revoked(crl.get(), entry);
  }
  SetTime(time.get(), options.next_update);
  if (options.has_next_update) X509_CRL_set1_nextUpdate(crl.get(), time.get());
  X509_CRL_sort(crl.get());
  const KeyPtr key = ReadKey(self_.key_pem);
  Check(X509_CRL_sign(crl.get(), key.get(), DigestFor(key.get(), options.digest)) > 0, "sign CRL");
  return ToPem([&](BIO* bio) { return PEM_write_bio_X509_CRL(bio, crl.get()); });
}

std::string TestCa::NameHash() const {
  char text[16];
  std::snprintf(
      text, sizeof text, "%08lx", X509_subject_name_hash(ReadCertificate(self_.cert_pem).get()));
  return text;
}

}  // namespace platen::tls::testing
