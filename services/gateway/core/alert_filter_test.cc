#include "services/gateway/core/alert_filter.h"

#include <string>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace platen::gateway::core {
namespace {

using testing::HasSubstr;

platen::fleet::v1::AlertRecord Jam() {
  platen::fleet::v1::AlertRecord record;
  record.set_name("tenants/acme/sites/hq/devices/0123456789abcdef0123456789abcdef/alerts/jam/8/2");
  record.set_open(true);
  platen::event::v1::Alert& alert = *record.mutable_alert();
  alert.set_alert_id("jam/1");
  alert.set_category(platen::event::v1::ALERT_CATEGORY_JAM);
  alert.set_severity(platen::event::v1::ALERT_SEVERITY_CRITICAL);
  alert.set_training(platen::event::v1::ALERT_TRAINING_FIELD_SERVICE);
  alert.set_code(8);
  alert.set_description("Paper jam");
  alert.set_where("Tray 2");
  alert.mutable_device()->set_manufacturer("Brother");
  alert.mutable_device()->set_model("HL-L5100DN");
  return record;
}

TEST(AlertFilterTest, TakesWhatEachConditionSays) {
  for (const std::string text : {"",
                                 "category = jam",
                                 "category = JAM AND severity = critical",
                                 "training = field_service",
                                 "code = 8",
                                 "open = true",
                                 "tenant = acme AND site = \"hq\"",
                                 "device = 0123456789abcdef0123456789abcdef",
                                 "alert_id = jam/1",
                                 "vendor = Brother AND model = HL-L5100DN",
                                 "text : \"tray 2\" AND text : paper"}) {
    const auto filter = ParseAlertFilter(text);
    ASSERT_TRUE(filter.ok()) << filter.status();
    EXPECT_TRUE(filter->Matches(Jam())) << text;
  }
}

TEST(AlertFilterTest, PassesOverWhatOneConditionDoesNotTake) {
  for (const std::string text : {"category = supply",
                                 "category = jam AND severity = warning",
                                 "training = untrained",
                                 "code = 9",
                                 "open = false",
                                 "tenant = acm",
                                 "site = branch",
                                 "device = 00",
                                 "alert_id = jam",
                                 "vendor = HP",
                                 "text : toner"}) {
    const auto filter = ParseAlertFilter(text);
    ASSERT_TRUE(filter.ok()) << filter.status();
    EXPECT_FALSE(filter->Matches(Jam())) << text;
  }
}

TEST(AlertFilterTest, SaysWhereAndWhatItDoesNotUnderstand) {
  struct Case {
    std::string text;
    std::string fault;
  };

  for (const Case& test : std::vector<Case>{{"category = jams", "error, jam, alarm, supply"},
                                            {"colour = red", "no such field: category"},
                                            {"category : jam", "is used with \"=\""},
                                            {"text = jam", "is used with \":\""},
                                            {"open = yes", "true or false"},
                                            {"code = x", "a number"},
                                            {"category = unspecified", "no such value"},
                                            {"category = jam OR code = 8", "AND is expected"},
                                            {"category = jam AND", "column 19"}}) {
    const auto filter = ParseAlertFilter(test.text);
    ASSERT_FALSE(filter.ok()) << test.text;
    EXPECT_THAT(std::string(filter.status().message()), HasSubstr(test.fault)) << test.text;
  }
}

}  // namespace
}  // namespace platen::gateway::core
