#include "libs/alerting/site_roll.h"

#include <gtest/gtest.h>

namespace platen::alerting {
namespace {

base::DeviceId Device(char letter) {
  return *base::DeviceId::FromBytes(std::string(base::DeviceId::kSize, letter));
}

TEST(SiteRollTest, CountsWhoIsPolledWhereOnceAllAreKnown) {
  SiteRoll roll;
  roll.Put(Device('a'), "acme", "hq");
  roll.Put(Device('b'), "acme", "hq");
  roll.Put(Device('b'), "acme", "hq");
  EXPECT_EQ(roll.CountAt("acme", "hq"), 0u);
  roll.OnComplete();
  EXPECT_EQ(roll.CountAt("acme", "hq"), 2u);
  EXPECT_EQ(roll.CountAt("acme", "south"), 0u);
}

TEST(SiteRollTest, ADeviceThatMovesOrGoesIsCountedThereNoLonger) {
  SiteRoll roll;
  roll.OnComplete();
  roll.Put(Device('a'), "acme", "hq");
  roll.Put(Device('b'), "acme", "hq");
  roll.Put(Device('a'), "acme", "south");
  EXPECT_EQ(roll.CountAt("acme", "hq"), 1u);
  EXPECT_EQ(roll.CountAt("acme", "south"), 1u);
  roll.Remove(Device('b'));
  roll.Remove(Device('b'));
  EXPECT_EQ(roll.CountAt("acme", "hq"), 0u);
  EXPECT_EQ(roll.size(), 1u);
}

}  // namespace
}  // namespace platen::alerting
