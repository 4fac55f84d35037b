#include "libs/snmp/endpoint.h"

#include <gtest/gtest.h>

namespace platen::snmp {
namespace {

TEST(EndpointTest, ReadsAndPrintsBothFamilies) {
  EXPECT_EQ(Endpoint::Parse("192.0.2.1")->ToString(), "192.0.2.1:161");
  EXPECT_EQ(Endpoint::Parse("192.0.2.1:1161")->ToString(), "192.0.2.1:1161");
  EXPECT_EQ(Endpoint::Parse("2001:db8::1")->ToString(), "[2001:db8::1]:161");
  EXPECT_EQ(Endpoint::Parse("[2001:db8::1]:1161")->ToString(), "[2001:db8::1]:1161");
  EXPECT_EQ(Endpoint::Parse("[2001:db8::1]")->AddressToString(), "2001:db8::1");
}

TEST(EndpointTest, RefusesNamesAndNonsense) {
  for (const std::string_view text : {"",
                                      "printer",
                                      "192.0.2",
                                      "192.0.2.1:",
                                      "192.0.2.1:70000",
                                      "192.0.2.1:x",
                                      "[2001:db8::1",
                                      "[2001:db8::1]161",
                                      "1.2.3.4.5"}) {
    EXPECT_EQ(Endpoint::Parse(text).status().code(), absl::StatusCode::kInvalidArgument) << text;
  }
}

TEST(EndpointTest, MappedAndPlainIpv4AreTheSame) {
  EXPECT_EQ(*Endpoint::Parse("[::ffff:192.0.2.1]:161"), Endpoint::V4(0xc0000201, 161));
  EXPECT_EQ(Endpoint::V4(0xc0000201, 161).v4(), 0xc0000201u);
  EXPECT_FALSE(Endpoint::Parse("::1")->is_v4());
}

}  // namespace
}  // namespace platen::snmp
