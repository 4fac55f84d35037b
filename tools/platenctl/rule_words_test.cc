#include "tools/platenctl/rule_words.h"

#include <gtest/gtest.h>

#include "libs/alerting/reason.h"

namespace platen::platenctl {
namespace {

using std::chrono::hours;
using std::chrono::minutes;
using std::chrono::seconds;

TEST(RuleWordsTest, TimesAreTheTwoPartsThatMatter) {
  EXPECT_EQ(AfterWords(seconds(0)), "at once");
  EXPECT_EQ(AfterWords(seconds(30)), "after 30 s");
  EXPECT_EQ(AfterWords(minutes(10)), "after 10 min");
  EXPECT_EQ(AfterWords(hours(1) + minutes(5) + seconds(3)), "after 1 h 5 min");
  EXPECT_EQ(AfterWords(hours(49) + minutes(7)), "after 2 d 1 h");
  EXPECT_EQ(AfterWords(hours(48) + minutes(7)), "after 2 d");
}

TEST(RuleWordsTest, AReasonReadsTheSameByItsNumberAndByItsName) {
  EXPECT_EQ(ReasonWords(notifier::v1::DECISION_REASON_SILENCED), "a silence keeps it quiet");
  EXPECT_EQ(ReasonWords("silenced"), "a silence keeps it quiet");
  EXPECT_EQ(ReasonWords("something_new"), "something_new");
}

}  // namespace
}  // namespace platen::platenctl
