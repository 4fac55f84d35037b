#include "services/notifier/edge/channels/email/email_channel.h"

#include <string>
#include <utility>

#include "tests/contract/channel_contract.h"

namespace platen::notifier::edge {
namespace {

class EmailWorld final : public ChannelWorld {
 public:
  static constexpr const char* kBusy = "451";
  static constexpr const char* kLost = "drop";
  static constexpr const char* kRefusal = "554";

  explicit EmailWorld(const WorldOptions& options,
                      std::vector<std::string> to = {"desk@example.com"})
      : ChannelWorld(options), to_(std::move(to)) {
    std::vector<std::string> arguments;
    if (options.sink_speaks_tls) {
      arguments = {"--user", "platen", "--password-file", directory_.Write("password", kSecret)};
    }
    Start("smtp-sink", arguments);
  }

 protected:
  std::unique_ptr<Channel> MakeChannel(int port) override {
    EmailOptions options{.server = "smtp://localhost:" + std::to_string(port),
                         .frame = {.from = "Platen <alarms@example.com>",
                                   .to = to_,
                                   .message_id_domain = "example.com"},
                         .allow_plaintext = options_.channel_allows_plaintext,
                         .ca_file = ca_file_};
    if (options_.sink_speaks_tls) {
      options.username = "platen";
      options.password = kSecret;
    }
    if (options_.sink_is_mute) options.timeout = std::chrono::milliseconds(300);
    return std::make_unique<EmailChannel>(options, ways_.transfers);
  }

  Receipt Read(const google::protobuf::Struct& record) const override {
    const std::string message_id = record.fields().at("message_id").string_value();
    return {.id = message_id.substr(1, message_id.find('@') - 1),
            .content = record.fields().at("raw").string_value()};
  }

  std::vector<std::string> Shown(const Receipt& receipt) const override {
    const auto& mail = receipt.record.fields();
    return {mail.at("subject").string_value(),
            mail.at("text").string_value(),
            mail.at("html").string_value()};
  }

 private:
  const std::vector<std::string> to_;
};

INSTANTIATE_TYPED_TEST_SUITE_P(Email, ChannelContract, EmailWorld);
INSTANTIATE_TYPED_TEST_SUITE_P(Email, ChannelRefusalContract, EmailWorld);
INSTANTIATE_TYPED_TEST_SUITE_P(Email, ChannelTlsContract, EmailWorld);

TEST(EmailChannelTest, IsReadBackByAnIndependentParserAsItWasMeant) {
  EmailWorld world(WorldOptions{});

  ASSERT_EQ(world.Send(JamNotification(v1::NOTIFICATION_KIND_CLEARED)).outcome,
            core::SendOutcome::kDelivered);

  const Receipt receipt = world.Receipts().at(0);
  const auto& mail = receipt.record.fields();
  EXPECT_EQ(mail.at("subject").string_value(),
            "[Cleared] Re: [Acme Ltd/Zürich] HL-L5100DN, …4711: jam in tray 2");
  EXPECT_EQ(mail.at("text").string_value().rfind(
                "Acme Ltd, Room 2.14, serial E78123F4N554711, 48213 pages, Tray 2", 0),
            0u);
  EXPECT_NE(mail.at("html").string_value().find("Paper jam &lt;Tray 2&gt;"), std::string::npos);
  EXPECT_EQ(mail.at("from").string_value(), "alarms@example.com");
}

TEST(EmailChannelTest, LogsInOverTlsOnly) {
  EmailWorld world(WorldOptions{.sink_speaks_tls = true, .channel_allows_plaintext = false});

  ASSERT_EQ(world.Send(JamNotification(v1::NOTIFICATION_KIND_RAISED)).outcome,
            core::SendOutcome::kDelivered);

  const Receipt receipt = world.Receipts().at(0);
  const auto& mail = receipt.record.fields();
  EXPECT_TRUE(mail.at("tls").bool_value());
  EXPECT_TRUE(mail.at("login").bool_value());
}

TEST(EmailChannelTest, GoesToTheAddressesThatTheMessageBrings) {
  EmailWorld world(WorldOptions{}, {});
  v1::Notification raise = JamNotification(v1::NOTIFICATION_KIND_RAISED, "contacts/alice");
  EXPECT_EQ(world.Send(raise).outcome, core::SendOutcome::kRefused) << "to nobody at all";
  raise.add_emails("alice@example.com");
  raise.add_emails("no address");

  ASSERT_EQ(world.Send(raise).outcome, core::SendOutcome::kDelivered);

  const auto receipts = world.Receipts();
  ASSERT_EQ(receipts.size(), 1u);
  EXPECT_NE(receipts[0].content.find("To: alice@example.com\r\n"), std::string::npos);
  EXPECT_EQ(receipts[0].content.find("no address"), std::string::npos);
}

TEST(EmailChannelTest, OneWrongAddressKeepsNobodyElseFromBeingTold) {
  EmailWorld world(WorldOptions{}, {"refused@example.com", "desk@example.com"});

  const core::SendResult result = world.Send(JamNotification(v1::NOTIFICATION_KIND_RAISED));

  EXPECT_EQ(result.outcome, core::SendOutcome::kDelivered);
  EXPECT_THAT(result.detail, testing::HasSubstr("recipients refused: 1"));
  EXPECT_EQ(world.Receipts().size(), 1u);
}

TEST(EmailChannelTest, IsRefusedWhereAllAddressesAreWrong) {
  EmailWorld world(WorldOptions{}, {"refused@example.com"});

  const core::SendResult result = world.Send(JamNotification(v1::NOTIFICATION_KIND_RAISED));

  EXPECT_EQ(result.outcome, core::SendOutcome::kRefused);
  EXPECT_THAT(result.detail, testing::HasSubstr("550 5.1.1"));
  EXPECT_THAT(result.detail, testing::Not(testing::HasSubstr("refused@example.com")));
}

}  // namespace
}  // namespace platen::notifier::edge
