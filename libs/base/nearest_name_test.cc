#include "libs/base/nearest_name.h"

#include <string>
#include <string_view>
#include <vector>

#include <gtest/gtest.h>

namespace platen::base {
namespace {

TEST(NearestNameTest, FindsASlip) {
  const std::vector<std::string> known = {"topic_prefix", "brokers", "log"};
  EXPECT_EQ(NearestName("borkers", known), "brokers");
  EXPECT_EQ(NearestName("topicprefix", known), "topic_prefix");
}

TEST(NearestNameTest, ProposesNothingThatIsFar) {
  constexpr std::string_view kKnown[] = {"devices list", "alerts", "topic_prefix"};
  EXPECT_EQ(NearestName("device list", kKnown), "devices list");
  EXPECT_EQ(NearestName("frobnicate", kKnown), "");
  EXPECT_EQ(NearestName("topprefix", kKnown, 2), "");
}

}  // namespace
}  // namespace platen::base
