#include "libs/snmp/fetch.h"

#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "libs/snmp/scripted_agent_for_test.h"

namespace platen::snmp {
namespace {

using Lines = std::vector<std::string>;

class FetchTest : public testing::Test {
 protected:
  FetchTest() {
    for (std::uint32_t i = 1; i <= 30; ++i) names_.push_back("1.3.6.1"_oid.Child({i, 0}));
  }

  static std::string Scalars() {
    std::string text;
    for (int i = 1; i <= 30; ++i) {
      if (i != 7) text += "1.3.6.1." + std::to_string(i) + ".0|2|" + std::to_string(i) + "\n";
    }
    return text;
  }

  // All thirty, the seventh as `missing`.
  void ExpectAll(const Lines& rows, const std::string& missing) {
    ASSERT_EQ(rows.size(), 30u);
    EXPECT_EQ(std::count(rows.begin(), rows.end(), missing), 1);
    EXPECT_EQ(std::count(rows.begin(), rows.end(), "1.3.6.1.30.0|2|30"), 1);
  }

  ScriptedAgent agent_{Scalars()};
  AgentLimits limits_;
  std::vector<Oid> names_;
};

TEST_F(FetchTest, AsksInAsFewRequestsAsTheLimitAllows) {
  Fetch fetch({.names = names_}, limits_);

  ExpectAll(agent_.Run(fetch), "1.3.6.1.7.0|129|");
  EXPECT_EQ(agent_.requests, 3);
  EXPECT_EQ(fetch.end(), FetchEnd::kComplete);
}

TEST_F(FetchTest, HalvesARequestThatIsTooBig) {
  agent_.names_max = 5;
  Fetch fetch({.names = names_}, limits_);

  ExpectAll(agent_.Run(fetch), "1.3.6.1.7.0|129|");
  EXPECT_EQ(limits_.names_max, 3);
}

TEST_F(FetchTest, DropsAV1AgentsMissingNameAndAsksTheRestAgain) {
  agent_.speaks_v2c = false;
  Fetch fetch({.names = names_}, limits_);

  ExpectAll(agent_.Run(fetch), "1.3.6.1.7.0|128|");
  EXPECT_EQ(limits_.version, Version::kV1);
  EXPECT_EQ(limits_.names_max, 12);
}

TEST_F(FetchTest, PassesOverANameTheAgentFailsAt) {
  agent_.fails_at = names_[3];
  Fetch fetch({.names = names_}, limits_);

  EXPECT_EQ(agent_.Run(fetch).size(), 29u);
  EXPECT_EQ(fetch.refused(), 1u);
  EXPECT_EQ(fetch.end(), FetchEnd::kComplete);
  EXPECT_EQ(agent_.requests, 5) << "one more for the name, one for the rest";
  EXPECT_EQ(limits_, (AgentLimits{.version_confirmed = true})) << "it bears as much as before";
}

TEST_F(FetchTest, FindsTheNameAnAgentFailsAtWithoutSayingWhich) {
  agent_.fails_at = names_[3];
  agent_.says_where = false;
  Fetch fetch({.names = names_}, limits_);

  EXPECT_EQ(agent_.Run(fetch).size(), 29u);
  EXPECT_EQ(fetch.refused(), 1u);
  EXPECT_EQ(limits_, (AgentLimits{.version_confirmed = true}));
}

TEST_F(FetchTest, EndsSilentlyWithASilentAgent) {
  agent_.speaks_v2c = agent_.speaks_v1 = false;
  Fetch fetch({.names = names_}, limits_);

  EXPECT_TRUE(agent_.Run(fetch).empty());
  EXPECT_EQ(fetch.end(), FetchEnd::kSilent);
  EXPECT_EQ(agent_.requests, 2);
}

TEST_F(FetchTest, AsksForNothingWhenGivenNothing) {
  Fetch fetch({}, limits_);

  EXPECT_FALSE(fetch.Next().has_value());
  EXPECT_EQ(fetch.end(), FetchEnd::kComplete);
}

}  // namespace
}  // namespace platen::snmp
