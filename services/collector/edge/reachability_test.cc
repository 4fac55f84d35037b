#include "services/collector/edge/reachability.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace platen::collector::edge {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

const snmp::Endpoint kHost = snmp::Endpoint::V4(0xc0000207, 161);

TEST(ReachabilityTest, AHostThatLivesMayHaveSnmpSwitchedOffOrAnotherCommunity) {
  const std::string advice = SilenceAdvice("printer-7", kHost, {.open = {9100, 443}});

  EXPECT_THAT(advice, HasSubstr("printer-7 (192.0.2.7) does not answer SNMP on UDP port 161"));
  EXPECT_THAT(advice, HasSubstr("9100 (raw printing), 443 (HTTPS)"));
  EXPECT_LT(advice.find("1. SNMP"), advice.find("2. The community"));
}

TEST(ReachabilityTest, AHostThatRefusesLivesAndMayBeAnotherMachine) {
  const std::string advice = SilenceAdvice("192.0.2.7", kHost, {.refused = true});

  EXPECT_TRUE(TcpFindings{.refused = true}.alive());
  EXPECT_THAT(advice, HasSubstr("is this the printer"));
}

TEST(ReachabilityTest, ASilentHostMayBeOffAsleepOrElsewhere) {
  const std::string advice = SilenceAdvice("192.0.2.7", kHost, {});

  EXPECT_FALSE(TcpFindings{}.alive());
  EXPECT_LT(advice.find("The address"), advice.find("The printer"));
  EXPECT_THAT(advice, Not(HasSubstr("--community")));
}

}  // namespace
}  // namespace platen::collector::edge
