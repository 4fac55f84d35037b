// Names, tokens, filters and targets: what callers write.
#include <gtest/gtest.h>

#include "services/gateway/core/access.h"
#include "services/gateway/core/device_filter.h"
#include "services/gateway/core/names.h"
#include "services/gateway/core/paging.h"
#include "services/gateway/core/target_check.h"
#include "services/gateway/test_events.h"

namespace platen::gateway::core {
namespace {

namespace config = platen::config::v1;
namespace fleet = platen::fleet::v1;

TEST(NamesTest, ANameIsReadAndWrittenAlike) {
  const std::string name = DeviceName({"acme", "hq"}, testing::Device(3));
  const auto place = ParseDevicePlace(name, "devices", Wildcards::kRefused);

  ASSERT_TRUE(place.ok()) << place.status();
  EXPECT_EQ(place->place, (Place{"acme", "hq"}));
  EXPECT_EQ(place->device, testing::Device(3));
}

TEST(NamesTest, ADashStandsForAnyWhereThatIsAllowed) {
  EXPECT_EQ(*ParsePlace("tenants/-/sites/hq", Wildcards::kAllowed), (Place{"", "hq"}));
  EXPECT_FALSE(ParsePlace("tenants/-/sites/hq", Wildcards::kRefused).ok());
}

TEST(NamesTest, OtherFormsAreRefused) {
  for (const char* name :
       {"", "tenants/a", "tenants/A/sites/b", "tenants/a/sites/b/", "x/a/sites/b"}) {
    EXPECT_FALSE(ParsePlace(name, Wildcards::kAllowed).ok()) << name;
  }
  EXPECT_FALSE(
      ParseDevicePlace("tenants/a/sites/b/devices/12", "devices", Wildcards::kAllowed).ok());
}

TEST(PagingTest, ATokenBelongsToItsCall) {
  const std::string token = MakePageToken({"tenants/-/sites/-", "filter"}, "cursor");

  EXPECT_EQ(*ReadPageToken({"tenants/-/sites/-", "filter"}, token), "cursor");
  EXPECT_FALSE(ReadPageToken({"tenants/-/sites/-", "other"}, token).ok());
  EXPECT_FALSE(ReadPageToken({"tenants/-/sites/-", "filter"}, "garbage").ok());
  EXPECT_EQ(*ReadPageToken({"anything"}, ""), "");
}

TEST(PagingTest, SizesAreCoercedDownAndNegativeOnesRefused) {
  EXPECT_EQ(*PageSize(0), 100);
  EXPECT_EQ(*PageSize(5000), 1000);
  EXPECT_FALSE(PageSize(-1).ok());
}

TEST(PagingTest, AResumeTokenBelongsToItsStoreAndParent) {
  const std::string token = MakeResumeToken("store", "parent", 42);

  EXPECT_EQ(*ReadResumeToken("store", "parent", token), 42);
  EXPECT_EQ(ReadResumeToken("new store", "parent", token).status().code(),
            absl::StatusCode::kOutOfRange);
}

TEST(DeviceFilterTest, ConditionsAreJoinedByAnd) {
  const auto filter = ParseDeviceFilter(
      R"(serial_number = "X\"1" AND state = alert AND text : "Second Floor" AND text:hp)");

  ASSERT_TRUE(filter.ok()) << filter.status();
  EXPECT_EQ(filter->serial_number, "X\"1");
  EXPECT_EQ(filter->state, fleet::Device::STATE_ALERT);
  EXPECT_EQ(filter->texts, (std::vector<std::string>{"Second Floor", "hp"}));
}

TEST(DeviceFilterTest, FaultsSayWhere) {
  for (const char* text : {"serial",
                           "serial_number > 1",
                           "text = x",
                           "state = broken",
                           "x = 1",
                           "state = ok AND",
                           "state = ok OR state = alert",
                           "model = \"open"}) {
    const auto filter = ParseDeviceFilter(text);
    EXPECT_FALSE(filter.ok()) << text;
    EXPECT_NE(filter.status().message().find("column"), std::string::npos) << text;
  }
  EXPECT_TRUE(ParseDeviceFilter("").ok());
}

TEST(TargetCheckTest, AnAddressHasOneForm) {
  fleet::Target target;
  target.set_address("2001:DB8:0:0:0:0:0:1");
  EXPECT_EQ(CheckTarget(target)->address(), "2001:db8::1");
  EXPECT_EQ(CheckTarget(target)->installation(), "default");

  for (const char* address : {"", "printer.example", "10.0.0.1:161", "10.0.0.300"}) {
    target.set_address(address);
    EXPECT_FALSE(CheckTarget(target).ok()) << address;
  }
}

TEST(TargetCheckTest, AnAddressOfNobodyOrManyIsRefused) {
  fleet::Target target;
  for (const char* address :
       {"0.0.0.0", "224.0.0.1", "255.255.255.255", "::", "ff02::1", "::ffff:239.1.2.3"}) {
    target.set_address(address);
    EXPECT_FALSE(CheckTarget(target).ok()) << address;
  }
  for (const char* address : {"::1", "fe80::1", "127.0.0.1", "10.255.255.255"}) {
    target.set_address(address);
    EXPECT_TRUE(CheckTarget(target).ok()) << address;
  }
}

TEST(TargetCheckTest, NoFieldHoldsWhatATerminalObeys) {
  fleet::Target target;
  target.set_address("10.0.0.1");
  target.set_display_name("Zo\xC3\xAB \xC2\xB1");
  EXPECT_TRUE(CheckTarget(target).ok());
  for (const char* name : {"a\x1B[2J", "a\xC2\x9B[2J", "a\xC2\x85", "a\x7F"}) {
    target.set_display_name(name);
    EXPECT_FALSE(CheckTarget(target).ok()) << name;
  }
}

TEST(TargetCheckTest, FieldsHaveBounds) {
  fleet::Target target;
  target.set_address("10.0.0.1");
  ASSERT_TRUE(CheckTarget(target).ok());

  fleet::Target port = target;
  port.mutable_snmp()->set_port(70000);
  EXPECT_FALSE(CheckTarget(port).ok());
  fleet::Target credential = target;
  credential.mutable_snmp()->set_credential("Secret Community!");
  EXPECT_FALSE(CheckTarget(credential).ok());
  fleet::Target text = target;
  text.set_location("a\nb");
  EXPECT_FALSE(CheckTarget(text).ok());
  fleet::Target interval = target;
  interval.mutable_schedule()->mutable_status_interval()->set_nanos(1);
  EXPECT_FALSE(CheckTarget(interval).ok());
}

TEST(TargetCheckTest, ARequestIdIsAUuid) {
  EXPECT_TRUE(CheckRequestId("").ok());
  EXPECT_TRUE(CheckRequestId("123e4567-e89b-12d3-a456-426614174000").ok());
  EXPECT_FALSE(CheckRequestId("123e4567").ok());
}

TEST(AccessTest, ACertificateIsKnownByAnyOfItsNames) {
  config::Client relay;
  relay.set_name("spiffe://platen.test/relay");
  relay.set_role(config::ROLE_RELAY);
  relay.set_installation("default");
  const std::vector<config::Client> clients{relay};

  const auto caller =
      FindCaller(clients, std::vector<std::string>{"relay", "spiffe://platen.test/relay"});
  ASSERT_TRUE(caller.ok());
  EXPECT_TRUE(CheckMayIngest(*caller, "default").ok());
  EXPECT_FALSE(CheckMayIngest(*caller, "other").ok());
  EXPECT_FALSE(CheckMayRead(*caller).ok());
  EXPECT_FALSE(FindCaller(clients, std::vector<std::string>{"stranger"}).ok());
}

TEST(AccessTest, APartnerReadsItsTenantsAndRegistersNothing) {
  const Caller partner{.name = "p", .role = config::ROLE_PARTNER, .tenants = {"acme"}};

  EXPECT_TRUE(CheckMayRead(partner).ok());
  EXPECT_FALSE(CheckMayRegister(partner).ok());
  EXPECT_FALSE(CheckMayCare(partner).ok());
  EXPECT_TRUE(partner.MaySee("acme"));
  EXPECT_FALSE(partner.MaySee("globex"));
}

}  // namespace
}  // namespace platen::gateway::core
