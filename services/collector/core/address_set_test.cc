#include "services/collector/core/address_set.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace platen::collector::core {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

AddressSet Hosts(std::string_view text) {
  auto set = AddressSet::Parse(text, RangeEnds::kLeftOut);
  EXPECT_TRUE(set.ok()) << set.status().message();
  return set.value_or(AddressSet());
}

AddressSet All(std::string_view text) {
  auto set = AddressSet::Parse(text, RangeEnds::kMeant);
  EXPECT_TRUE(set.ok()) << set.status().message();
  return set.value_or(AddressSet());
}

snmp::Endpoint At(std::string_view address) {
  return *snmp::Endpoint::Parse(address, 161);
}

TEST(AddressSetTest, ARangeHasItsHostsWithoutNetworkAndBroadcast) {
  const AddressSet hosts = Hosts("10.1.0.9/22");

  EXPECT_THAT(hosts.ToStrings(), ElementsAre("10.1.0.1-10.1.3.254"));
  EXPECT_EQ(hosts.size(), 1022U);
  EXPECT_EQ(hosts.At(0, 161), At("10.1.0.1"));
  EXPECT_EQ(hosts.At(254, 161), At("10.1.0.255"));
  EXPECT_EQ(hosts.At(1021, 161), At("10.1.3.254"));
}

TEST(AddressSetTest, TwoAddressesAndOneAreHosts) {
  EXPECT_EQ(Hosts("10.1.0.0/31").size(), 2U);
  EXPECT_EQ(Hosts("10.1.0.7/32").size(), 1U);
  EXPECT_EQ(Hosts("10.1.0.7").size(), 1U);
}

TEST(AddressSetTest, AListMayHaveLinesCommentsAndOverlaps) {
  const AddressSet hosts = Hosts(
      "# the second floor\n"
      "10.1.0.20-10.1.0.40, 10.1.0.30-10.1.0.50\n"
      "10.1.0.51   # the copy room\n"
      "10.1.0.7");

  EXPECT_THAT(hosts.ToStrings(), ElementsAre("10.1.0.7", "10.1.0.20-10.1.0.51"));
}

TEST(AddressSetTest, IPv6HasAllItsAddresses) {
  const AddressSet hosts = Hosts("2001:db8::40/124 2001:db8::99");

  EXPECT_TRUE(hosts.has_ipv6());
  EXPECT_THAT(hosts.ToStrings(), ElementsAre("2001:db8::40-2001:db8::4f", "2001:db8::99"));
  EXPECT_EQ(hosts.At(16, 161), At("2001:db8::99"));
  EXPECT_FALSE(Hosts("10.0.0.1").has_ipv6());
}

TEST(AddressSetTest, TheWholeOfIPv6IsCountedAsFarAsCountingGoes) {
  EXPECT_EQ(All("::/0").size(), ~std::uint64_t{0});
  EXPECT_EQ(All("2001:db8::/64").size(), ~std::uint64_t{0});
}

TEST(AddressSetTest, WhatIsNoRangeIsNamed) {
  for (const char* text : {"10.1.0",
                           "10.1.0.0/33",
                           "10.1.0.0/",
                           "10.1.0.0/-1",
                           "10.1.0.9-10.1.0.8",
                           "10.1.0.9-2001:db8::1",
                           "10.1.0.1:161",
                           "[2001:db8::1]:161",
                           "2001:db8::/129",
                           "printer.example"}) {
    const auto set = AddressSet::Parse(text, RangeEnds::kLeftOut);
    EXPECT_THAT(std::string(set.status().message()), HasSubstr(text));
  }
}

TEST(AddressSetTest, NobodyIsAskedWhereNoHostIs) {
  for (const char* text : {"224.0.0.0/24", "192.0.0.0-255.255.255.255", "ff02::1"}) {
    EXPECT_FALSE(AddressSet::Parse(text, RangeEnds::kLeftOut).ok()) << text;
  }
  EXPECT_EQ(All("224.0.0.0/4").size(), 1U << 28);  // Excluding them is nothing wrong.
}

TEST(AddressSetTest, HolesAreCutOut) {
  const AddressSet left = All("10.0.0.0/24, 10.0.2.0/24, 2001:db8::1")
                              .Without(All("10.0.0.0, 10.0.0.10-10.0.0.19, 10.0.0.255-10.0.2.99"));

  EXPECT_THAT(
      left.ToStrings(),
      ElementsAre(
          "10.0.0.1-10.0.0.9", "10.0.0.20-10.0.0.254", "10.0.2.100-10.0.2.255", "2001:db8::1"));
  EXPECT_THAT(left.Without(All("::/0")).ToStrings(), IsEmpty());
}

TEST(AddressSetTest, WhatTwoHaveInCommon) {
  const AddressSet both =
      All("10.0.0.0/24, 10.0.2.0/24").And(All("10.0.0.200-10.0.2.9, 2001:db8::1"));

  EXPECT_THAT(both.ToStrings(), ElementsAre("10.0.0.200-10.0.0.255", "10.0.2.0-10.0.2.9"));
  EXPECT_TRUE(both.Contains(At("10.0.2.9")));
  EXPECT_FALSE(both.Contains(At("10.0.2.10")));
  EXPECT_FALSE(both.Contains(At("10.0.0.199")));
}

DiscoveryScope Scope(std::string_view ranges, std::string_view excluded = "") {
  return {.ranges = Hosts(ranges), .excluded = All(excluded), .allowed = {}};
}

TEST(AddressesToAskTest, ExclusionsWin) {
  const auto asked = AddressesToAsk(Scope("10.1.0.0/29", "10.1.0.3, 10.1.0.5-10.1.0.9"));
  EXPECT_THAT(asked->ToStrings(), ElementsAre("10.1.0.1-10.1.0.2", "10.1.0.4"));
}

TEST(AddressesToAskTest, TheAllowListWins) {
  DiscoveryScope scope = Scope("10.1.0.0/16");
  scope.allowed = All("10.1.7.0/30");
  scope.has_allowed = true;
  // Its own ends are allowed: they are hosts of the range.
  EXPECT_THAT(AddressesToAsk(scope)->ToStrings(), ElementsAre("10.1.7.0-10.1.7.3"));

  scope.excluded = All("10.1.7.2");
  EXPECT_FALSE(AddressesToAsk(scope)->Contains(At("10.1.7.2")));
}

TEST(AddressesToAskTest, AnEmptyAllowListAllowsNothing) {
  DiscoveryScope scope = Scope("10.1.0.0/24");
  scope.has_allowed = true;
  EXPECT_THAT(std::string(AddressesToAsk(scope).status().message()), HasSubstr("allow list"));
}

TEST(AddressesToAskTest, WhatIsTooLargeIsRefusedWithItsSize) {
  EXPECT_EQ(AddressesToAsk(Scope("10.0.0.0/12"))->size(), kDiscoveryAddressesMax - 2);
  EXPECT_THAT(std::string(AddressesToAsk(Scope("10.0.0.0/11")).status().message()),
              HasSubstr("2097150 addresses"));
  EXPECT_THAT(std::string(AddressesToAsk(Scope("2001:db8::/64")).status().message()),
              HasSubstr("2^64"));
}

TEST(AddressesToAskTest, WhatIsTooLargeMayBeCutByAnAllowList) {
  DiscoveryScope scope = Scope("10.0.0.0/8");
  scope.allowed = All("10.7.0.0/24");
  scope.has_allowed = true;
  EXPECT_EQ(AddressesToAsk(scope)->size(), 256U);
}

TEST(AddressesToAskTest, NothingToAskIsAFault) {
  EXPECT_FALSE(AddressesToAsk(Scope("")).ok());
  EXPECT_FALSE(AddressesToAsk(Scope("10.1.0.7", "10.1.0.0/24")).ok());
}

}  // namespace
}  // namespace platen::collector::core
