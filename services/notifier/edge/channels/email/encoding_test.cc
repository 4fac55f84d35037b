#include "services/notifier/edge/channels/email/encoding.h"

#include <gtest/gtest.h>

namespace platen::notifier::edge {
namespace {

TEST(EncodeHeaderTest, LeavesPlainTextAsItIs) {
  EXPECT_EQ(EncodeHeader("[Acme/HQ] HL-L5100DN: jam in tray 2"),
            "[Acme/HQ] HL-L5100DN: jam in tray 2");
}

TEST(EncodeHeaderTest, EncodesOtherCharactersInWords) {
  EXPECT_EQ(EncodeHeader("Tür offen"), "=?UTF-8?B?VMO8ciBvZmZlbg==?=");
}

TEST(EncodeHeaderTest, FoldsLongTextAtCharacters) {
  const std::string encoded = EncodeHeader(std::string(44, 'a') + "ü" + std::string(44, 'b'));

  // 44 letters fill the first word but for one byte, and the two bytes of ü stay together.
  EXPECT_EQ(encoded,
            "=?UTF-8?B?YWFhYWFhYWFhYWFhYWFhYWFhYWFhYWFhYWFhYWFhYWFhYWFhYWFhYWFhYWE=?=\r\n "
            "=?UTF-8?B?w7xiYmJiYmJiYmJiYmJiYmJiYmJiYmJiYmJiYmJiYmJiYmJiYmJiYmJiYmJi?=\r\n "
            "=?UTF-8?B?Yg==?=");
}

TEST(EncodeHeaderTest, LetsNoTextBeginAHeader) {
  EXPECT_EQ(EncodeHeader("jam\r\nBcc: all@example.com\n\tx"), "jam  Bcc: all@example.com  x");
  EXPECT_EQ(EncodeHeader("ü\r\nBcc: x").find("\r\nBcc"), std::string::npos);
  EXPECT_EQ(EncodeHeader("=?UTF-8?Q?hidden?=").rfind("=?UTF-8?B?", 0), 0u);
}

TEST(QuotedPrintableTest, KeepsReadableTextReadable) {
  EXPECT_EQ(QuotedPrintable("a = b\nnext"), "a =3D b\r\nnext");
  EXPECT_EQ(QuotedPrintable("T\xC3\xBCr"), "T=C3=BCr");
  EXPECT_EQ(QuotedPrintable("end \nx "), "end=20\r\nx=20");
}

TEST(QuotedPrintableTest, BreaksLongLines) {
  const std::string encoded = QuotedPrintable(std::string(200, 'x'));

  EXPECT_EQ(encoded.substr(0, 78), std::string(75, 'x') + "=\r\n");
  for (std::size_t begin = 0; begin < encoded.size();) {
    const std::size_t end = std::min(encoded.find("\r\n", begin), encoded.size());
    EXPECT_LE(end - begin, 76u);
    begin = end + 2;
  }
}

}  // namespace
}  // namespace platen::notifier::edge
