#include "libs/base/sha256.h"

#include <openssl/core_names.h>
#include <openssl/evp.h>
#include <openssl/params.h>

#include "absl/base/internal/raw_logging.h"

namespace platen::base {
namespace {

const unsigned char* Bytes(std::string_view text) {
  return reinterpret_cast<const unsigned char*>(text.data());
}

}  // namespace

struct HmacSha256::Context {
  EVP_MAC_CTX* mac = nullptr;
};

std::array<std::uint8_t, kSha256Size> Sha256(std::string_view bytes) {
  // Kept until the process ends.
  static EVP_MD* const algorithm = EVP_MD_fetch(nullptr, "SHA256", nullptr);
  std::array<std::uint8_t, kSha256Size> digest{};
  const int done =
      EVP_Digest(bytes.data(), bytes.size(), digest.data(), nullptr, algorithm, nullptr);
  ABSL_RAW_CHECK(done == 1, "SHA-256 must not fail");
  return digest;
}

std::string Sha256String(std::string_view bytes) {
  const auto digest = Sha256(bytes);
  return {digest.begin(), digest.end()};
}

HmacSha256::HmacSha256(std::string_view key) : context_(std::make_unique<Context>()) {
  // Kept until the process ends.
  static EVP_MAC* const algorithm = EVP_MAC_fetch(nullptr, "HMAC", nullptr);
  context_->mac = EVP_MAC_CTX_new(algorithm);
  char digest[] = "SHA256";
  const OSSL_PARAM parameters[] = {
      OSSL_PARAM_construct_utf8_string(OSSL_MAC_PARAM_DIGEST, digest, 0),
      OSSL_PARAM_construct_end()};
  // Without bytes the pointer must not be null all the same: null stands for the key before.
  const int done =
      EVP_MAC_init(context_->mac, key.empty() ? Bytes("") : Bytes(key), key.size(), parameters);
  ABSL_RAW_CHECK(done == 1, "HMAC-SHA-256 must not fail");
}

HmacSha256::~HmacSha256() {
  EVP_MAC_CTX_free(context_->mac);
}

std::array<std::uint8_t, kSha256Size> HmacSha256::Sign(
    std::initializer_list<std::string_view> parts) {
  std::array<std::uint8_t, kSha256Size> signature{};
  EVP_MAC_CTX* const mac = context_->mac;
  // Without a key: with the one before.
  bool done = EVP_MAC_init(mac, nullptr, 0, nullptr) == 1;
  for (const std::string_view part : parts) {
    done = done && EVP_MAC_update(mac, Bytes(part), part.size()) == 1;
  }
  std::size_t size = 0;
  done = done && EVP_MAC_final(mac, signature.data(), &size, signature.size()) == 1;
  ABSL_RAW_CHECK(done && size == signature.size(), "HMAC-SHA-256 must not fail");
  return signature;
}

}  // namespace platen::base
