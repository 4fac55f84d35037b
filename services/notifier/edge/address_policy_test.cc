#include "services/notifier/edge/address_policy.h"

#include <string>

#include <arpa/inet.h>
#include <gtest/gtest.h>
#include <netinet/in.h>

namespace platen::notifier::edge {
namespace {

bool IsPublic(const std::string& text) {
  sockaddr_in ipv4{};
  ipv4.sin_family = AF_INET;
  if (inet_pton(AF_INET, text.c_str(), &ipv4.sin_addr) == 1) {
    return IsPublicAddress(reinterpret_cast<const sockaddr&>(ipv4));
  }
  sockaddr_in6 ipv6{};
  ipv6.sin6_family = AF_INET6;
  EXPECT_EQ(inet_pton(AF_INET6, text.c_str(), &ipv6.sin6_addr), 1) << text;
  return IsPublicAddress(reinterpret_cast<const sockaddr&>(ipv6));
}

TEST(AddressPolicyTest, AllowsPublicAddresses) {
  for (const char* address : {"8.8.8.8",
                              "172.15.0.1",
                              "172.32.0.1",
                              "100.63.255.255",
                              "9.255.255.255",
                              "2606:4700::1111",
                              "2a00:1450:4001::1",
                              "::ffff:8.8.8.8",
                              "64:ff9b::808:808",
                              "2002:808:808::1"}) {
    EXPECT_TRUE(IsPublic(address)) << address;
  }
}

TEST(AddressPolicyTest, RefusesEverythingInside) {
  for (const char* address :
       {"127.0.0.1",      "127.255.0.9", "0.0.0.0",         "10.1.2.3",   "172.16.0.1",
        "172.31.255.255", "192.168.1.1", "169.254.169.254", "100.64.0.1", "192.0.2.1",
        "198.18.0.1",     "224.0.0.1",   "255.255.255.255", "::",         "::1",
        "fe80::1",        "fc00::1",     "fd12::1",         "ff02::1",    "2001:db8::1",
        "2001::1",        "::127.0.0.1"}) {
    EXPECT_FALSE(IsPublic(address)) << address;
  }
}

TEST(AddressPolicyTest, LooksIntoWrappedAddresses) {
  for (const char* address : {"::ffff:127.0.0.1",
                              "::ffff:169.254.169.254",
                              "64:ff9b::a01:203",
                              "2002:7f00:1::1",
                              "2002:c0a8:101::1"}) {
    EXPECT_FALSE(IsPublic(address)) << address;
  }
}

}  // namespace
}  // namespace platen::notifier::edge
