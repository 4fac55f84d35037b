#include "services/collector/core/redact.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "libs/base/ids.h"
#include "libs/base/random.h"
#include "libs/snmp/recording.h"
#include "services/collector/core/mask.h"
#include "services/collector/core/said.h"
#include "services/collector/core/text.h"

namespace platen::collector::core {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

constexpr std::string_view kSerialOid = "1.3.6.1.2.1.43.5.1.1.17.1";
constexpr std::string_view kVendor = "1.3.6.1.4.1.99999.";

std::string Under(std::string_view rest) {
  return std::string(kVendor) + std::string(rest);
}

Redacted RedactedOf(const Said& said, std::vector<std::string> secrets = {}) {
  static const ProfileSet kNoProfiles;
  const std::vector<snmp::Varbind> rows = said.Sorted();
  auto redacted = Redact(
      {.readings = rows, .profiles = &kNoProfiles, .key = {1, 2}, .secrets = std::move(secrets)});
  EXPECT_TRUE(redacted.ok()) << redacted.status();
  return *std::move(redacted);
}

std::string TextAt(const Redacted& redacted, std::string_view oid) {
  const snmp::Varbind* row = Readings(redacted.rows).Find(*snmp::Oid::Parse(oid));
  return row == nullptr ? "absent" : std::string(row->value.AsBytes().value_or("no text"));
}

std::string FileOf(const Redacted& redacted) {
  std::string text;
  for (const snmp::Varbind& row : redacted.rows) text += snmp::ToSnmprec(row.view()) + "\n";
  return text;
}

TEST(RedactTest, TheSameSecretHasTheSameMaskInEveryText) {
  const Redacted redacted = RedactedOf(Said()
                                           .Printer(1)
                                           .Text(kSerialOid, "XYZ1234567")
                                           .Text("1.3.6.1.2.1.1.1.0", "Acme 9 xyz1234567 v1")
                                           .Text(Under("1.0"), "SERIAL XYZ1234567"));

  const std::string mask = TextAt(redacted, kSerialOid);
  ASSERT_EQ(mask.size(), 10U);
  EXPECT_NE(mask, "XYZ1234567");
  EXPECT_THAT(mask, ::testing::MatchesRegex("[A-Z][A-Z][A-Z][0-9]+"));
  EXPECT_EQ(TextAt(redacted, "1.3.6.1.2.1.1.1.0"), "Acme 9 " + LowerCase(mask) + " v1");
  EXPECT_EQ(TextAt(redacted, Under("1.0")), "SERIAL " + mask);
}

TEST(RedactTest, AMacKeepsItsMakerInOctetsAndInText) {
  const std::string_view mac("\x00\x1b\xa9\x12\x34\x56", 6);
  const Redacted redacted = RedactedOf(Said()
                                           .Text("1.3.6.1.2.1.2.2.1.6.1", mac)
                                           .Text("1.3.6.1.2.1.1.5.0", "BRN001BA9123456")
                                           .Text(Under("2.0"), "00:1b:a9:12:34:56"));

  const std::string mask = TextAt(redacted, "1.3.6.1.2.1.2.2.1.6.1");
  EXPECT_EQ(mask.substr(0, 3), mac.substr(0, 3));
  EXPECT_NE(mask, mac);
  std::string hex = base::HexEncode(mask);
  EXPECT_THAT(LowerCase(TextAt(redacted, "1.3.6.1.2.1.1.5.0")), ::testing::EndsWith(hex));
  for (std::size_t i = 10; i > 0; i -= 2) hex.insert(i, ":");
  EXPECT_EQ(TextAt(redacted, Under("2.0")), hex);
}

TEST(RedactTest, AnAddressIsMaskedInOctetsTextNumbersAndIndexes) {
  const Redacted redacted =
      RedactedOf(Said()
                     .Text(Under("1.0"), "http://192.168.17.4/")
                     .Count(Under("2.0"), (192U << 24) + (168U << 16) + (17U << 8) + 4)
                     .Number(Under("3.1.192.168.17.4"), 1)
                     .Text(Under("4.0"), std::string_view("\xc0\xa8\x11\x04", 4)),
                 {"192.168.17.4"});

  const std::string file = FileOf(redacted);
  for (const char* spelt : {"192.168.17.4", "3232239876", "c0a81104"}) {
    EXPECT_THAT(file, Not(HasSubstr(spelt)));
  }
  EXPECT_EQ(redacted.rows.size(), 4U);
  const std::string text = TextAt(redacted, Under("1.0"));
  const std::string address = text.substr(7, 12);
  EXPECT_EQ(text.size(), 20U);
  EXPECT_THAT(file, HasSubstr("99999.3.1." + address + "|"));
}

TEST(RedactTest, PlacesAndPersonsGoAndOrdinaryWordsOfSuppliesStay) {
  const Redacted redacted = RedactedOf(Said()
                                           .Text("1.3.6.1.2.1.1.4.0", "J. Miller, ext 512")
                                           .Text("1.3.6.1.2.1.1.6.0", "Black Tower 3")
                                           .Text("1.3.6.1.2.1.43.11.1.1.6.1.1", "Black Toner")
                                           .Text("1.3.6.1.2.1.43.18.1.1.8.1.1", "job of miller"));

  EXPECT_THAT(TextAt(redacted, "1.3.6.1.2.1.1.4.0"), Not(HasSubstr("512")));
  EXPECT_THAT(TextAt(redacted, "1.3.6.1.2.1.1.6.0"), Not(HasSubstr("Tower")));
  EXPECT_EQ(TextAt(redacted, "1.3.6.1.2.1.43.11.1.1.6.1.1"), "Black Toner");
  EXPECT_THAT(TextAt(redacted, "1.3.6.1.2.1.43.18.1.1.8.1.1"), Not(HasSubstr("miller")));
}

TEST(RedactTest, AVendorsOwnTextsThatNobodyReadsKeepOrdinaryWordsOnly) {
  const Redacted redacted =
      RedactedOf(Said()
                     .Text(Under("1.0"), "Tray 2: A4, total copies 1200")
                     .Text(Under("2.0"), "Salaries_2026.xlsx of jsmith")
                     .Text(Under("3.0"), std::string_view("j\0s\0m\0i\0t\0h", 11)));

  EXPECT_EQ(TextAt(redacted, Under("1.0")), "Tray 2: A4, total copies 1200");
  for (const char* word : {"Salaries", "jsmith"}) {
    EXPECT_THAT(FileOf(redacted), Not(HasSubstr(word)));
  }
  EXPECT_NE(TextAt(redacted, Under("3.0")), std::string_view("j\0s\0m\0i\0t\0h", 11));
}

TEST(RedactTest, ANameInTheIndexOfAVendorsTableIsMasked) {
  const Redacted redacted = RedactedOf(Said().Number(Under("8.6.106.115.109.105.116.104"), 3));

  ASSERT_EQ(redacted.rows.size(), 1U);
  const std::string name = redacted.rows[0].name.ToString();
  EXPECT_TRUE(name.starts_with(Under("8.6."))) << name;
  EXPECT_THAT(name, Not(HasSubstr("106.115.109")));
}

TEST(RedactTest, TheAddressThatWasAskedIsASecretThoughItLooksLikeAVersion) {
  const Redacted redacted = RedactedOf(Said().Text("1.3.6.1.2.1.1.1.0", "at 9.1.2.3"), {"9.1.2.3"});

  EXPECT_THAT(TextAt(redacted, "1.3.6.1.2.1.1.1.0"), Not(HasSubstr("9.1.2.3")));
}

// Names, values of all types, and bytes that make no sense: masks change no length and no type.
TEST(RedactTest, AnythingIsRedactedAndKeepsItsLengthAndType) {
  constexpr snmp::ValueType kTypes[] = {
      snmp::ValueType::kOctetString, snmp::ValueType::kOpaque, snmp::ValueType::kIpAddress};
  constexpr std::string_view kParents[] = {
      "1.3.6.1.2.1.1.5.", "1.3.6.1.2.1.43.5.1.1.17.", "1.3.6.1.4.1.99999.", "1.3.6.1.2.1.2.2.1.6."};
  static const ProfileSet kNoProfiles;
  for (std::uint64_t seed = 1; seed <= 300; ++seed) {
    base::Random random(seed);
    std::vector<snmp::Varbind> rows;
    for (std::uint32_t i = 1; i <= 30; ++i) {
      const std::string name = std::string(kParents[random.Below(4)]) + std::to_string(i);
      std::string bytes;
      for (std::uint64_t left = random.Below(24); left > 0; --left) {
        bytes.push_back(static_cast<char>(random.Chance(0.5) ? "A1:.@-0s"[random.Below(8)]
                                                             : random.Below(256)));
      }
      rows.emplace_back(*snmp::Oid::Parse(name),
                        snmp::Value(snmp::ValueView::Bytes(kTypes[random.Below(3)], bytes)));
    }
    SortReadings(rows);
    const auto redacted = Redact({.readings = rows, .profiles = &kNoProfiles, .key = {seed, 2}});
    ASSERT_TRUE(redacted.ok());
    ASSERT_EQ(redacted->rows.size(), rows.size());
    for (std::size_t i = 0; i < rows.size(); ++i) {
      EXPECT_EQ(redacted->rows[i].value.type(), rows[i].value.type());
      EXPECT_EQ(redacted->rows[i].value.AsBytes()->size(), rows[i].value.AsBytes()->size());
    }
  }
}

TEST(RedactTest, AnotherKeyIsAnotherMask) {
  const Masker one({1, 2});
  const Masker other({1, 3});
  EXPECT_EQ(one.Text("AB-12"), one.Text("AB-12"));
  EXPECT_EQ(LowerCase(one.Text("AB12")), one.Text("ab12"));
  EXPECT_NE(one.Text("ABCDEF-123456"), other.Text("ABCDEF-123456"));
}

// All spellings of one secret text that a device may use.
std::vector<std::string> Spellings(std::string_view secret) {
  std::string wide;
  std::string arcs;
  for (const char c : secret) {
    wide += {c, '\0'};
    arcs += "." + std::to_string(static_cast<unsigned char>(c));
  }
  return {std::string(secret), LowerCase(secret), base::HexEncode(secret), wide, arcs};
}

std::string Random(base::Random& random, std::string_view alphabet, std::size_t size) {
  std::string text;
  while (text.size() < size) text.push_back(alphabet[random.Below(alphabet.size())]);
  return text;
}

// Serial, name, MAC and address of a made-up device, in every spelling and at random places.
TEST(RedactTest, NoSecretOccursInTheOutputInAnySpelling) {
  for (std::uint64_t seed = 1; seed <= 200; ++seed) {
    base::Random random(seed);
    const std::string serial = Random(random, "ABCDEFGHJK0123456789", 7 + random.Below(8)) + "Q7";
    const std::string name = "Zq" + Random(random, "bcdfghjklmnp", 5 + random.Below(6));
    const std::string mac = std::string("\x00\x1b\xa9", 3) + Random(random, "\x11\x92\x7a\x3c", 3);
    Said said;
    said.Printer(1)
        .Text(kSerialOid, serial)
        .Text("1.3.6.1.2.1.1.6.0", "Room of " + name)
        .Text("1.3.6.1.2.1.2.2.1.6.1", mac);
    const std::vector<std::string> secrets = {serial, name, base::HexEncode(mac)};
    for (int i = 1; i <= 40; ++i) {
      const auto spellings = Spellings(secrets[random.Below(secrets.size())]);
      const std::string& spelt = spellings[random.Below(spellings.size())];
      const std::string oid = Under(std::to_string(i));
      if (spelt.front() == '.') {
        said.Number(oid + ".7" + spelt, 1);
      } else {
        said.Text(oid + ".0",
                  Random(random, " ;:\x01\x80", random.Below(6)) + spelt +
                      Random(random, " ,;\x02", random.Below(6)));
      }
    }
    const Redacted redacted = RedactedOf(said);
    const std::string file = LowerCase(FileOf(redacted));
    std::string all;  // Contents as they are, and not as a file has them.
    for (const snmp::Varbind& row : redacted.rows) {
      all += LowerCase(row.value.AsBytes().value_or("")) + "\n" + row.name.ToString() + "\n";
    }
    for (const std::string& secret : secrets) {
      for (const std::string& spelt : Spellings(secret)) {
        EXPECT_THAT(file, Not(HasSubstr(LowerCase(spelt)))) << "seed " << seed;
        EXPECT_THAT(all, Not(HasSubstr(LowerCase(spelt)))) << "seed " << seed;
      }
    }
    EXPECT_THAT(all, Not(HasSubstr(mac)));
  }
}

}  // namespace
}  // namespace platen::collector::core
