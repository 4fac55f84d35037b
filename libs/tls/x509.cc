#include "libs/tls/x509.h"

#include <algorithm>
#include <ctime>

#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/x509v3.h>

#include "libs/base/status.h"

namespace platen::tls {
namespace {

constexpr std::size_t kSubjectBytesMax = 200;
constexpr std::size_t kPemBytesMax = 16 * 1024 * 1024;

BioPtr Open(std::string_view pem) {
  return BioPtr(BIO_new_mem_buf(pem.data(), static_cast<int>(pem.size())));
}

// Whether reading stopped because there was no more, as it always does at the end.
bool AtEnd() {
  const unsigned long error = ERR_peek_last_error();
  const bool end =
      ERR_GET_LIB(error) == ERR_LIB_PEM && ERR_GET_REASON(error) == PEM_R_NO_START_LINE;
  if (end) ERR_clear_error();
  return end;
}

template <class Ptr, class Read>
absl::StatusOr<std::vector<Ptr>> ParseAll(std::string_view pem, const char* what, Read read) {
  if (pem.size() > kPemBytesMax) return base::InvalidArgument("more than 16 MiB of PEM");
  ERR_clear_error();
  std::vector<Ptr> all;
  const BioPtr bio = Open(pem);
  while (Ptr one{read(bio.get())}) all.push_back(std::move(one));
  if (!AtEnd())
    return base::InvalidArgument("a ", what, " is not valid PEM: ", TakeOpenSslErrors());
  return all;
}

std::string TextOf(const BIO* bio) {
  char* data = nullptr;
  const long size = BIO_get_mem_data(const_cast<BIO*>(bio), &data);
  return std::string(data, static_cast<std::size_t>(size));
}

bool IsPlain(std::string_view name) {
  return !name.empty() &&
         std::all_of(name.begin(), name.end(), [](char c) { return c > 0x20 && c < 0x7f; });
}

int RefusePassword(char*, int, int, void*) {
  return -1;
}

}  // namespace

std::string TakeOpenSslErrors() {
  std::string text;
  char buffer[256];
  while (const unsigned long error = ERR_get_error()) {
    const char* reason = ERR_reason_error_string(error);
    ERR_error_string_n(error, buffer, sizeof buffer);
    text += base::StrCat(text.empty() ? "" : "; ", reason == nullptr ? buffer : reason);
  }
  return text.empty() ? "no reason given" : text;
}

absl::StatusOr<std::vector<X509Ptr>> ParseCertificates(std::string_view pem) {
  return ParseAll<X509Ptr>(pem, "certificate", [](BIO* bio) {
    return PEM_read_bio_X509(bio, nullptr, nullptr, nullptr);
  });
}

absl::StatusOr<std::vector<CrlPtr>> ParseCrls(std::string_view pem) {
  return ParseAll<CrlPtr>(pem, "revocation list", [](BIO* bio) {
    return PEM_read_bio_X509_CRL(bio, nullptr, nullptr, nullptr);
  });
}

absl::StatusOr<KeyPtr> ParseKey(std::string_view pem) {
  ERR_clear_error();
  const BioPtr bio = Open(pem);
  KeyPtr key(PEM_read_bio_PrivateKey(bio.get(), nullptr, RefusePassword, nullptr));
  if (key == nullptr)
    return base::InvalidArgument("no private key that can be read: ", TakeOpenSslErrors());
  return key;
}

std::string NameText(const X509_NAME* name) {
  const BioPtr bio(BIO_new(BIO_s_mem()));
  X509_NAME_print_ex(bio.get(), name, 0, XN_FLAG_RFC2253);
  std::string text = TextOf(bio.get());
  if (text.size() > kSubjectBytesMax) text.resize(kSubjectBytesMax);
  return text.empty() ? "(no subject)" : text;
}

std::string SubjectOf(const X509* certificate) {
  return NameText(X509_get_subject_name(certificate));
}

std::string CommonNameOf(const X509* certificate) {
  const X509_NAME* name = X509_get_subject_name(certificate);
  const int index = X509_NAME_get_index_by_NID(name, NID_commonName, -1);
  if (index < 0) return "";
  unsigned char* utf8 = nullptr;
  const int size =
      ASN1_STRING_to_UTF8(&utf8, X509_NAME_ENTRY_get_data(X509_NAME_get_entry(name, index)));
  if (size < 0) return "";
  std::string text(reinterpret_cast<const char*>(utf8), static_cast<std::size_t>(size));
  OPENSSL_free(utf8);
  // A zero byte would let two different names look alike.
  return text.find('\0') == std::string::npos ? text : "";
}

std::string SerialOf(const X509* certificate) {
  const std::unique_ptr<BIGNUM, Freer<BN_free>> number(
      ASN1_INTEGER_to_BN(X509_get0_serialNumber(certificate), nullptr));
  char* hex = BN_bn2hex(number.get());
  std::string text(hex);
  OPENSSL_free(hex);
  return text;
}

AlternativeNames AlternativeNamesOf(const X509* certificate) {
  AlternativeNames names;
  const std::unique_ptr<GENERAL_NAMES, Freer<GENERAL_NAMES_free>> all(static_cast<GENERAL_NAMES*>(
      X509_get_ext_d2i(certificate, NID_subject_alt_name, nullptr, nullptr)));
  for (int i = 0; all != nullptr && i < sk_GENERAL_NAME_num(all.get()); ++i) {
    const GENERAL_NAME* name = sk_GENERAL_NAME_value(all.get(), i);
    if (name->type != GEN_DNS && name->type != GEN_URI) continue;
    const ASN1_IA5STRING* value = name->d.ia5;
    std::string text(reinterpret_cast<const char*>(ASN1_STRING_get0_data(value)),
                     static_cast<std::size_t>(ASN1_STRING_length(value)));
    if (IsPlain(text)) (name->type == GEN_DNS ? names.dns : names.uris).push_back(std::move(text));
  }
  return names;
}

base::WallTime ToWallTime(const ASN1_TIME* time) {
  std::tm parts{};
  if (ASN1_TIME_to_tm(time, &parts) != 1) return base::WallTime();
  return base::WallTime(std::chrono::seconds(timegm(&parts)));
}

}  // namespace platen::tls
