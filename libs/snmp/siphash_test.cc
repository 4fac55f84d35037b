#include "libs/snmp/siphash.h"

#include <cstring>

#include <gtest/gtest.h>
#include <openssl/core_names.h>
#include <openssl/evp.h>

namespace platen::snmp {
namespace {

std::uint64_t ByOpenSsl(const SipKey& key, std::uint64_t a, std::uint64_t b) {
  EVP_MAC* mac = EVP_MAC_fetch(nullptr, "SIPHASH", nullptr);
  EVP_MAC_CTX* context = EVP_MAC_CTX_new(mac);
  std::size_t size = 8;
  OSSL_PARAM parameters[] = {OSSL_PARAM_construct_size_t(OSSL_MAC_PARAM_SIZE, &size),
                             OSSL_PARAM_construct_end()};
  unsigned char key_bytes[16];
  std::memcpy(key_bytes, &key.k0, 8);
  std::memcpy(key_bytes + 8, &key.k1, 8);
  std::uint64_t out = 0;
  EVP_MAC_init(context, key_bytes, sizeof key_bytes, parameters);
  EVP_MAC_update(context, reinterpret_cast<const unsigned char*>(&a), 8);
  EVP_MAC_update(context, reinterpret_cast<const unsigned char*>(&b), 8);
  EVP_MAC_final(context, reinterpret_cast<unsigned char*>(&out), &size, sizeof out);
  EVP_MAC_CTX_free(context);
  EVP_MAC_free(mac);
  return out;
}

TEST(SipHashTest, AgreesWithOpenSsl) {
  const SipKey key{0x0706050403020100, 0x0f0e0d0c0b0a0908};
  for (std::uint64_t i = 0; i < 50; ++i) {
    EXPECT_EQ(SipHash(key, i * 0x9e3779b97f4a7c15, i), ByOpenSsl(key, i * 0x9e3779b97f4a7c15, i));
  }
}

}  // namespace
}  // namespace platen::snmp
