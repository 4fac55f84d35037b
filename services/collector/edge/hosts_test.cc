#include "services/collector/edge/hosts.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace platen::collector::edge {
namespace {

using ::testing::HasSubstr;

std::vector<std::string> Addresses(const absl::StatusOr<Hosts>& hosts) {
  std::vector<std::string> addresses;
  if (!hosts.ok()) return addresses;
  for (const auto& endpoint : hosts->endpoints) addresses.push_back(endpoint.AddressToString());
  return addresses;
}

TEST(HostsTest, AnAddressIsItself) {
  const auto hosts = ParseHosts("192.0.2.7", 1161);

  EXPECT_THAT(Addresses(hosts), testing::ElementsAre("192.0.2.7"));
  EXPECT_EQ(hosts->endpoints[0].port, 1161);
  EXPECT_FALSE(hosts->is_range);
}

TEST(HostsTest, ARangeLeavesOutNetworkAndBroadcast) {
  EXPECT_THAT(Addresses(ParseHosts("192.0.2.77/30", 161)),
              testing::ElementsAre("192.0.2.77", "192.0.2.78"));
  EXPECT_THAT(Addresses(ParseHosts("192.0.2.4/31", 161)),
              testing::ElementsAre("192.0.2.4", "192.0.2.5"));
  EXPECT_THAT(Addresses(ParseHosts("192.0.2.4/32", 161)), testing::ElementsAre("192.0.2.4"));
  EXPECT_EQ(Addresses(ParseHosts("10.1.2.3/24", 161)).size(), 254U);
  EXPECT_EQ(Addresses(ParseHosts("10.1.2.3/20", 161)).size(), 4094U);
}

TEST(HostsTest, WhatIsNoRangeIsRefusedWithAReason) {
  EXPECT_THAT(std::string(ParseHosts("10.0.0.0/8", 161).status().message()),
              HasSubstr("use /20 or a smaller range"));
  for (const std::string_view text :
       {"10.0.0.0/", "10.0.0.0/33", "10.0.0.0/x", "2001:db8::/64", "/24", "10.0.0.0/24/1"}) {
    EXPECT_FALSE(ParseHosts(text, 161).ok()) << text;
  }
}

}  // namespace
}  // namespace platen::collector::edge
