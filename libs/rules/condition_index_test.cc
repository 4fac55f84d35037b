#include "libs/rules/condition_index.h"

#include <random>
#include <set>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "libs/base/status.h"
#include "libs/rules/test_rules.h"

namespace platen::rules {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

Condition Compile(const std::string& any_of) {
  return *Condition::Compile(FromText<v1::Rule>(any_of).any_of());
}

TEST(ConditionIndexTest, FindsWhatHangsOnAFieldAndWhatHangsOnNothing) {
  ConditionIndex index;
  index.Add(3, Compile("any_of { all_of { field: 'tenant' is: 'acme' } }"));
  index.Add(1, Compile("any_of { all_of { field: 'alert.where' is: 'Tray*' } }"));
  index.Add(2, Compile("any_of { all_of { field: 'tenant' is: 'beta' } }"));
  EXPECT_THAT(index.Find(JamEvent()), ElementsAre(1, 3));
  index.Remove(3);
  index.Remove(1);
  EXPECT_THAT(index.Find(JamEvent()), IsEmpty());
  EXPECT_EQ(index.size(), 1u);
}

TEST(ConditionIndexTest, FindsAConditionOnceThoughTwoAlternativesHold) {
  ConditionIndex index;
  index.Add(7,
            Compile("any_of { all_of { field: 'tenant' is: 'acme' } }"
                    "any_of { all_of { field: 'site' is: 'hq' } }"));
  EXPECT_THAT(index.Find(JamEvent()), ElementsAre(7));
}

// One test of a random condition: values of few letters, so that many hold.
std::string RandomMatcher(std::mt19937& random) {
  const auto pick = [&](std::initializer_list<const char*> from) {
    return std::string(*(from.begin() + random() % from.size()));
  };
  const std::string verb = random() % 4 == 0 ? " is_not: " : " is: ";
  switch (random() % 4) {
    case 0:
      return "field: 'tenant'" + verb + pick({"'a'", "'b'", "'c*'", "'a' is: 'b'"});
    case 1:
      return "field: 'site'" + verb + pick({"'a'", "'b'", "'*'"});
    case 2:
      return "field: 'alert.code'" + verb + pick({"'1'", "'2..3'", "'3' is: '4'"});
    default:
      return "field: 'alert.category'" + verb + pick({"'jam'", "'error'"});
  }
}

TEST(ConditionIndexTest, FindsWhatAskingEachFinds) {
  std::mt19937 random(17);
  ConditionIndex index;
  std::map<ConditionIndex::Id, Condition> all;
  for (int step = 0; step < 2000; ++step) {
    const ConditionIndex::Id id = random() % 60;
    if (all.erase(id) > 0) {
      index.Remove(id);
    } else {
      std::string any_of;
      for (std::size_t i = 0; i <= random() % 2; ++i) {
        any_of += "any_of { all_of { " + RandomMatcher(random) + " } all_of { " +
                  RandomMatcher(random) + " } }";
      }
      index.Add(id, Compile(any_of));
      all.emplace(id, Compile(any_of));
    }
    auto event = JamEvent();
    event.set_tenant(std::string(1, static_cast<char>('a' + random() % 3)));
    event.set_site(std::string(random() % 2, 'a'));
    event.mutable_alert()->set_code(static_cast<int>(random() % 5));
    if (random() % 8 == 0) event.clear_alert();
    std::vector<ConditionIndex::Id> expected;
    for (const auto& [each, condition] : all) {
      if (condition.Takes(event)) expected.push_back(each);
    }
    ASSERT_EQ(index.Find(event), expected) << "step " << step;
  }
}

}  // namespace
}  // namespace platen::rules
