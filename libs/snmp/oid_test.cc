#include "libs/snmp/oid.h"

#include <algorithm>
#include <string>
#include <vector>

#include <gtest/gtest.h>

namespace platen::snmp {
namespace {

constexpr Oid kPrinterMib = "1.3.6.1.2.1.43"_oid;

TEST(OidTest, ReadsAndPrintsDottedNumbers) {
  for (const std::string text : {"1.3.6.1.2.1.43.11.1.1.9.1.4",
                                 "0.0",
                                 "2.999.3",
                                 "1.3.6.1.4.1.2435.2.3",
                                 "2.4294967295",
                                 "1.3.4294967295.127.128.16383.16384"}) {
    const auto oid = Oid::Parse(text);
    ASSERT_TRUE(oid.ok()) << oid.status();
    EXPECT_EQ(oid->ToString(), text);
    EXPECT_TRUE(IsCanonicalOid(oid->view().ber())) << text;
  }
  EXPECT_EQ(Oid::Parse(".1.3.6")->ToString(), "1.3.6");
}

TEST(OidTest, RefusesWhatIsNoOid) {
  for (const std::string text :
       {"", ".", "1", "1.", "1..3", "3.1", "1.40", "1.3.x", "1.3.4294967296", "1.3 ", "-1.3"}) {
    EXPECT_EQ(Oid::Parse(text).status().code(), absl::StatusCode::kInvalidArgument) << text;
  }
}

TEST(OidTest, HoldsAtMost128Arcs) {
  std::string text = "1.3";
  for (std::size_t i = 2; i < kMaxOidArcs; ++i) text += ".4294967295";

  const auto longest = Oid::Parse(text);

  ASSERT_TRUE(longest.ok());
  EXPECT_EQ(longest->view().ToArcs().size(), kMaxOidArcs);
  EXPECT_TRUE(IsCanonicalOid(longest->view().ber()));
  EXPECT_FALSE(Oid::Parse(text + ".1").ok());
}

TEST(OidTest, LiteralNumbersAndTextAgree) {
  EXPECT_EQ(kPrinterMib, *Oid::Parse("1.3.6.1.2.1.43"));
  EXPECT_EQ(kPrinterMib, (Oid{1, 3, 6, 1, 2, 1, 43}));
  EXPECT_EQ(kPrinterMib.Child({11, 1}).Child(1), "1.3.6.1.2.1.43.11.1.1"_oid);
}

TEST(OidTest, OrdersByArcsAndNotByBytes) {
  const std::vector<Oid> ascending = {"0.0"_oid,
                                      "1.3"_oid,
                                      "1.3.6"_oid,
                                      "1.3.6.0"_oid,
                                      "1.3.6.1"_oid,
                                      "1.3.6.127"_oid,
                                      "1.3.6.128"_oid,
                                      "1.3.6.128.1"_oid,
                                      "1.3.6.129"_oid,
                                      "1.3.6.16383"_oid,
                                      "1.3.6.16384"_oid,
                                      "1.3.6.2097151"_oid,
                                      "1.3.6.2097152"_oid,
                                      "1.3.6.4294967295"_oid,
                                      "1.3.7"_oid,
                                      "2.39"_oid,
                                      "2.47"_oid,
                                      "2.48"_oid,
                                      "2.999"_oid};

  for (std::size_t a = 0; a < ascending.size(); ++a) {
    for (std::size_t b = 0; b < ascending.size(); ++b) {
      EXPECT_EQ(ascending[a] <=> ascending[b], a <=> b)
          << ascending[a].ToString() << " and " << ascending[b].ToString();
      EXPECT_EQ(ascending[a] == ascending[b], a == b);
    }
  }
}

TEST(OidTest, PrefixEndsAtAnArc) {
  const Oid oid = "1.3.6.1.4.1.2435.2"_oid;

  EXPECT_TRUE(oid.StartsWith(Oid()));
  EXPECT_TRUE(oid.StartsWith(oid));
  EXPECT_TRUE(oid.StartsWith("1.3.6.1.4.1.2435"_oid));
  EXPECT_FALSE(oid.StartsWith(
      "1.3.6.1.4.1.19"_oid));  // 2435 begins with the byte of 19 and a continuation bit.
  EXPECT_FALSE(oid.StartsWith("1.3.6.1.4.1.2435.2.1"_oid));
}

TEST(OidTest, GivesTheArcsBehindAPrefix) {
  const Oid level = kPrinterMib.Child({11, 1, 1, 9, 1, 300});

  ArcReader arcs = level.view().ArcsAfter(kPrinterMib.Child({11, 1, 1}));

  EXPECT_EQ(arcs.Next(), 9u);
  EXPECT_EQ(arcs.Next(), 1u);
  EXPECT_EQ(arcs.Next(), 300u);
  EXPECT_EQ(arcs.Next(), std::nullopt);
}

TEST(OidTest, CopiesAndMovesShortAndLongOnes) {
  const Oid short_one = kPrinterMib;
  const Oid long_one = kPrinterMib.Child(std::initializer_list<std::uint32_t>{
      70000, 70001, 70002, 70003, 70004, 70005, 70006, 70007, 70008, 70009, 70010});
  for (const Oid& original : {short_one, long_one}) {
    Oid copy = original;
    EXPECT_EQ(copy, original);
    const Oid moved = std::move(copy);
    EXPECT_EQ(moved, original);
    copy = original;
    EXPECT_EQ(copy, original);
    copy = short_one;
    EXPECT_EQ(copy, short_one);
    copy = long_one;
    copy = std::move(copy).Child(1);
    EXPECT_EQ(copy, long_one.Child(1));
  }
}

TEST(OidTest, CanonicalMeansShortestAndComplete) {
  using Bytes = std::vector<std::uint8_t>;
  EXPECT_TRUE(IsCanonicalOid(Bytes{0x2b, 6, 1}));
  EXPECT_TRUE(IsCanonicalOid(Bytes{0x2b, 0x8f, 0xff, 0xff, 0xff, 0x7f}));
  EXPECT_FALSE(IsCanonicalOid(Bytes{}));
  EXPECT_FALSE(IsCanonicalOid(Bytes{0x2b, 0x80, 0x01}));  // Redundant leading byte.
  EXPECT_FALSE(IsCanonicalOid(Bytes{0x2b, 0x81}));        // Ends inside an arc.
  EXPECT_FALSE(IsCanonicalOid(Bytes{0x2b, 0x90, 0x80, 0x80, 0x80, 0x00}));        // 2^32.
  EXPECT_FALSE(IsCanonicalOid(Bytes{0x2b, 0x81, 0x80, 0x80, 0x80, 0x80, 0x00}));  // Six bytes.
  EXPECT_TRUE(IsCanonicalOid(Bytes(127, 1)));
  EXPECT_FALSE(IsCanonicalOid(Bytes(128, 1)));
}

}  // namespace
}  // namespace platen::snmp
