#include "services/notifier/edge/channels/snmp_inform/snmp_inform_channel.h"

#include <string>

#include "absl/strings/escaping.h"
#include "absl/strings/match.h"
#include "tests/contract/channel_contract.h"

namespace platen::notifier::edge {
namespace {

constexpr const char* kSilent = "silent";

// There is no TLS, and no connection that stays mute: a mute manager is one that never answers.
WorldOptions Datagrams(WorldOptions options) {
  options.sink_speaks_tls = false;
  if (options.sink_is_mute) options.answers = kSilent;
  options.sink_is_mute = false;
  return options;
}

class SnmpInformWorld final : public ChannelWorld {
 public:
  static constexpr const char* kBusy = "5";
  static constexpr const char* kLost = kSilent;
  static constexpr const char* kRefusal = "16";

  explicit SnmpInformWorld(const WorldOptions& options) : ChannelWorld(Datagrams(options)) {
    Start("inform-sink", {"--community-file", directory_.Write("community", kSecret)});
  }

 protected:
  std::unique_ptr<Channel> MakeChannel(int port) override {
    SnmpInformOptions options{
        .manager = {.host = "127.0.0.1",
                    .port = static_cast<std::uint16_t>(port),
                    .allow_private_addresses = options_.channel_allows_private_addresses},
        .community = kSecret};
    if (options_.answers == kSilent) options.manager.timeout = std::chrono::milliseconds(500);
    return std::make_unique<SnmpInformChannel>(options, ways_.exchanges);
  }

  Receipt Read(const google::protobuf::Struct& record) const override {
    return {.id = record.fields().at("id").string_value(),
            .content = record.fields().at("varbinds").ShortDebugString()};
  }

  std::vector<std::string> Shown(const Receipt& receipt) const override {
    std::vector<std::string> texts;
    for (const auto& varbind : receipt.record.fields().at("varbinds").list_value().values()) {
      const std::string& hex = varbind.list_value().values(1).string_value();
      // Numbers are short, and object ids begin with 1.3.6.
      if (hex.size() > 16 && !absl::StartsWith(hex, "2b06"))
        texts.push_back(absl::HexStringToBytes(hex));
    }
    return texts;
  }
};

INSTANTIATE_TYPED_TEST_SUITE_P(SnmpInform, ChannelContract, SnmpInformWorld);
INSTANTIATE_TYPED_TEST_SUITE_P(SnmpInform, ChannelRefusalContract, SnmpInformWorld);

TEST(SnmpInformChannelTest, SaysItAgainUnderItsIdUntilItIsAnswered) {
  SnmpInformWorld world(WorldOptions{.answers = "late"});

  EXPECT_EQ(world.Send(JamNotification(v1::NOTIFICATION_KIND_RAISED)).outcome,
            core::SendOutcome::kDelivered);

  const auto receipts = world.Receipts();
  ASSERT_EQ(receipts.size(), 1u) << "one request, said twice";
}

TEST(SnmpInformChannelTest, SaysEachOfADigest) {
  SnmpInformWorld world(WorldOptions{});
  EXPECT_EQ(world.Send(DigestNotification()).outcome, core::SendOutcome::kDelivered);
  EXPECT_EQ(world.Receipts().size(), 2u);
}

TEST(SnmpInformChannelTest, RefusesPrivateAddressesUnlessAllowed) {
  SnmpInformWorld world(WorldOptions{.channel_allows_private_addresses = false});

  const core::SendResult result = world.Send(JamNotification(v1::NOTIFICATION_KIND_RAISED));

  EXPECT_EQ(result.outcome, core::SendOutcome::kRetry);
  EXPECT_THAT(result.detail, testing::HasSubstr("not a public one"));
  EXPECT_TRUE(world.Receipts().empty());
}

}  // namespace
}  // namespace platen::notifier::edge
