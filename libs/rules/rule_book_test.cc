#include "libs/rules/rule_book.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "libs/rules/test_rules.h"

namespace platen::rules {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

// Monday, 23 November 2026, 12:00 UTC.
const base::WallTime kMonday{std::chrono::seconds(1795435200)};

constexpr const char* kOffice = R"(calendar {
  time_zone: "UTC" spans { days: [DAY_MON, DAY_TUE, DAY_WED, DAY_THU, DAY_FRI] from: "08:00" to: "17:00" } })";
constexpr const char* kJams = "any_of { all_of { field: 'alert.category' is: 'jam' } }";

class RuleBookTest : public testing::Test {
 protected:
  void Put(const std::string& name, const std::string& content) {
    const absl::Status status = book_.Put(RecordOf(name, content));
    ASSERT_TRUE(status.ok()) << status;
  }

  std::string Refusal(const std::string& name, const std::string& content) {
    return std::string(book_.Put(RecordOf(name, content)).message());
  }

  std::vector<std::string> RulesFor(const event::v1::Event& event, base::WallTime now = kMonday) {
    std::vector<std::string> names;
    for (const Taken& taken : book_.RulesFor(event, now)) names.push_back(*taken.name);
    return names;
  }

  std::vector<std::string> Resolve(const std::string& receivers, base::WallTime now = kMonday) {
    std::vector<std::string> names;
    for (const Receiver& each :
         book_.Resolve(FromText<v1::Rule>(receivers).receivers(), "acme", "hq", now)) {
      names.push_back(each.name + (each.emails.empty() ? "" : " " + each.emails.front()));
    }
    return names;
  }

  RuleBook book_;
};

TEST_F(RuleBookTest, TheFirstRuleThatTakesAnAlertDecides) {
  Put("rules/everything", "rule { order: 9 receivers: 'desk' }");
  Put("rules/jams", std::string("rule { order: 1 receivers: 'desk' ") + kJams + " }");
  Put("rules/log", "rule { goes_on: true receivers: 'archive' }");
  EXPECT_THAT(RulesFor(JamEvent()), ElementsAre("rules/log", "rules/jams"));
  EXPECT_THAT(RulesFor(JamEvent("alert { category: ALERT_CATEGORY_ERROR }")),
              ElementsAre("rules/log", "rules/everything"));
}

TEST_F(RuleBookTest, SuppliesHaveToBeAskedFor) {
  Put("rules/everything", "rule { receivers: 'desk' }");
  const auto supply = JamEvent("alert { category: ALERT_CATEGORY_SUPPLY }");
  EXPECT_THAT(RulesFor(supply), IsEmpty());
  Put("rules/supplies",
      "rule { receivers: 'stock' any_of { all_of { field: 'alert.category' is: 'supply' } } }");
  EXPECT_THAT(RulesFor(supply), ElementsAre("rules/supplies"));
}

TEST_F(RuleBookTest, WhatASiteSaysTakesThePlaceOfWhatItsCustomerAndTheOperatorSay) {
  Put("rules/jams", "rule { receivers: 'operator' }");
  Put("tenants/acme/rules/jams", "rule { receivers: 'customer' }");
  EXPECT_THAT(RulesFor(JamEvent()), ElementsAre("tenants/acme/rules/jams"));
  EXPECT_THAT(RulesFor(JamEvent("tenant: 'beta'")), ElementsAre("rules/jams"));
  Put("tenants/acme/sites/hq/rules/jams", "rule { off: true }");
  EXPECT_THAT(RulesFor(JamEvent()), IsEmpty());
  EXPECT_THAT(RulesFor(JamEvent("site: 'branch'")), ElementsAre("tenants/acme/rules/jams"));
  ASSERT_TRUE(book_.Remove("tenants/acme/sites/hq/rules/jams"));
  EXPECT_THAT(RulesFor(JamEvent()), ElementsAre("tenants/acme/rules/jams"));
}

TEST_F(RuleBookTest, OutsideItsHoursARuleWaitsOrIsSkipped) {
  Put("calendars/office", kOffice);
  Put("rules/waits", "rule { order: 2 hours: 'office' }");
  const auto evening = kMonday + std::chrono::hours(8);
  ASSERT_THAT(RulesFor(JamEvent(), evening), ElementsAre("rules/waits"));
  EXPECT_EQ(book_.RulesFor(JamEvent(), evening)[0].open_at, kMonday + std::chrono::hours(20));
  EXPECT_EQ(book_.RulesFor(JamEvent(), kMonday)[0].open_at, kMonday);
  Put("rules/skipped", "rule { order: 1 hours: 'office' outside_hours: OUTSIDE_HOURS_SKIP }");
  EXPECT_THAT(RulesFor(JamEvent(), evening), ElementsAre("rules/waits"));
  EXPECT_THAT(RulesFor(JamEvent(), kMonday), ElementsAre("rules/skipped"));
}

TEST_F(RuleBookTest, ACalendarThatNobodyHasSetIsAlwaysOpen) {
  Put("rules/jams",
      "rule { hours: 'offise' outside_hours: OUTSIDE_HOURS_SKIP escalation: 'up' receivers: "
      "'contacts/zoe' }");
  EXPECT_THAT(RulesFor(JamEvent()), ElementsAre("rules/jams"));
  EXPECT_THAT(book_.Missing(),
              ElementsAre("rules/jams: calendar 'offise'",
                          "rules/jams: contact 'zoe'",
                          "rules/jams: escalation 'up'"));
}

TEST_F(RuleBookTest, ResolvesWhoeverIsMeant) {
  Put("contacts/alice", "contact { emails: 'alice@example.com' }");
  Put("contacts/bob", "contact { emails: 'bob@example.com' }");
  Put("tenants/acme/contacts/alice", "contact { emails: 'alice@acme.example' }");
  Put("rosters/first-line",
      "roster { contacts: ['bob', 'alice'] time_zone: 'UTC' first_shift: '2026-11-23T08:00' "
      "shift_days: 1 }");
  EXPECT_THAT(
      Resolve("receivers: ['desk', 'contacts/alice', 'rosters/first-line', 'desk']"),
      ElementsAre("desk", "contacts/alice alice@acme.example", "contacts/bob bob@example.com"));
  EXPECT_THAT(Resolve("receivers: ['rosters/first-line', 'contacts/alice']",
                      kMonday + std::chrono::hours(24)),
              ElementsAre("contacts/alice alice@acme.example"));
  EXPECT_THAT(Resolve("receivers: ['contacts/zoe', 'rosters/none']"), IsEmpty());
}

TEST_F(RuleBookTest, ASilenceHoldsForItsTimeAndPlace) {
  const auto at = [](int hours) { return kMonday + std::chrono::hours(hours); };
  const std::string until = " note: 'moving' end_time { seconds: 1795442400 }";  // Two hours on.
  Put("tenants/acme/silences/move", std::string("silence { ") + kJams + until + " }");
  const auto quiet = book_.QuietFor(JamEvent(), kMonday);
  ASSERT_TRUE(quiet.has_value());
  EXPECT_EQ(quiet->silence, "tenants/acme/silences/move");
  EXPECT_EQ(quiet->until, at(2));
  EXPECT_FALSE(book_.QuietFor(JamEvent(), at(2)).has_value());
  EXPECT_FALSE(book_.QuietFor(JamEvent("tenant: 'beta'"), kMonday).has_value());
  EXPECT_FALSE(book_.QuietFor(JamEvent("alert { category: ALERT_CATEGORY_ERROR }"), kMonday));
  Put("silences/later",
      std::string("silence { ") + kJams +
          " note: 'x' start_time { seconds: 1795438800 } end_time { seconds: 1795446000 } }");
  EXPECT_EQ(book_.QuietFor(JamEvent(), kMonday)->until, at(2));
  EXPECT_EQ(book_.QuietFor(JamEvent(), at(1))->until, at(3));
  book_.Remove("silences/later");
  book_.Remove("tenants/acme/silences/move");
  EXPECT_FALSE(book_.QuietFor(JamEvent(), kMonday).has_value());
}

TEST_F(RuleBookTest, AMaintenanceWindowComesAgain) {
  Put("calendars/sundays",
      "calendar { time_zone: 'UTC' spans { days: DAY_SUN from: '02:00' to: '04:00' } }");
  Put("silences/weekly",
      std::string("silence { note: 'updates' calendar: 'sundays' ") + kJams + " }");
  const auto sunday = kMonday + std::chrono::hours(24 * 6 - 12);
  EXPECT_FALSE(book_.QuietFor(JamEvent(), kMonday).has_value());
  const auto quiet = book_.QuietFor(JamEvent(), sunday + std::chrono::hours(3));
  ASSERT_TRUE(quiet.has_value());
  EXPECT_EQ(quiet->until, sunday + std::chrono::hours(4));
  EXPECT_TRUE(book_.QuietFor(JamEvent(), sunday + std::chrono::hours(24 * 7 + 3)).has_value());
}

TEST_F(RuleBookTest, AnInhibitionKeepsOthersQuietAndNothingLikeItself) {
  Put("inhibitions/broken", R"(inhibition {
    source { all_of { field: "alert.training" is: "field_service" } }
    target { all_of { field: "vendor" is: "*" } } })");
  const auto broken = JamEvent("alert { training: ALERT_TRAINING_FIELD_SERVICE }");
  EXPECT_EQ(*book_.Inhibits(broken, JamEvent()), "inhibitions/broken");
  EXPECT_EQ(book_.Inhibits(JamEvent(), JamEvent()), nullptr);
  EXPECT_EQ(book_.Inhibits(broken, broken), nullptr);
  EXPECT_TRUE(book_.MayBeInhibited(JamEvent()));
  EXPECT_FALSE(book_.MayBeInhibited(broken));
  Put("tenants/acme/inhibitions/broken", "inhibition { off: true }");
  EXPECT_EQ(book_.Inhibits(broken, JamEvent()), nullptr);
}

TEST_F(RuleBookTest, AWrongRecordIsRefusedWholeAndTheFormerStands) {
  Put("rules/jams", "rule { receivers: 'desk' }");
  EXPECT_EQ(Refusal("rules/jams", "rule { any_of { all_of { field: 'alert.kode' is: '8' } } }"),
            "'rules/jams': field 'alert.kode': Alert has no 'kode'; did you mean 'code'?");
  EXPECT_THAT(RulesFor(JamEvent()), ElementsAre("rules/jams"));
  EXPECT_THAT(Refusal("rules/jams", "silence {}"), HasSubstr("its name is of the rules"));
  EXPECT_THAT(Refusal("rules/jams", ""), HasSubstr("it says nothing"));
  EXPECT_THAT(Refusal("rules/jams", "rule { rate { more_than: 5 } }"), HasSubstr("`pages`"));
  const std::string by_site = "group { by: GROUP_BY_SITE }";
  EXPECT_THAT(Refusal("rules/jams", "rule { " + by_site + " site_silence { at_least: 1 } }"),
              HasSubstr("one device is no site"));
  EXPECT_THAT(
      Refusal("rules/jams", "rule { " + by_site + " site_silence { at_least: 3 percent: 101 } }"),
      HasSubstr("at most 100"));
  EXPECT_THAT(Refusal("rules/jams", "rule { site_silence { at_least: 3 } }"),
              HasSubstr("needs a group by site"));
  EXPECT_THAT(Refusal("rules/jams",
                      "rule { " + by_site + " site_silence { at_least: 3 } escalation: 'up' }"),
              HasSubstr("not with an escalation"));
  EXPECT_THAT(Refusal("silences/s", std::string("silence { note: 'x' ") + kJams + "}"),
              HasSubstr("end_time: needed"));
  EXPECT_THAT(Refusal("silences/s", "silence { note: 'x' end_time { seconds: 1 } }"),
              HasSubstr("what is to be quiet"));
  EXPECT_THAT(Refusal("contacts/c", "contact { emails: 'a b@example.com' }"),
              HasSubstr("no address"));
  EXPECT_THAT(Refusal("escalations/e", "escalation { steps { receivers: 'boss' } }"),
              HasSubstr("each later"));
  EXPECT_EQ(book_.size(), 1u);
}

}  // namespace
}  // namespace platen::rules
