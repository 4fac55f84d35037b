// The rules that are shipped: which alert is whose.
#include <string>
#include <vector>

#include <gmock/gmock.h>
#include <google/protobuf/text_format.h>
#include <gtest/gtest.h>

#include "libs/base/status.h"
#include "libs/rules/rule_book.h"
#include "services/notifier/notifier_config.h"
#include "tests/support/child_process.h"

namespace platen::notifier {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

// Monday, 23 November 2026, 12:00 UTC.
const base::WallTime kMonday{std::chrono::seconds(1795435200)};

class DefaultRulesTest : public testing::Test {
 protected:
  DefaultRulesTest() {
    config::v1::Notifier config;
    config.set_rules_file(testing_support::SourceFile("deploy/rules/default.yaml"));
    const auto records = ToRules(config);
    EXPECT_TRUE(records.ok()) << records.status();
    for (const rules::v1::Record& record : *records) EXPECT_TRUE(book_.Put(record).ok());
  }

  static event::v1::Event AlertOf(const std::string& text) {
    event::v1::Event event;
    event.set_tenant("acme");
    event.set_site("hq");
    EXPECT_TRUE(google::protobuf::TextFormat::ParseFromString(text, event.mutable_alert())) << text;
    return event;
  }

  // "RULE → RECEIVER", of an alert in text format.
  std::vector<std::string> RulesFor(const std::string& alert) {
    std::vector<std::string> taken;
    for (const rules::Taken& rule : book_.RulesFor(AlertOf(alert), kMonday)) {
      taken.push_back(base::StrCat(*rule.name, " → ", rule.rule->receivers(0)));
    }
    return taken;
  }

  rules::RuleBook book_;
};

TEST_F(DefaultRulesTest, WhatAnEngineerMendsGoesToTheServiceDeskAtOnce) {
  const auto desk = ElementsAre("rules/field-service → service-desk");
  EXPECT_THAT(
      RulesFor("category: ALERT_CATEGORY_ALARM training: ALERT_TRAINING_FIELD_SERVICE code: 2"),
      desk);
  for (const int code : {29, 33, 38, 1001, 1004}) {
    EXPECT_THAT(RulesFor(base::StrCat("category: ALERT_CATEGORY_ALARM code: ", code)), desk)
        << code;
  }
  EXPECT_THAT(RulesFor("category: ALERT_CATEGORY_ERROR code: 3"), desk);
  EXPECT_THAT(RulesFor("category: ALERT_CATEGORY_ALARM code: 28"), IsEmpty());
  EXPECT_THAT(RulesFor("category: ALERT_CATEGORY_ALARM code: 1005"), IsEmpty());
}

TEST_F(DefaultRulesTest, JamsWaitTenMinutesUnlessThereAreTooMany) {
  const auto jam = AlertOf("category: ALERT_CATEGORY_JAM code: 8 training: ALERT_TRAINING_TRAINED");
  const auto taken = book_.RulesFor(jam, kMonday);
  ASSERT_EQ(taken.size(), 1u);
  EXPECT_EQ(*taken[0].name, "rules/jam");
  EXPECT_EQ(taken[0].rule->after().seconds(), 600);
  EXPECT_EQ(taken[0].rule->rate().more_than(), 5u);
  EXPECT_EQ(taken[0].rule->rate().pages(), 1000u);
}

TEST_F(DefaultRulesTest, SuppliesAreOrderedAndNoAlarm) {
  const auto store = ElementsAre("rules/supplies → replenishment");
  EXPECT_THAT(RulesFor("category: ALERT_CATEGORY_SUPPLY"), store);
  // Toner low, as the device's own row says it.
  EXPECT_THAT(
      RulesFor(
          "category: ALERT_CATEGORY_ALARM group: 11 code: 1104 training: ALERT_TRAINING_UNTRAINED"),
      store);
  EXPECT_THAT(RulesFor("category: ALERT_CATEGORY_ALARM group: 11 code: 1001"),
              ElementsAre("rules/field-service → service-desk"));
}

TEST_F(DefaultRulesTest, WhatUsersMendIsTheirsUntilASiteWantsIt) {
  const std::string tray =
      "category: ALERT_CATEGORY_ALARM group: 8 code: 808 training: ALERT_TRAINING_UNTRAINED";
  EXPECT_THAT(RulesFor(tray), IsEmpty());
  rules::v1::Record wanted;
  for (const rules::v1::Record* record : book_.Records()) {
    if (record->name() == "rules/operator") wanted = *record;
  }
  wanted.set_name("tenants/acme/sites/hq/rules/operator");
  wanted.mutable_rule()->set_off(false);
  ASSERT_TRUE(book_.Put(wanted).ok());
  EXPECT_THAT(RulesFor(tray), ElementsAre("tenants/acme/sites/hq/rules/operator → contacts/site"));
}

TEST_F(DefaultRulesTest, ThatNobodyWatchesAnyPrinterIsToldAtOnceAtAnyHour) {
  const event::v1::Event gone = AlertOf(
      "category: ALERT_CATEGORY_ALARM origin: ALERT_ORIGIN_PLATEN alert_id: 'collectors-gone/1'");
  const base::WallTime sunday_night = kMonday - std::chrono::hours(9);
  const auto taken = book_.RulesFor(gone, sunday_night);
  ASSERT_EQ(taken.size(), 1u);
  EXPECT_EQ(*taken[0].name, "rules/collectors");
  EXPECT_THAT(taken[0].rule->receivers(), ElementsAre("service-desk"));
  EXPECT_EQ(taken[0].open_at, sunday_night);
  EXPECT_FALSE(taken[0].rule->has_after());
}

TEST_F(DefaultRulesTest, ASilentDeviceIsPutTogetherWithItsSite) {
  const auto taken = book_.RulesFor(
      AlertOf("category: ALERT_CATEGORY_ALARM origin: ALERT_ORIGIN_PLATEN alert_id: 'unreachable'"),
      kMonday);
  ASSERT_EQ(taken.size(), 1u);
  EXPECT_EQ(*taken[0].name, "rules/silent");
  EXPECT_EQ(taken[0].rule->group().by(), rules::v1::GROUP_BY_SITE);
  EXPECT_EQ(taken[0].rule->site_silence().at_least(), 3u);
  EXPECT_EQ(taken[0].open_at, kMonday);
  const base::WallTime evening = kMonday + std::chrono::hours(6);
  EXPECT_EQ(
      book_.RulesFor(AlertOf("category: ALERT_CATEGORY_ALARM origin: ALERT_ORIGIN_PLATEN"), evening)
          .at(0)
          .open_at,
      kMonday + std::chrono::hours(21))
      << "what is switched off in the evening is asked for at ten";
}

TEST_F(DefaultRulesTest, SleepReadyAndConfigurationAreNobodys) {
  for (const char* alert :
       {"category: ALERT_CATEGORY_ALARM code: 507",
        "category: ALERT_CATEGORY_ALARM code: 23",
        "category: ALERT_CATEGORY_ALARM code: 7",
        "category: ALERT_CATEGORY_ALARM training: ALERT_TRAINING_NO_INTERVENTION code: 2"}) {
    EXPECT_THAT(RulesFor(alert), IsEmpty()) << alert;
  }
}

TEST_F(DefaultRulesTest, NameNothingThatIsNotThereButTheSitesContact) {
  EXPECT_THAT(book_.Missing(), IsEmpty());
}

}  // namespace
}  // namespace platen::notifier
