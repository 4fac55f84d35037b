#include "tools/platenctl/rule_events.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "libs/base/ids.h"

namespace platen::platenctl {
namespace {

using testing::HasSubstr;

constexpr const char* kDevice = "00112233445566778899aabbccddeeff";

TEST(RuleEventsTest, ReadsALineOfAListOfAlerts) {
  const auto event = ParseAlertEvent(
      std::string(R"({"name":"tenants/acme/sites/hq/devices/)") + kDevice +
      R"(/alerts/jam%2F1","alert":{"alertId":"jam/1","category":"ALERT_CATEGORY_JAM"},"open":true,)"
      R"("raiseTime":"2026-11-23T12:00:00Z"})");
  ASSERT_TRUE(event.ok()) << event.status();
  EXPECT_EQ(event->tenant(), "acme");
  EXPECT_EQ(event->site(), "hq");
  EXPECT_EQ(base::HexEncode(event->device_id()), kDevice);
  EXPECT_EQ(event->alert().alert_id(), "jam/1");
  EXPECT_EQ(event->alert().raise_time().seconds(), 1795435200);
}

TEST(RuleEventsTest, ReadsALineOfAHistory) {
  const auto event =
      ParseAlertEvent(std::string(R"({"device":"tenants/acme/sites/hq/devices/)") + kDevice +
                      R"(","event":{"tenant":"acme2","alert":{"alertId":"jam/1"}}})");
  ASSERT_TRUE(event.ok()) << event.status();
  EXPECT_EQ(event->tenant(), "acme2") << "the event knows better";
  EXPECT_EQ(event->site(), "hq");
}

TEST(RuleEventsTest, ReadsAnEventAsJsonAndAsText) {
  EXPECT_TRUE(ParseAlertEvent(R"({"tenant":"acme","alert":{"code":8}})").ok());
  const auto event = ParseAlertEvent("tenant: 'acme' alert { code: 8 }");
  ASSERT_TRUE(event.ok()) << event.status();
  EXPECT_EQ(event->alert().code(), 8);
}

TEST(RuleEventsTest, RefusesWhatIsNoAlertsEvent) {
  EXPECT_THAT(std::string(ParseAlertEvent("{\"tenant\":1x}").status().message()),
              HasSubstr("can't be read"));
  EXPECT_THAT(std::string(ParseAlertEvent("hello").status().message()), HasSubstr("--output json"));
  EXPECT_THAT(std::string(ParseAlertEvent("{\"tenant\":\"acme\"}").status().message()),
              HasSubstr("no alert"));
}

TEST(RuleEventsTest, AnEndIsAskedForAsABeginning) {
  const auto event = ParseAlertEvent(
      "tenant: 'acme' alert { alert_id: 'a' transition: ALERT_TRANSITION_ENDED end: "
      "ALERT_END_CLEARED raise_time { seconds: 5 } }");
  ASSERT_TRUE(event.ok()) << event.status();
  const auto beginning = BeginningOf(*event, base::WallFromMillis(1'795'435'200'000));
  EXPECT_EQ(beginning.alert().transition(), event::v1::ALERT_TRANSITION_RAISED);
  EXPECT_EQ(beginning.alert().end(), event::v1::ALERT_END_UNSPECIFIED);
  EXPECT_EQ(beginning.alert().raise_time().seconds(), 1'795'435'200);
  EXPECT_EQ(beginning.device_id().size(), 16u);
  EXPECT_EQ(beginning.alert().instance(), 1u);
}

}  // namespace
}  // namespace platen::platenctl
