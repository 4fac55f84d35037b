#include "services/notifier/edge/channels/snmp_inform/snmp_inform_channel.h"

#include <map>
#include <string>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "libs/base/ids.h"
#include "libs/snmp/message.h"
#include "libs/snmp/message_writer.h"
#include "services/notifier/edge/channels/snmp_inform/inform.h"
#include "services/notifier/edge/channels/test_notification.h"

namespace platen::notifier::edge {
namespace {

using testing::EndsWith;
using testing::HasSubstr;
using testing::StartsWith;

// Numbers and texts by name, "oid = value".
std::map<std::string, std::string> Varbinds(const std::string& datagram) {
  snmp::MessageDecoder decoder;
  snmp::MessageView message;
  EXPECT_EQ(decoder.Decode(
                {reinterpret_cast<const std::uint8_t*>(datagram.data()), datagram.size()}, message),
            snmp::DecodeFault::kNone);
  EXPECT_EQ(message.head.type, snmp::PduType::kInform);
  EXPECT_EQ(message.head.request_id, 77);
  EXPECT_EQ(message.head.community, "geheim");
  std::map<std::string, std::string> found;
  for (const snmp::VarbindView& varbind : message.varbinds) {
    const auto oid = varbind.value.AsOid();
    found[varbind.name.ToString()] = varbind.value.is_number()
                                         ? std::to_string(*varbind.value.AsInteger())
                                     : oid.has_value() ? oid->ToString()
                                                       : std::string(varbind.value.raw_bytes());
  }
  return found;
}

constexpr char kColumn[] = "1.3.6.1.2.1.43.18.1.1.";

TEST(ComposeInformTest, IsThePrinterMibsAlert) {
  v1::Notification raise = JamNotification(v1::NOTIFICATION_KIND_RAISED);
  raise.mutable_event()->mutable_alert()->set_alert_index(12);
  auto said = Varbinds(ComposeInform(raise, "geheim", 77));

  EXPECT_EQ(said["1.3.6.1.6.3.1.1.4.1.0"], "1.3.6.1.2.1.43.18.2.0.1");
  EXPECT_EQ(said[kColumn + std::string("1.1.12")], "12");
  EXPECT_EQ(said[kColumn + std::string("2.1.12")], "3");
  EXPECT_EQ(said[kColumn + std::string("4.1.12")], "8");
  EXPECT_EQ(said[kColumn + std::string("7.1.12")], "8");
  EXPECT_THAT(said[kColumn + std::string("8.1.12")],
              StartsWith("Jam in tray 2: Acme Ltd, Room 2.14, serial E78123F4N554711"));
  EXPECT_THAT(said[kColumn + std::string("8.1.12")],
              EndsWith(" message " + base::HexEncode(raise.id()) + "]"));
  EXPECT_EQ(said["1.3.6.1.6.3.18.1.3.0"], "\x7F\x01" + std::string(1, '\0') + "\x05");
  EXPECT_EQ(said["1.3.6.1.2.1.43.5.1.1.17.1"], "E78123F4N554711");
  EXPECT_EQ(said["1.3.6.1.2.1.1.6.0"], "Room 2.14");
}

TEST(ComposeInformTest, SaysAnEndAsTheMibDoes) {
  const v1::Notification clear = JamNotification(v1::NOTIFICATION_KIND_CLEARED);
  const std::string index = std::to_string(AlertIndexOf(clear));
  auto said = Varbinds(ComposeInform(clear, "geheim", 77));
  EXPECT_EQ(said[kColumn + ("4.1." + index)], "18");
  EXPECT_EQ(said[kColumn + ("5.1." + index)], index);
  EXPECT_EQ(said[kColumn + ("7.1." + index)], "1801");
  EXPECT_EQ(AlertIndexOf(clear), AlertIndexOf(JamNotification(v1::NOTIFICATION_KIND_RAISED)))
      << "the end names the alert that began";
}

TEST(ComposeInformTest, FitsIntoAFrameWhateverADeviceSays) {
  v1::Notification raise = JamNotification(v1::NOTIFICATION_KIND_RAISED);
  event::v1::DeviceLabel& device = *raise.mutable_event()->mutable_alert()->mutable_device();
  for (std::string* text : {device.mutable_location(),
                            device.mutable_display_name(),
                            device.mutable_model(),
                            device.mutable_serial_number()}) {
    *text = std::string(4000, 'x');
  }
  const std::string datagram = ComposeInform(raise, "geheim", 77);
  EXPECT_LE(datagram.size(), 1400u);
  EXPECT_THAT(Varbinds(datagram)[kColumn + ("8.1." + std::to_string(AlertIndexOf(raise)))],
              EndsWith(base::HexEncode(raise.id()) + "]"));
}

std::string Response(std::int32_t request_id, std::int32_t error, std::string_view community) {
  std::array<std::uint8_t, 200> buffer{};
  snmp::MessageWriter writer(buffer, community.size());
  const auto bytes = writer.Finish({.type = snmp::PduType::kResponse,
                                    .request_id = request_id,
                                    .error_status = error,
                                    .community = community});
  return {bytes.begin(), bytes.end()};
}

TEST(ReadInformResponseTest, TakesOnlyTheAnswerToItsOwnRequest) {
  EXPECT_EQ(ReadInformResponse(Response(77, 0, "geheim"), "geheim", 77), 0);
  EXPECT_EQ(ReadInformResponse(Response(77, 16, "geheim"), "geheim", 77), 16);
  EXPECT_EQ(ReadInformResponse(Response(78, 0, "geheim"), "geheim", 77), std::nullopt);
  EXPECT_EQ(ReadInformResponse(Response(77, 0, "public"), "geheim", 77), std::nullopt);
  EXPECT_EQ(ReadInformResponse("no BER", "geheim", 77), std::nullopt);
  EXPECT_EQ(ReadInformResponse("", "geheim", 77), std::nullopt);
}

TEST(ClassifyInformTest, TakesTheManagerAtItsWord) {
  EXPECT_EQ(ClassifyInform(0, "").outcome, core::SendOutcome::kDelivered);
  EXPECT_EQ(ClassifyInform(5, "").outcome, core::SendOutcome::kRetry) << "genErr";
  EXPECT_EQ(ClassifyInform(13, "").outcome, core::SendOutcome::kRetry) << "resourceUnavailable";
  EXPECT_EQ(ClassifyInform(1, "").outcome, core::SendOutcome::kRefused) << "tooBig";
  EXPECT_EQ(ClassifyInform(16, "").outcome, core::SendOutcome::kRefused) << "authorizationError";
  EXPECT_EQ(ClassifyInform(std::nullopt, "nobody answers").outcome, core::SendOutcome::kRetry);
}

TEST(ValidateSnmpInformTest, ListsAllFaultsAndKeepsTheCommunitySecret) {
  config::v1::SnmpInform config;
  const auto faults = [&config] {
    service::FaultList list;
    ValidateSnmpInform(config, "receivers[0].snmp_inform", list);
    return list.ToString();
  };
  config.mutable_timeout()->set_seconds(3600);
  for (const char* path : {".manager", ".community.secret_file", ".timeout"}) {
    EXPECT_THAT(faults(), HasSubstr(std::string("receivers[0].snmp_inform") + path));
  }
  config.clear_timeout();
  config.set_manager("nms.example.com:162");
  config.mutable_community()->set_value("geheim");
  EXPECT_EQ(faults(), "");
  EXPECT_EQ(ToSnmpInformOptions(config)->community, "geheim");
  EXPECT_EQ(ToSnmpInformOptions(config)->manager.host, "nms.example.com");
}

}  // namespace
}  // namespace platen::notifier::edge
