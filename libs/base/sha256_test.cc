#include "libs/base/sha256.h"

#include <gtest/gtest.h>

#include "libs/base/ids.h"

namespace platen::base {
namespace {

template <class Bytes>
std::string Hex(const Bytes& bytes) {
  return HexEncode({reinterpret_cast<const char*>(bytes.data()), bytes.size()});
}

// FIPS 180-4's examples.
TEST(Sha256Test, IsTheHash) {
  EXPECT_EQ(Hex(Sha256("")), "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
  EXPECT_EQ(Hex(Sha256("abc")), "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
  EXPECT_EQ(Hex(Sha256String("abc")), Hex(Sha256("abc")));
}

// RFC 4231, 4.2, 4.3 and 4.7 (a key longer than a block), and what Python's hmac makes of no key.
TEST(HmacSha256Test, IsTheSignature) {
  EXPECT_EQ(Hex(HmacSha256(std::string(20, '\x0b')).Sign({"Hi There"})),
            "b0344c61d8db38535ca8afceaf0bf12b881dc200c9833da726e9376c2e32cff7");
  EXPECT_EQ(Hex(HmacSha256("Jefe").Sign({"what do ya want for nothing?"})),
            "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843");
  EXPECT_EQ(Hex(HmacSha256(std::string(131, '\xaa'))
                    .Sign({"Test Using Larger Than Block-Size Key - Hash Key First"})),
            "60e431591ee0b67f0d8a26aacbf5b77f8e0bc6213728c5140546040f0ee37f54");
  EXPECT_EQ(Hex(HmacSha256("").Sign({""})),
            "b613679a0814d9ec772f95d778c35fc5ff1697c493715653c6c712144292c5ad");
}

TEST(HmacSha256Test, SignsAgainAsIfItHadNotSignedBefore) {
  HmacSha256 jefe("Jefe");
  const auto first = jefe.Sign({"what do ya want for nothing?"});
  EXPECT_NE(jefe.Sign({"something else"}), first);
  EXPECT_EQ(jefe.Sign({"what do ya ", "want for nothing?"}), first);
}

}  // namespace
}  // namespace platen::base
