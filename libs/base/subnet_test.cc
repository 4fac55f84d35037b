#include "libs/base/subnet.h"

#include <gtest/gtest.h>

namespace platen::base {
namespace {

TEST(SubnetTest, IsTheSmallestThatIsUsual) {
  EXPECT_EQ(SubnetOf("10.1.2.14"), "10.1.2.0/24");
  EXPECT_EQ(SubnetOf("10.1.2.14:1161"), "10.1.2.0/24");
  EXPECT_EQ(SubnetOf("2001:db8:0:1::14"), "2001:db8:0:1::/64");
  EXPECT_EQ(SubnetOf("2001:0DB8:0:1:ffff::1"), "2001:db8:0:1::/64");
  EXPECT_EQ(SubnetOf("[2001:db8::14]:161"), "2001:db8::/64");
}

TEST(SubnetTest, OfWhatIsNoAddressIsNone) {
  EXPECT_EQ(SubnetOf(""), "");
  EXPECT_EQ(SubnetOf("printer.acme.test"), "");
  EXPECT_EQ(SubnetOf("[2001:db8::14"), "");
  EXPECT_EQ(SubnetOf("["), "");
}

}  // namespace
}  // namespace platen::base
