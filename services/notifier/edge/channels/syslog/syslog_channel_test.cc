#include "services/notifier/edge/channels/syslog/syslog_channel.h"

#include <string>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "libs/base/ids.h"
#include "services/notifier/edge/channels/test_notification.h"

namespace platen::notifier::edge {
namespace {

using testing::HasSubstr;
using testing::Not;
using testing::StartsWith;

TEST(ComposeSyslogTest, SaysWhatHappenedToWhatUnderItsId) {
  const v1::Notification raise = JamNotification(v1::NOTIFICATION_KIND_RAISED);
  const std::string message = ComposeSyslogMessage(raise, {.hostname = "notifier-0"});

  // local0, critical.
  EXPECT_THAT(message,
              StartsWith("<130>1 2023-11-14T22:23:21.000Z notifier-0 platen - RAISED [platen@32473"
                         " id=\"" +
                         base::HexEncode(raise.id()) + "\" incident=\"" +
                         base::HexEncode(raise.incident_id()) +
                         "\" alert=\"jam/1\" category=\"jam\" severity=\"critical\""));
  EXPECT_THAT(message, HasSubstr("] \xEF\xBB\xBFJam in tray 2: Acme Ltd, Room 2.14, serial"));
}

TEST(ComposeSyslogTest, SaysThatItIsOverAsANotice) {
  const std::string message =
      ComposeSyslogMessage(JamNotification(v1::NOTIFICATION_KIND_CLEARED), {.facility = 1});
  EXPECT_THAT(message, StartsWith("<13>1 "));
  EXPECT_THAT(message, HasSubstr(" - platen - CLEARED ["));
}

TEST(ComposeSyslogTest, LetsNoDeviceEndAValueOrALine) {
  v1::Notification raise = JamNotification(v1::NOTIFICATION_KIND_RAISED);
  raise.mutable_event()->mutable_alert()->mutable_device()->set_location("A\"] \\B\n<1>1");
  const std::string message = ComposeSyslogMessage(raise, {});
  EXPECT_THAT(message, HasSubstr("location=\"A\\\"\\] \\\\B <1>1\""));
  EXPECT_THAT(message, Not(HasSubstr("\n")));
}

TEST(ComposeSyslogTest, StaysWithinWhatReceiversTake) {
  v1::Notification raise = JamNotification(v1::NOTIFICATION_KIND_ACKNOWLEDGED);
  const std::string hostile(5000, ']');
  event::v1::DeviceLabel& device = *raise.mutable_event()->mutable_alert()->mutable_device();
  device.set_location(hostile);
  device.set_customer(hostile);
  device.set_model(hostile);
  device.set_serial_number(hostile);
  device.set_address(hostile);
  raise.mutable_event()->mutable_alert()->set_alert_id(hostile);
  raise.mutable_event()->set_tenant(hostile);
  raise.mutable_event()->set_site(hostile);
  raise.set_note(hostile);
  raise.set_author(hostile);
  raise.set_rule(hostile);
  EXPECT_LE(ComposeSyslogMessage(raise, {}).size(), 8192u);
}

TEST(ComposeSyslogTest, CountsOctetsOfEachMessageOfADigest) {
  std::string stream = ComposeSyslogStream(DigestNotification(), {});
  int messages = 0;
  while (!stream.empty()) {
    const std::size_t space = stream.find(' ');
    const std::size_t size = std::stoul(stream.substr(0, space));
    EXPECT_THAT(stream.substr(space + 1), StartsWith("<"));
    ASSERT_GE(stream.size(), space + 1 + size);
    stream.erase(0, space + 1 + size);
    ++messages;
  }
  EXPECT_EQ(messages, 2);
}

TEST(ClassifySyslogTest, BelievesTheReceiversEndAndNothingElse) {
  EXPECT_EQ(ClassifySyslog({.completed = true}).outcome, core::SendOutcome::kDelivered);
  EXPECT_EQ(ClassifySyslog({.failure = "reset"}).outcome, core::SendOutcome::kRetry);
}

std::string FaultsOf(const config::v1::Syslog& config) {
  service::FaultList faults;
  ValidateSyslog(config, "receivers[0].syslog", faults);
  return faults.ToString();
}

TEST(ValidateSyslogTest, ListsAllFaultsWithTheirPaths) {
  config::v1::Syslog config;
  config.set_server("logs.example.com");
  config.set_key_file("/nowhere/key.pem");
  config.mutable_timeout()->set_seconds(3600);
  config.set_facility(24);
  config.set_hostname("two words");
  config.set_structured_data_id("platen");
  const std::string faults = FaultsOf(config);
  for (const char* path : {".server",
                           ".cert_file",
                           ".key_file",
                           ".timeout",
                           ".facility",
                           ".hostname",
                           ".structured_data_id"}) {
    EXPECT_THAT(faults, HasSubstr(std::string("receivers[0].syslog") + path));
  }
}

TEST(ValidateSyslogTest, AcceptsAGoodOne) {
  config::v1::Syslog config;
  config.set_server("logs.example.com:6514");
  config.set_structured_data_id("printers@4711.1");
  EXPECT_EQ(FaultsOf(config), "");
  const SyslogOptions options = ToSyslogOptions(config);
  EXPECT_EQ(options.target.peer.port, 6514);
  EXPECT_EQ(options.frame.facility, 16u);
  EXPECT_FALSE(options.target.peer.allow_private_addresses);
}

}  // namespace
}  // namespace platen::notifier::edge
