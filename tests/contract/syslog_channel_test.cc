#include "services/notifier/edge/channels/syslog/syslog_channel.h"

#include <string>

#include "tests/contract/channel_contract.h"

namespace platen::notifier::edge {
namespace {

// It speaks TLS or not at all; a sink without it is for the test that nothing is said to such a
// one.
WorldOptions Encrypted(WorldOptions options) {
  options.sink_speaks_tls = options.sink_speaks_tls || options.channel_allows_plaintext;
  return options;
}

class SyslogWorld final : public ChannelWorld {
 public:
  static constexpr const char* kBusy = "reset";
  static constexpr const char* kLost = "hang";
  static constexpr const char* kRefusal = "reset";

  explicit SyslogWorld(const WorldOptions& options) : ChannelWorld(Encrypted(options)) {
    Start("syslog-sink", {});
  }

 protected:
  std::unique_ptr<Channel> MakeChannel(int port) override {
    SyslogOptions options;
    options.target = {
        .peer = {.host = "localhost",
                 .port = static_cast<std::uint16_t>(port),
                 .allow_private_addresses = options_.channel_allows_private_addresses},
        .ca_file = ca_file_};
    if (options_.channel_has_certificate) {
      options.target.cert_file = directory_.File("sink-ca/sink.crt");
      options.target.key_file = directory_.File("sink-ca/sink.key");
    }
    if (options_.sink_is_mute || options_.answers == kLost || !options_.sink_speaks_tls) {
      options.target.peer.timeout = std::chrono::milliseconds(500);
    }
    return std::make_unique<SyslogChannel>(options, ways_.exchanges);
  }

  Receipt Read(const google::protobuf::Struct& record) const override {
    return {.id = record.fields().at("id").string_value(),
            .content = record.fields().at("message").string_value()};
  }
};

INSTANTIATE_TYPED_TEST_SUITE_P(Syslog, ChannelContract, SyslogWorld);
INSTANTIATE_TYPED_TEST_SUITE_P(Syslog, ChannelTlsContract, SyslogWorld);

const v1::Notification kRaise = JamNotification(v1::NOTIFICATION_KIND_RAISED);

TEST(SyslogChannelTest, SaysEachOfADigestOverOneConnection) {
  SyslogWorld world(WorldOptions{});

  EXPECT_EQ(world.Send(DigestNotification()).outcome, core::SendOutcome::kDelivered);

  const auto receipts = world.Receipts();
  ASSERT_EQ(receipts.size(), 2u);
  EXPECT_EQ(receipts[0].record.fields().at("connection").number_value(),
            receipts[1].record.fields().at("connection").number_value());
}

TEST(SyslogChannelTest, ShowsItsCertificateToAServerThatAsks) {
  SyslogWorld world(
      WorldOptions{.sink_asks_for_certificate = true, .channel_has_certificate = true});
  EXPECT_EQ(world.Send(kRaise).outcome, core::SendOutcome::kDelivered);

  SyslogWorld without(WorldOptions{.sink_asks_for_certificate = true});
  // With TLS 1.3 the server refuses after our handshake: what it ends by an alert was not read.
  EXPECT_EQ(without.Send(kRaise).outcome, core::SendOutcome::kRetry);
  EXPECT_TRUE(without.Receipts().empty());
}

TEST(SyslogChannelTest, RefusesPrivateAddressesBehindNamesToo) {
  SyslogWorld world(WorldOptions{.channel_allows_private_addresses = false});

  const core::SendResult result = world.Send(kRaise);

  EXPECT_EQ(result.outcome, core::SendOutcome::kRetry);
  EXPECT_THAT(result.detail, testing::HasSubstr("not a public one"));
  EXPECT_TRUE(world.Receipts().empty());
}

}  // namespace
}  // namespace platen::notifier::edge
