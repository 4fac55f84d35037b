#include "services/collector/core/text.h"

#include <string>
#include <vector>

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

// Every charset that prtLocalizationCharacterSet is known to name, by its MIBenum.
TEST(TextTest, EveryCharsetThatPrintersDeclareIsRead) {
  struct Case {
    int charset;
    std::string bytes;
    std::string text;
  };

  using std::string_literals::operator""s;
  const std::vector<Case> cases = {
      {3, "Ready", "Ready"},
      {3, "Ger\xe4t", "Gerät"},  // Says ASCII, and sends more.
      {4,
       "\xc9"
       "puis\xe9",
       "Épuisé"},
      {5, "Gotowa \xbf\xf3\xb3ty", "Gotowa żółty"},
      {8, "\xc2\xde\xdd\xd5\xe0", "Тонер"},
      {12,
       "Yaz\xfd"
       "c\xfd \xfe\xf0",
       "Yazıcı şğ"},
      {17, "\x83\x67\x83\x69\x81\x5b", "トナー"},
      {17, "\xc4\xc5\xb0 A4", "ﾄﾅｰ A4"},  // Half-width.
      {106, "\xe3\x83\x88\xe3\x83\x8a\xe3\x83\xbc", "トナー"},
      {1000, "\0T\0o\0n\0e\0r"s, "Toner"},
      {1000, "\x30\xc8\x30\xca\x30\xfc", "トナー"},  // Without a NUL to tell it by.
      {1013, "\0E\0\xe9\0e"s, "Eée"},
      {1014, "T\0o\0\xe9\0"s, "Toé"},
      {1015, "\xfe\xff\0T\0o"s, "To"},
      {1015, "\xff\xfeT\0o\0"s, "To"},
      {1015, "\0T\0o"s, "To"},
      {2004,
       "Ger\xcc"
       "t",
       "Gerät"},
      {2004,
       "\xdc"
       "puis\xc5",
       "Épuisé"},
      {2024, "\x87\x40\x83\x67\x83\x69\x81\x5b", "①トナー"},  // NEC's own ①.
  };
  for (const Case& each : cases) {
    EXPECT_EQ(DecodeText(each.bytes, each.charset), each.text) << each.charset;
  }
}

TEST(TextTest, ACharacterThatIsCutOffIsLeftOut) {
  EXPECT_EQ(DecodeText("\x83\x67\x83\x69\x81", kShiftJis), "トナ");
  EXPECT_EQ(DecodeText(std::string("\0T\0o\0", 5), kUtf16), "To");
}

TEST(TextTest, TwoByteTextEndsAtItsOwnNul) {
  EXPECT_EQ(DecodeText(std::string("\0T\0o\0\0\0x", 8), kUtf16), "To");
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
