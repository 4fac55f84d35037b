#include "libs/rules/condition.h"

#include <gtest/gtest.h>

#include "libs/rules/test_rules.h"

namespace platen::rules {
namespace {

absl::StatusOr<Condition> Compile(const std::string& any_of) {
  return Condition::Compile(FromText<v1::Rule>(any_of).any_of());
}

// Whether one condition, `field: … is: …`, takes the event.
bool Takes(const std::string& matcher, const event::v1::Event& event = JamEvent()) {
  const auto condition = Compile("any_of { all_of { " + matcher + " } }");
  EXPECT_TRUE(condition.ok()) << condition.status();
  return condition.ok() && condition->Takes(event);
}

std::string Refusal(const std::string& any_of) {
  return std::string(Compile(any_of).status().message());
}

TEST(ConditionTest, ComparesNamesNumbersAndRanges) {
  EXPECT_TRUE(Takes("field: 'alert.category' is: 'error' is: 'jam'"));
  EXPECT_FALSE(Takes("field: 'alert.category' is: 'error'"));
  EXPECT_TRUE(Takes("field: 'alert.code' is: '29..38' is: '8'"));
  EXPECT_TRUE(Takes("field: 'alert.code' is: '8..12'"));
  EXPECT_TRUE(Takes("field: 'alert.code' is: '1..8'"));
  EXPECT_FALSE(Takes("field: 'alert.code' is: '9..12'"));
}

TEST(ConditionTest, ComparesTextWithPatterns) {
  EXPECT_TRUE(Takes("field: 'alert.device.model' is: 'TASKalfa*'"));
  EXPECT_TRUE(Takes("field: 'alert.device.model' is: '*3554*'"));
  EXPECT_TRUE(Takes("field: 'alert.device.model' is: 'T*alfa*ci'"));
  EXPECT_TRUE(Takes("field: 'alert.device.model' is: '*'"));
  EXPECT_FALSE(Takes("field: 'alert.device.model' is: 'TASKalfa'"));
  EXPECT_FALSE(Takes("field: 'alert.device.model' is: 'T*alfa'"));
  // What an end matches counts once.
  EXPECT_FALSE(Takes("field: 'tenant' is: 'acm*cme'"));
  EXPECT_TRUE(Takes("field: 'device_id' is: '30313233343536373839616263646566'"));
}

TEST(ConditionTest, TakesWhatIsAbsentOnlyForWhatItIsNot) {
  const event::v1::Event nothing;
  EXPECT_FALSE(Takes("field: 'alert.where' is: '*'", nothing));
  EXPECT_TRUE(Takes("field: 'alert.where' is_not: 'Tray 2'", nothing));
  EXPECT_FALSE(Takes("field: 'alert.where' is_not: 'Tray 2'"));
  EXPECT_FALSE(Takes("field: 'alert.device.model' is: 'TASK*' is_not: '*3554*'"));
}

TEST(ConditionTest, HoldsWhereAllOfAnAlternativeHolds) {
  const auto condition = Compile(R"(
    any_of { all_of { field: "tenant" is: "acme" } all_of { field: "site" is: "branch" } }
    any_of { all_of { field: "alert.training" is: "field_service" } })");
  ASSERT_TRUE(condition.ok()) << condition.status();
  EXPECT_FALSE(condition->Takes(JamEvent()));
  EXPECT_TRUE(condition->Takes(JamEvent("site: 'branch'")));
  EXPECT_TRUE(condition->Takes(JamEvent("alert { training: ALERT_TRAINING_FIELD_SERVICE }")));
}

TEST(ConditionTest, WithoutAlternativesHoldsForAll) {
  EXPECT_TRUE(Compile("")->Takes(JamEvent()));
}

TEST(ConditionTest, RefusesWhatSaysNothing) {
  EXPECT_EQ(Refusal("any_of {}"), "all_of: 1 to 16 conditions");
  EXPECT_EQ(Refusal("any_of { all_of { field: 'tenant' } }"),
            "field 'tenant': say what it `is`, or `is_not`");
  EXPECT_EQ(Refusal("any_of { all_of { field: 'tenant' is: '' } }"),
            "field 'tenant': an empty text is never there");
  EXPECT_EQ(Refusal("any_of { all_of { field: 'alert.code' is: '9..8' } }"),
            "field 'alert.code': '9..8' is no range");
}

}  // namespace
}  // namespace platen::rules
