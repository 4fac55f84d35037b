#include "libs/alerting/site_roll.h"

#include <gtest/gtest.h>

namespace platen::alerting {
namespace {

base::DeviceId Device(char letter) {
  return *base::DeviceId::FromBytes(std::string(base::DeviceId::kSize, letter));
}

TEST(SiteRollTest, CountsWhoIsPolledWhereOnceAllAreKnown) {
  SiteRoll roll;
  roll.Put(Device('a'), "acme", "hq", "10.1.2.3");
  roll.Put(Device('b'), "acme", "hq", "10.1.2.4");
  roll.Put(Device('b'), "acme", "hq", "10.1.2.4");
  roll.Put(Device('c'), "acme", "hq", "10.1.3.4");
  EXPECT_EQ(roll.CountAt("acme", "hq", "10.1.2.3").site, 0u);
  roll.OnComplete();
  EXPECT_EQ(roll.CountAt("acme", "hq", "10.1.2.3").site, 3u);
  EXPECT_EQ(roll.CountAt("acme", "hq", "10.1.2.3").subnet, 2u);
  EXPECT_EQ(roll.CountAt("acme", "hq", "10.1.9.9").subnet, 0u);
  EXPECT_EQ(roll.CountAt("acme", "south", "10.1.2.3").site, 0u);
  EXPECT_EQ(roll.CountAt("acme", "south", "10.1.2.3").subnet, 0u);
}

TEST(SiteRollTest, ADeviceThatMovesOrGoesIsCountedThereNoLonger) {
  SiteRoll roll;
  roll.OnComplete();
  roll.Put(Device('a'), "acme", "hq", "10.1.2.3");
  roll.Put(Device('b'), "acme", "hq", "10.1.2.4");
  roll.Put(Device('a'), "acme", "south", "10.1.2.3");
  EXPECT_EQ(roll.CountAt("acme", "hq", "10.1.2.3").site, 1u);
  EXPECT_EQ(roll.CountAt("acme", "south", "10.1.2.3").site, 1u);
  roll.Put(Device('a'), "acme", "south", "10.1.3.3");
  EXPECT_EQ(roll.CountAt("acme", "south", "10.1.2.3").subnet, 0u);
  EXPECT_EQ(roll.CountAt("acme", "south", "10.1.3.3").subnet, 1u);
  EXPECT_EQ(roll.CountAt("acme", "south", "10.1.3.3").site, 1u);
  roll.Remove(Device('b'));
  roll.Remove(Device('b'));
  EXPECT_EQ(roll.CountAt("acme", "hq", "10.1.2.4").site, 0u);
  EXPECT_EQ(roll.size(), 1u);
}

}  // namespace
}  // namespace platen::alerting
