#include "libs/snmp/usm/keys.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "libs/base/ids.h"

namespace platen::snmp::usm {
namespace {

using ::testing::HasSubstr;

// RFC 3414 §A.3 and RFC 7860 (errata) use this engine and this password.
const std::string kEngine("\0\0\0\0\0\0\0\0\0\0\0\2", 12);
constexpr std::string_view kPassword = "maplesyrup";

std::string Hex(const Key& key) {
  return base::HexEncode({reinterpret_cast<const char*>(key.bytes.data()), key.size});
}

TEST(KeysTest, PasswordsBecomeTheKeysOfTheRfc) {
  const Key md5 = PasswordToKey(AuthProtocol::kMd5, kPassword);
  EXPECT_EQ(Hex(md5), "9faf3283884e92834ebc9847d8edd963");
  EXPECT_EQ(Hex(Localize(AuthProtocol::kMd5, md5, kEngine)), "526f5eed9fcce26f8964c2930787d82b");
  const Key sha1 = PasswordToKey(AuthProtocol::kSha1, kPassword);
  EXPECT_EQ(Hex(sha1), "9fb5cc0381497b3793528939ff788d5d79145211");
  EXPECT_EQ(Hex(Localize(AuthProtocol::kSha1, sha1, kEngine)),
            "6695febc9288e36282235fc7151f128497b38f3f");
}

UserOptions Somebody(AuthProtocol auth, PrivProtocol priv) {
  return {.name = "somebody",
          .auth = auth,
          .auth_password = std::string(kPassword),
          .priv = priv,
          .priv_password = std::string(kPassword)};
}

// draft-reeder-snmpv3-usm-3desede-00 §B.1 and §B.2: the first bytes of what it says for 3DES.
TEST(KeysTest, ReedersExtensionIsThatOfTheDraft) {
  UserOptions options = Somebody(AuthProtocol::kMd5, PrivProtocol::kAes256);
  options.extension = KeyExtension::kReeder;
  EXPECT_EQ(Hex(User(options).KeysFor(kEngine)->priv_key),
            "526f5eed9fcce26f8964c2930787d82b79eff44a90650ee0a3a40abfac5acc12");
  options.auth = AuthProtocol::kSha1;
  EXPECT_EQ(Hex(User(options).KeysFor(kEngine)->priv_key),
            "6695febc9288e36282235fc7151f128497b38f3f9b8b6d78936ba6e7d19dfd9c");
}

TEST(KeysTest, KeysHaveTheLengthOfTheCipher) {
  for (const AuthProtocol auth : {AuthProtocol::kMd5,
                                  AuthProtocol::kSha1,
                                  AuthProtocol::kSha224,
                                  AuthProtocol::kSha256,
                                  AuthProtocol::kSha384,
                                  AuthProtocol::kSha512}) {
    for (const PrivProtocol priv : {PrivProtocol::kDes,
                                    PrivProtocol::kAes128,
                                    PrivProtocol::kAes192,
                                    PrivProtocol::kAes256}) {
      const auto keys = User(Somebody(auth, priv)).KeysFor(kEngine);
      EXPECT_EQ(keys->auth_key.size, DigestBytes(auth)) << Name(auth);
      EXPECT_EQ(keys->priv_key.size, KeyBytes(priv)) << Name(auth) << " " << Name(priv);
    }
  }
}

TEST(KeysTest, OneEnginesKeysAreSharedAndThoseOfNobodyGo) {
  User user(Somebody(AuthProtocol::kSha256, PrivProtocol::kAes128));
  const auto first = user.KeysFor("engine of two");
  EXPECT_EQ(user.KeysFor("engine of two"), first);
  EXPECT_NE(user.KeysFor("another engine")->auth_key, first->auth_key);
  for (int i = 0; i < 1000; ++i) user.KeysFor("engine " + std::to_string(i));
  EXPECT_LE(user.engines(), User::kSweepMin);
  EXPECT_EQ(user.KeysFor("engine of two"), first);
}

TEST(KeysTest, WhatCantBeAUserIsRefusedWithTheReason) {
  EXPECT_TRUE(Validate(Somebody(AuthProtocol::kSha256, PrivProtocol::kAes128)).ok());
  EXPECT_TRUE(Validate({.name = "open"}).ok());
  EXPECT_THAT(Validate({}).message(), HasSubstr("name"));
  UserOptions options = Somebody(AuthProtocol::kNone, PrivProtocol::kAes128);
  EXPECT_THAT(Validate(options).message(), HasSubstr("privacy needs authentication"));
  options = Somebody(AuthProtocol::kSha256, PrivProtocol::kNone);
  options.auth_password = "7 bytes";
  EXPECT_THAT(Validate(options).message(), HasSubstr("password for authentication"));
  options = Somebody(AuthProtocol::kSha256, PrivProtocol::kAes128);
  options.priv_password = "";
  EXPECT_THAT(Validate(options).message(), HasSubstr("password for privacy"));
}

}  // namespace
}  // namespace platen::snmp::usm
