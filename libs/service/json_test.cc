#include "libs/service/json.h"

#include <gtest/gtest.h>

namespace platen::service {
namespace {

TEST(JsonStringTest, EscapesWhatJsonNeedsEscaped) {
  EXPECT_EQ(JsonString("a\"b\\c\n"), R"("a\"b\\c\u000a")");
  EXPECT_EQ(JsonString(std::string_view("\0\x1f\x7f", 3)), R"("\u0000\u001f\u007f")");
}

TEST(JsonStringTest, KeepsUtf8AndReplacesWhatIsNot) {
  EXPECT_EQ(JsonString("Grün €"), "\"Grün €\"");
  EXPECT_EQ(JsonString("\xff"), R"("\ufffd")");
  EXPECT_EQ(JsonString("\xe2\x82"), R"("\ufffd\ufffd")");
  EXPECT_EQ(JsonString("\xed\xa0\x80"), R"("\ufffd\ufffd\ufffd")") << "a surrogate";
  EXPECT_EQ(JsonString("\xc0\xaf"), R"("\ufffd\ufffd")") << "an overlong slash";
}

// Eight bytes are looked at together: each byte must be seen at each place.
TEST(JsonStringTest, FindsWhatIsSpecialWhereverItStands) {
  for (int c = 0; c < 0x80; ++c) {
    const std::string special(1, static_cast<char>(c));
    const std::string alone = JsonString(special);
    for (std::size_t at = 0; at <= 17; ++at) {
      const std::string before(at, 'a');
      const std::string after(17 - at, '~');
      EXPECT_EQ(JsonString(before + special + after),
                "\"" + before + alone.substr(1, alone.size() - 2) + after + "\"")
          << c << " at " << at;
    }
  }
}

}  // namespace
}  // namespace platen::service
