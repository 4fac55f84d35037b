#include "services/collector/edge/links.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "libs/base/sim_clock.h"

namespace platen::collector::edge {
namespace {

using std::chrono::milliseconds;
using ::testing::ElementsAre;
using ::testing::IsEmpty;

snmp::Endpoint Agent(const std::string& address) {
  return *snmp::Endpoint::Parse(address);
}

LinkOptions To(const std::string& network, std::uint32_t requests_per_second) {
  return {*Network::Parse(network), requests_per_second};
}

class LinksTest : public testing::Test {
 protected:
  // Who has a turn now.
  std::vector<core::DeviceSlot> Release(Links& links) {
    std::vector<core::DeviceSlot> ready;
    links.Release(clock_.Now(), ready, ready);
    return ready;
  }

  base::SimClock clock_;
};

TEST_F(LinksTest, ANetworkIsWhatItsAddressesBeginWith) {
  for (const auto& [network, inside, outside] : {
           std::tuple{"10.8.0.0/16", "10.8.255.1", "10.9.0.1"},
           {"10.8.0.128/25", "10.8.0.200", "10.8.0.127"},
           {"192.0.2.7/32", "192.0.2.7", "192.0.2.6"},
           {"2001:db8:8::/48", "2001:db8:8:ffff::1", "2001:db8:9::1"},
       }) {
    const auto parsed = Network::Parse(network);
    ASSERT_TRUE(parsed.ok()) << parsed.status();
    EXPECT_TRUE(parsed->Contains(Agent(inside))) << network;
    EXPECT_FALSE(parsed->Contains(Agent(outside))) << network;
  }
  EXPECT_FALSE(Network::Parse("2001:db8:8::/48")->Contains(Agent("10.8.0.1")));
}

TEST_F(LinksTest, WhatIsNoNetworkIsRefused) {
  for (const char* const text : {"",
                                 "/",
                                 "10.8.0.0",
                                 "10.8.0.0/",
                                 "10.8.0.0/33",
                                 "10.8.0.0/0",
                                 "10.8.0.0/-1",
                                 "10.8.0.0/8x",
                                 "10.8.0.1/16",
                                 "10.8.0.0:161/16",
                                 "printers/16",
                                 "2001:db8::/129"}) {
    EXPECT_FALSE(Network::Parse(text).ok()) << text;
  }
}

TEST_F(LinksTest, TheNarrowestNetworkHoldsAndOthersAreFree) {
  Links links({.links = {To("10.0.0.0/8", 100), To("10.8.0.0/16", 1)}});

  EXPECT_EQ(links.Find(Agent("192.0.2.7")), nullptr);
  EXPECT_NE(links.Find(Agent("10.9.0.1")), nullptr);
  EXPECT_EQ(links.Find(Agent("10.8.0.1")), links.Find(Agent("10.8.200.1")));
  EXPECT_NE(links.Find(Agent("10.8.0.1")), links.Find(Agent("10.9.0.1")));
}

TEST_F(LinksTest, EachSubnetHasABudgetOfItsOwn) {
  Links links({.links = {To("10.8.0.0/16", 1)}, .subnet_requests_per_second = 50});

  EXPECT_EQ(links.Find(Agent("192.0.2.7")), links.Find(Agent("192.0.2.200")));
  EXPECT_NE(links.Find(Agent("192.0.2.7")), links.Find(Agent("192.0.3.7")));
  EXPECT_EQ(links.Find(Agent("10.8.1.1")), links.Find(Agent("10.8.2.1")));
  EXPECT_EQ(links.Find(Agent("2001:db8::1")), links.Find(Agent("2001:db8::2")));
  EXPECT_NE(links.Find(Agent("2001:db8::1")), links.Find(Agent("2001:db8:0:1::1")));
}

TEST_F(LinksTest, RequestsGoOneByOneAtTheLinksRateAndInOrder) {
  Links links({.links = {To("10.8.0.0/16", 4), To("10.9.0.0/16", 1)}});
  Links::Link& link = *links.Find(Agent("10.8.0.1"));
  EXPECT_FALSE(links.next().has_value());
  for (const core::DeviceSlot slot : {3, 1, 2}) links.Queue(link, slot, false);

  EXPECT_THAT(Release(links), ElementsAre(3));
  EXPECT_THAT(Release(links), IsEmpty());
  EXPECT_EQ(links.waiting(), 2u);
  EXPECT_EQ(links.next(), clock_.Now() + milliseconds(250));
  links.Queue(*links.Find(Agent("10.9.0.1")), 9, false);
  EXPECT_THAT(Release(links), ElementsAre(9)) << "another line's budget";
  clock_.Advance(milliseconds(250));
  EXPECT_THAT(Release(links), ElementsAre(1));
  clock_.Advance(milliseconds(250));
  EXPECT_THAT(Release(links), ElementsAre(2));
  EXPECT_FALSE(links.next().has_value());
}

TEST_F(LinksTest, WhoIsPerhapsNotThereHasAQuarterWhereOthersWait) {
  Links links({.links = {To("10.8.0.0/16", 32)}});
  Links::Link& link = *links.Find(Agent("10.8.0.1"));
  for (core::DeviceSlot slot = 0; slot < 8; ++slot) links.Queue(link, slot, true);
  for (core::DeviceSlot slot = 100; slot < 106; ++slot) links.Queue(link, slot, false);

  EXPECT_THAT(Release(links), ElementsAre(100, 101, 102, 0, 103, 104, 105, 1));
  clock_.Advance(milliseconds(250));
  EXPECT_THAT(Release(links), ElementsAre(2, 3, 4, 5, 6, 7))
      << "all of it, where nobody else waits";
}

TEST_F(LinksTest, WhoIsForgottenHasNoTurn) {
  Links links({.links = {To("10.8.0.0/16", 4)}});
  Links::Link& link = *links.Find(Agent("10.8.0.1"));
  links.Queue(link, 1, false);
  links.Queue(link, 2, true);

  links.Remove(link, 1);
  links.Remove(link, 7);
  EXPECT_THAT(Release(links), ElementsAre(2));
  links.Queue(link, 3, false);
  links.Remove(link, 3);
  EXPECT_FALSE(links.next().has_value());
  EXPECT_THAT(Release(links), IsEmpty());
}

}  // namespace
}  // namespace platen::collector::edge
