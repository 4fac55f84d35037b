#include "services/gateway/core/record_orders.h"

#include <gmock/gmock.h>
#include <google/protobuf/text_format.h>

#include "libs/event/timestamps.h"

namespace platen::gateway::core {
namespace {

using rules::v1::ApplyRecordsRequest;
using ::testing::HasSubstr;

const base::WallTime kNow = base::WallFromMillis(1767225600000);
const Caller kJane{.name = "jane", .role = config::v1::ROLE_ADMINISTRATOR};
const Caller kAcme{.name = "bob", .role = config::v1::ROLE_ADMINISTRATOR, .tenants = {"acme"}};

ApplyRecordsRequest Request(const std::string& text) {
  ApplyRecordsRequest request;
  EXPECT_TRUE(google::protobuf::TextFormat::ParseFromString(text, &request)) << text;
  return request;
}

std::string Refusal(const Caller& caller, const std::string& text) {
  const auto order = CheckApply(Request(text), caller, kNow);
  return order.ok() ? "" : std::string(order.status().message());
}

TEST(RecordOrdersTest, AuthorAndTimeAreTheGatewaysWord) {
  const auto order = CheckApply(
      Request("records { name: 'rules/jam' author: 'somebody else' rule { receivers: 'desk' } }"),
      kJane,
      kNow);
  ASSERT_TRUE(order.ok()) << order.status();
  EXPECT_EQ(order->records[0].author(), "jane");
  EXPECT_EQ(event::FromProto(order->records[0].set_time()), kNow);
}

TEST(RecordOrdersTest, ATenantsCallerSetsWhatIsItsTenantsAndNothingElse) {
  EXPECT_EQ(Refusal(kAcme, "records { name: 'tenants/acme/rules/r' rule {} }"), "");
  EXPECT_THAT(Refusal(kAcme, "records { name: 'tenants/globex/rules/r' rule {} }"),
              HasSubstr("bob may not see tenant globex"));
  EXPECT_THAT(Refusal(kAcme, "records { name: 'rules/r' rule {} }"),
              HasSubstr("bob may not set what holds for all customers, only tenants/acme/…"));
  EXPECT_THAT(Refusal(kAcme, "prune: true"), HasSubstr("may not set what holds for all"));
  const Caller partner{.name = "p", .role = config::v1::ROLE_PARTNER};
  EXPECT_THAT(Refusal(partner, "records { name: 'rules/r' rule {} }"), HasSubstr("administrator"));
}

TEST(RecordOrdersTest, AServiceDeskSilencesAndSetsNoRules) {
  const Caller desk{.name = "desk", .role = config::v1::ROLE_OPERATOR, .tenants = {"acme"}};
  const std::string silence =
      "records { name: 'tenants/acme/silences/s' silence { note: 'moving' end_time { seconds: "
      "4000000000 } any_of { all_of { field: 'site' is: 'hq' } } } }";
  EXPECT_EQ(Refusal(desk, silence), "");
  EXPECT_THAT(Refusal(desk, "parent: 'tenants/acme' prune: true " + silence),
              HasSubstr("may not register"));
  EXPECT_THAT(Refusal(desk, "records { name: 'tenants/acme/rules/r' rule {} }"),
              HasSubstr("its role is not administrator"));
  EXPECT_TRUE(CheckMaySet(desk, "acme", rules::RecordKind::kAcknowledgement).ok());
  EXPECT_FALSE(CheckMaySet(desk, "globex", rules::RecordKind::kAcknowledgement).ok());
  const Caller partner{.name = "p", .role = config::v1::ROLE_PARTNER};
  EXPECT_THAT(Refusal(partner, silence), HasSubstr("neither operator nor administrator"));
}

TEST(RecordOrdersTest, RecordsLieInTheirParent) {
  EXPECT_EQ(
      Refusal(kJane,
              "parent: 'tenants/acme' records { name: 'tenants/acme/sites/hq/rules/r' rule {} }"),
      "");
  EXPECT_THAT(Refusal(kJane, "parent: 'tenants/acme' records { name: 'rules/r' rule {} }"),
              HasSubstr("does not lie in `parent`"));
  EXPECT_THAT(Refusal(kJane,
                      "parent: 'tenants/acme' prune: true"
                      " records { name: 'tenants/acme/sites/hq/rules/r' rule {} }"),
              HasSubstr("set at `parent` itself"));
  EXPECT_THAT(Refusal(kJane, "parent: 'acme' records { name: 'rules/r' rule {} }"),
              HasSubstr("should read tenants/TENANT"));
}

TEST(RecordOrdersTest, WhatIsWrongIsSaidWithItsPlace) {
  EXPECT_THAT(Refusal(kJane,
                      "records { name: 'rules/a' rule {} }"
                      " records { name: 'rules/b' rule { rate { more_than: 5 } } }"),
              HasSubstr("records[1]: 'rules/b': rate"));
  EXPECT_THAT(
      Refusal(kJane, "records { name: 'rules/a' rule {} } records { name: 'rules/a' rule {} }"),
      HasSubstr("'rules/a' is there twice"));
  EXPECT_THAT(Refusal(kJane, ""), HasSubstr("1 to 1000"));
  EXPECT_THAT(Refusal(kJane,
                      "records { name: 'contacts/a' contact { display_name: '" +
                          std::string(70'000, 'x') + "' emails: 'a@b.example' } }"),
              HasSubstr("at most 65536 bytes"));
}

TEST(RecordOrdersTest, WhatIsOverAlreadyIsNotSet) {
  const std::string match = "any_of { all_of { field: 'tenant' is: 'acme' } }";
  EXPECT_THAT(Refusal(kJane,
                      "records { name: 'silences/s' silence { note: 'x' end_time { seconds: 5 } " +
                          match + " } }"),
              HasSubstr("it is over already"));
  const std::string ack =
      "records { name: 'tenants/acme/sites/hq/acknowledgements/00000000000000000000000000000001."
      "jam/1' acknowledgement { instance: 1 expire_time { seconds: ";
  EXPECT_EQ(Refusal(kJane, ack + "1767229200 } } }"), "");
  EXPECT_THAT(Refusal(kJane, ack + "1797229200 } } }"), HasSubstr("at most 31 days"));
  EXPECT_THAT(Refusal(kJane,
                      "records { name: 'tenants/acme/sites/hq/acknowledgements/jam/1'"
                      " acknowledgement { expire_time { seconds: 1767229200 } } }"),
              HasSubstr("ends in the device's id"));
}

TEST(RecordOrdersTest, AnAcknowledgementIsNamedAfterItsAlert) {
  const auto alert = ParseAlertName(
      "tenants/acme/sites/hq/devices/00000000000000000000000000000001/alerts/jam%2F1");
  ASSERT_TRUE(alert.ok()) << alert.status();
  const auto record = MakeAcknowledgement(*alert, std::chrono::hours(4), "on my way", "jane", kNow);
  ASSERT_TRUE(record.ok()) << record.status();
  EXPECT_EQ(record->name(),
            "tenants/acme/sites/hq/acknowledgements/00000000000000000000000000000001.jam/1");
  EXPECT_FALSE(MakeAcknowledgement(*alert, std::chrono::hours(24 * 32), "", "jane", kNow).ok());
  EXPECT_FALSE(MakeAcknowledgement(*alert, std::chrono::seconds(1), "", "jane", kNow).ok());
}

}  // namespace
}  // namespace platen::gateway::core
