#include "services/collector/core/text.h"

#include <gtest/gtest.h>

namespace platen::collector::core {
namespace {

constexpr int kLatin2 = 5;
constexpr int kCyrillic = 8;
constexpr int kShiftJis = 17;
constexpr int kUtf16 = 1013;
constexpr int kRoman8 = 2004;

TEST(TextTest, ValidUtf8WinsOverTheDeclaredCharset) {
  EXPECT_EQ(DecodeText("\xe8\xaf\xb7\xe7\xad\x89", kLatin2), "请等");
  EXPECT_EQ(DecodeText("Stap. Kopi\xc3\xab"
                       "en",
                       kRoman8),
            "Stap. Kopiëen");
}

TEST(TextTest, OtherwiseTheDeclaredCharsetIsUsed) {
  EXPECT_EQ(DecodeText("\xb1\xe6\xea", kLatin2), "ąćę");
  EXPECT_EQ(DecodeText("\xb3\xde\xe2\xde\xd2\xde", kCyrillic), "Готово");
  EXPECT_EQ(DecodeText("Ger\xcc"
                       "t",
                       kRoman8),
            "Gerät");
  EXPECT_EQ(DecodeText("\x83\x67\x83\x69\x81\x5b", kShiftJis), "トナー");
}

TEST(TextTest, LatinOneIsTheLastResort) {
  EXPECT_EQ(DecodeText("Ger\xe4t", 0), "Gerät");
  EXPECT_EQ(DecodeText("\xff\xff", kShiftJis), "ÿÿ");
}

TEST(TextTest, TwoByteCharsetsAreDecodedBeforeTheirNulsEndTheText) {
  EXPECT_EQ(DecodeText(std::string("\0T\0o\0n\0e\0r", 10), kUtf16), "Toner");
}

TEST(TextTest, NulPaddingAndBlanksGoAway) {
  EXPECT_EQ(DecodeText(std::string("  Tray 1  \0\0\0", 13), 0), "Tray 1");
  EXPECT_EQ(DecodeText("", 0), "");
  EXPECT_EQ(DecodeText(std::string(4, '\0'), 0), "");
}

TEST(TextTest, ControlCharactersNeverReachATerminal) {
  EXPECT_EQ(DecodeText("a\x1b[31mb\x7f\xc2\x9b"
                       "c\nd",
                       0),
            "a[31mbc\nd");
}

TEST(TextTest, LongTextIsCutAtACharactersEnd) {
  std::string text;
  for (int i = 0; i < 3000; ++i) text += "é";

  const std::string decoded = DecodeText(text, 0);

  EXPECT_LE(decoded.size(), kMaxTextBytes);
  EXPECT_TRUE(IsValidUtf8(decoded));
}

TEST(TextTest, InvalidUtf8IsRecognised) {
  EXPECT_FALSE(IsValidUtf8("\xc0\x80"));          // Overlong.
  EXPECT_FALSE(IsValidUtf8("\xed\xa0\x80"));      // Surrogate.
  EXPECT_FALSE(IsValidUtf8("\xf4\x90\x80\x80"));  // Above U+10FFFF.
  EXPECT_FALSE(IsValidUtf8("\xe2\x82"));          // Cut off.
  EXPECT_TRUE(IsValidUtf8("\xf0\x9f\x96\xa8"));
}

TEST(TextTest, PmlStringsLoseTheirSymbolSet) {
  EXPECT_EQ(DecodePml("\x01\x15VNCRC48198"), "VNCRC48198");
  EXPECT_EQ(DecodePml("\x01\x15"
                      "Ger\xcc"
                      "t"),
            "Gerät");
  EXPECT_EQ(DecodePml("20201023"), "20201023");
}

TEST(TextTest, DeviceIdKeysAreFoundInAnyCase) {
  const std::string_view id = "MANUFACTURE:OKI UK LTD; model:MC873 ;CLS:;";

  EXPECT_EQ(Ieee1284Value(id, {"MFG", "MANUFACTURE"}), "OKI UK LTD");
  EXPECT_EQ(Ieee1284Value(id, {"MDL", "MODEL"}), "MC873");
  EXPECT_EQ(Ieee1284Value(id, {"CLS"}), std::nullopt);
  EXPECT_EQ(Ieee1284Value("", {"MDL"}), std::nullopt);
}

}  // namespace
}  // namespace platen::collector::core
