#include "libs/snmp/walk.h"

#include <algorithm>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "libs/snmp/scripted_agent_for_test.h"

namespace platen::snmp {
namespace {

using Lines = std::vector<std::string>;

// Column 1 has twenty rows, column 2 five, column 4 one; another subtree follows.
std::string Table() {
  std::string text;
  for (int i = 1; i <= 20; ++i)
    text += "1.3.6.1.1." + std::to_string(i) + "|2|" + std::to_string(i) + "\n";
  for (int i = 1; i <= 5; ++i) text += "1.3.6.1.2." + std::to_string(i) + "|4|row\n";
  text += "1.3.6.1.4.1|2|4\n1.3.6.2.1|2|99\n";
  return text;
}

class WalkTest : public testing::Test {
 protected:
  Walk Columns(std::size_t columns_max = 4) {
    return Walk({.subtrees = {"1.3.6.1.1"_oid, "1.3.6.1.2"_oid, "1.3.6.1.3"_oid, "1.3.6.1.4"_oid},
                 .columns_max = columns_max},
                limits_);
  }

  // The rows must be all of the table, whatever the order; returns the number of requests.
  int ExpectWhole(Walk walk) {
    Lines rows = agent_.Run(walk);
    EXPECT_TRUE(walk.complete());
    EXPECT_EQ(rows.size(), 26u);
    std::sort(rows.begin(), rows.end());
    EXPECT_EQ(std::unique(rows.begin(), rows.end()), rows.end());
    return agent_.requests;
  }

  ScriptedAgent agent_{Table()};
  AgentLimits limits_;
};

TEST_F(WalkTest, ReadsColumnsTogetherInFewRequests) {
  EXPECT_LE(ExpectWhole(Columns()), 3);
  EXPECT_TRUE(limits_.version_confirmed);
}

TEST_F(WalkTest, ReadsOneSubtreeAfterAnother) {
  ExpectWhole(Columns(1));
}

TEST_F(WalkTest, ReadsTheLastSubtreeOfAMib) {
  Walk walk({.subtrees = {"1.3.6.2"_oid}}, limits_);

  EXPECT_EQ(agent_.Run(walk), (Lines{"1.3.6.2.1|2|99"}));
  EXPECT_TRUE(walk.complete());
}

TEST_F(WalkTest, ReadsOnlyWhatLiesBehindAName) {
  Walk walk({.subtrees = {"1.3.6.1.1"_oid, "1.3.6.1.2"_oid},
             .after = {"1.3.6.1.1.18"_oid, "1.3.6.1.2.5"_oid},
             .rows_max = 1},
            limits_);

  EXPECT_EQ(agent_.Run(walk), (Lines{"1.3.6.1.1.19|2|19", "1.3.6.1.1.20|2|20"}));
  EXPECT_TRUE(walk.complete());
}

TEST_F(WalkTest, HalvesWhatItAsksForUntilItFitsAndRemembers) {
  agent_.bulk_answers_max = 10;

  ExpectWhole(Columns());

  EXPECT_LE(limits_.answers_max, 12);
  EXPECT_GE(limits_.answers_max, 4);
  agent_.requests = 0;
  const AgentLimits learned = limits_;
  ExpectWhole(Columns());
  EXPECT_EQ(limits_, learned);
}

TEST_F(WalkTest, DescendsToGetNextOfOneNameIfNothingElseWorks) {
  agent_.bulk_answers_max = 0;
  agent_.names_max = 1;

  ExpectWhole(Columns());

  EXPECT_EQ(limits_.names_max, 1);
  EXPECT_LT(limits_.answers_max, 2);
}

TEST_F(WalkTest, AsksForLessWhenALargeRequestStaysUnanswered) {
  agent_.silent_when_too_big = true;
  agent_.bulk_answers_max = 16;
  limits_.version_confirmed = true;

  ExpectWhole(Columns());
}

TEST_F(WalkTest, FallsBackToV1AndThereToGetNextOfSeveralColumns) {
  agent_.speaks_v2c = false;

  const int requests = ExpectWhole(Columns());

  EXPECT_EQ(limits_.version, Version::kV1);
  EXPECT_TRUE(limits_.version_confirmed);
  EXPECT_LE(requests, 24);
}

TEST_F(WalkTest, KeepsToV2cWhereV1IsNotAllowed) {
  agent_.speaks_v2c = false;
  Walk walk({.subtrees = {"1.3.6.1"_oid}, .allow_v1 = false}, limits_);

  EXPECT_TRUE(agent_.Run(walk).empty());
  EXPECT_EQ(walk.ends()[0], SubtreeEnd::kSilent);
  EXPECT_EQ(limits_.version, Version::kV2c);
}

TEST_F(WalkTest, EndsAtV1sNoSuchName) {
  limits_.version = Version::kV1;
  Walk walk({.subtrees = {"1.3.6.1.1"_oid, "1.3.6.2"_oid}}, limits_);

  EXPECT_EQ(agent_.Run(walk).size(), 21u);
  EXPECT_TRUE(walk.complete());
}

TEST_F(WalkTest, GivesUpSoonOnASilentAgentAndLearnsNothing) {
  agent_.speaks_v2c = agent_.speaks_v1 = false;
  Walk walk = Columns();

  EXPECT_TRUE(agent_.Run(walk).empty());

  EXPECT_EQ(agent_.requests, 2);  // One in each version.
  EXPECT_EQ(walk.ends()[3], SubtreeEnd::kSilent);
  EXPECT_FALSE(walk.complete());
  EXPECT_EQ(limits_, AgentLimits());
}

TEST_F(WalkTest, AnErrorEndsItsOwnSubtreeOnly) {
  const Oid bad = "1.3.6.1.2.3"_oid;
  agent_.fails_at = bad;
  limits_.answers_max = 1;
  Walk walk = Columns();

  const Lines rows = agent_.Run(walk);

  EXPECT_EQ(walk.ends(),
            (std::vector<SubtreeEnd>{SubtreeEnd::kComplete,
                                     SubtreeEnd::kRefused,
                                     SubtreeEnd::kComplete,
                                     SubtreeEnd::kComplete}));
  EXPECT_EQ(rows.size(), 20u + 2 + 1);
}

TEST_F(WalkTest, AnAgentThatFailsAtAnObjectBearsAsMuchAsBefore) {
  const Oid bad = "1.3.6.1.2.3"_oid;
  agent_.fails_at = bad;
  limits_.answers_max = 4;
  Walk walk = Columns();

  EXPECT_EQ(agent_.Run(walk).size(), 20u + 2 + 1);
  EXPECT_EQ(limits_, (AgentLimits{.version_confirmed = true, .answers_max = 4}));
}

TEST_F(WalkTest, StopsAtItsBound) {
  Walk walk({.subtrees = {"1.3.6.1.1"_oid, "1.3.6.2"_oid}, .varbinds_max = 7, .columns_max = 1},
            limits_);

  EXPECT_EQ(agent_.Run(walk).size(), 7u);
  EXPECT_EQ(walk.ends(), (std::vector<SubtreeEnd>{SubtreeEnd::kCut, SubtreeEnd::kCut}));
}

TEST_F(WalkTest, LeavesAnAgentThatGoesInCircles) {
  Walk walk({.subtrees = {"1.3.6"_oid}}, limits_);
  const Oid two = "1.3.6.2"_oid;
  const Oid one = "1.3.6.1"_oid;
  const std::vector<VarbindView> varbinds = {{two, ValueView::Integer(2)},
                                             {one, ValueView::Integer(1)}};
  MessageView circle;
  circle.head.type = PduType::kResponse;
  circle.varbinds = varbinds;
  ASSERT_TRUE(walk.Next().has_value());

  EXPECT_EQ(walk.OnResponse(circle).size(), 1u);

  EXPECT_EQ(walk.ends()[0], SubtreeEnd::kNotIncreasing);
  EXPECT_FALSE(walk.Next().has_value());
}

// A name before the subtree is no end of it: rows that were not shown must not be taken for gone.
TEST_F(WalkTest, AnAgentThatGoesBackwardsOutOfASubtreeHasNotShownItsEnd) {
  Walk walk({.subtrees = {"1.3.6.2"_oid}}, limits_);
  const Oid row = "1.3.6.2.1"_oid;
  const Oid before = "1.3.6.1"_oid;
  const std::vector<VarbindView> varbinds = {{row, ValueView::Integer(1)},
                                             {before, ValueView::Integer(2)}};
  MessageView response;
  response.head.type = PduType::kResponse;
  response.varbinds = varbinds;
  ASSERT_TRUE(walk.Next().has_value());

  EXPECT_EQ(walk.OnResponse(response).size(), 1u);

  EXPECT_EQ(walk.ends()[0], SubtreeEnd::kNotIncreasing);
}

TEST_F(WalkTest, LeavesAnAgentThatAnswersNothingWithoutAnError) {
  Walk walk({.subtrees = {"1.3.6"_oid}}, limits_);
  MessageView empty;
  empty.head.type = PduType::kResponse;
  int requests = 0;
  while (walk.Next().has_value() && ++requests < 100) EXPECT_TRUE(walk.OnResponse(empty).empty());

  EXPECT_EQ(walk.ends()[0], SubtreeEnd::kRefused);
  EXPECT_LT(requests, 20);
}

}  // namespace
}  // namespace platen::snmp
