#include "libs/base/field_digest.h"

#include <gtest/gtest.h>

#include "libs/base/ids.h"

namespace platen::base {
namespace {

std::string Hex(const FieldDigest& fields) {
  const auto digest = fields.Sha256();
  return HexEncode({reinterpret_cast<const char*>(digest.data()), digest.size()});
}

TEST(FieldDigestTest, TellsWhereOneFieldEndsAndTheNextBegins) {
  FieldDigest left;
  left.Text("ab");
  left.Text("c");
  FieldDigest right;
  right.Text("a");
  right.Text("bc");

  EXPECT_NE(Hex(left), Hex(right));
}

// Ids are stored for years: the encoding must never change by accident. The figure is that of
// printf '\0\0\0\2ab\0\0\0\10\0\0\0\0\0\0\0\7' | sha256sum
TEST(FieldDigestTest, NeverChanges) {
  FieldDigest fields;
  fields.Text("ab");
  fields.Number(7);

  EXPECT_EQ(Hex(fields), "677187f4b0eb3a2bbb293f0b8278695dc6b2e175a47bf3b1792e2595e062b6b8");
}

}  // namespace
}  // namespace platen::base
