#include "libs/event/serial_number.h"

#include <gtest/gtest.h>

namespace platen::event {
namespace {

using std::string_literals::operator""s;

TEST(SerialNumberTest, SpellingsOfOneNumberAreOne) {
  EXPECT_EQ(SerialEvidence("", "E71833C4J372261"), "E71833C4J372261");
  EXPECT_EQ(SerialEvidence("", "  e71833c4j372261 \r\n"), "E71833C4J372261");
  EXPECT_EQ(SerialEvidence("", "E71833C4J372261\0\0"s), "E71833C4J372261");
  EXPECT_EQ(SerialEvidence("", "00E71833C4J372261"), "E71833C4J372261");
}

TEST(SerialNumberTest, SharpsTailIsNotPartOfTheNumber) {
  EXPECT_EQ(SerialEvidence("Sharp", "2510338YX00"), "2510338Y");
  EXPECT_EQ(SerialEvidence("SHARP", "2510338Y00"), "2510338Y");
  EXPECT_EQ(SerialEvidence("Sharp", "2510338Y"), "2510338Y");
  EXPECT_EQ(SerialEvidence("Kyocera", "2510338YX00"), "2510338YX00");
}

TEST(SerialNumberTest, PlaceholdersAreNoEvidence) {
  for (const char* text : {"",
                           "   ",
                           "0000000000",
                           "XXXXXXX",
                           "xxxxxx-xxxx",
                           "------",
                           "FFFFFFFF",
                           "Not Set",
                           "not_set",
                           "unknown",
                           "N/A",
                           "(none)",
                           "Default",
                           "123456789",
                           "0123456789",
                           "1234567890",
                           "To be filled by O.E.M."}) {
    EXPECT_EQ(SerialEvidence("", text), "") << text;
  }
}

TEST(SerialNumberTest, ShortAndRepetitiveNumbersAreNumbers) {
  EXPECT_EQ(SerialEvidence("", "X1"), "X1");
  EXPECT_EQ(SerialEvidence("", "11111112"), "11111112");
  EXPECT_EQ(SerialEvidence("", "12345"), "12345");
}

}  // namespace
}  // namespace platen::event
