#include "libs/tls/openssl_policy.h"

#include <cstdlib>

#include <openssl/conf.h>
#include <openssl/crypto.h>
#include <openssl/ssl.h>

#include "libs/base/status.h"
#include "libs/tls/x509.h"

namespace platen::tls {
namespace {

constexpr const char* kTls12Suites = "ECDHE-ECDSA-AES256-GCM-SHA384:ECDHE-RSA-AES256-GCM-SHA384";
constexpr const char* kTls13Suites = "TLS_AES_256_GCM_SHA384";

using ConfPtr = std::unique_ptr<CONF, Freer<NCONF_free>>;

}  // namespace

std::string OpenSslConfigText() {
  return base::StrCat(
      "openssl_conf = platen\n"
      "[platen]\n"
      "ssl_conf = contexts\n"
      "[contexts]\n"
      "system_default = policy\n"
      "[policy]\n"
      "MinProtocol = TLSv1.2\n"
      "CipherString = ",
      kTls12Suites,
      ":@SECLEVEL=2\n"
      "Ciphersuites = ",
      kTls13Suites,
      "\n");
}

absl::Status InstallOpenSslPolicy() {
  // From here on OpenSSL does not read the machine's openssl.cnf, which would replace what follows.
  if (OPENSSL_init_crypto(OPENSSL_INIT_NO_LOAD_CONFIG, nullptr) != 1 ||
      OPENSSL_init_ssl(OPENSSL_INIT_NO_LOAD_CONFIG, nullptr) != 1) {
    return base::Internal("OpenSSL did not start: ", TakeOpenSslErrors());
  }
  OPENSSL_load_builtin_modules();
  const std::string text = OpenSslConfigText();
  const BioPtr bio(BIO_new_mem_buf(text.data(), static_cast<int>(text.size())));
  const ConfPtr conf(NCONF_new(nullptr));
  long error_line = 0;
  if (NCONF_load_bio(conf.get(), bio.get(), &error_line) != 1 ||
      CONF_modules_load(conf.get(), nullptr, 0) <= 0) {
    return base::Internal("OpenSSL refused the TLS policy: ", TakeOpenSslErrors());
  }
  // No other thread exists that could read the environment.
  if (setenv("GRPC_SSL_CIPHER_SUITES", kTls12Suites, 1) != 0)
    return base::Internal("setenv failed");
  return absl::OkStatus();
}

}  // namespace platen::tls
