#include "services/notifier/edge/channels/webhook/webhook_channel.h"

#include <string>
#include <thread>

#include "tests/contract/channel_contract.h"

namespace platen::notifier::edge {
namespace {

class WebhookWorld final : public ChannelWorld {
 public:
  static constexpr const char* kBusy = "503";
  static constexpr const char* kLost = "drop";
  static constexpr const char* kRefusal = "404";

  explicit WebhookWorld(const WorldOptions& options) : ChannelWorld(options) {
    Start("webhook-sink", {"--signing-key-file", directory_.Write("key", kSecret)});
  }

  // The file of the authority that the channel trusts is replaced by that of the sink's.
  void ReplaceAuthority() {
    directory_.Write("other-ca/ca.crt",
                     testing_support::ReadWholeFile(directory_.File("sink-ca/ca.crt")));
  }

 protected:
  std::unique_ptr<Channel> MakeChannel(int port) override {
    WebhookOptions options{.target = Target("/hook", port),
                           .signing_key = kSecret,
                           .headers = {"Authorization: Bearer correct-horse-battery"}};
    return std::make_unique<WebhookChannel>(options, ways_.posts);
  }

  Receipt Read(const google::protobuf::Struct& record) const override {
    return {.id = record.fields().at("id").string_value(),
            .content = record.fields().at("body").string_value()};
  }

  // Its other fields are data, for programs.
  std::vector<std::string> Shown(const Receipt& receipt) const override {
    const google::protobuf::Struct body = Parsed(receipt.content);
    const auto& data = body.fields().at("data").struct_value().fields();
    std::vector<std::string> titles = {data.at("title").string_value()};
    if (!data.contains("members")) return titles;
    for (const auto& member : data.at("members").list_value().values()) {
      titles.push_back(member.struct_value().fields().at("title").string_value());
    }
    return titles;
  }
};

INSTANTIATE_TYPED_TEST_SUITE_P(Webhook, ChannelContract, WebhookWorld);
INSTANTIATE_TYPED_TEST_SUITE_P(Webhook, ChannelRefusalContract, WebhookWorld);
INSTANTIATE_TYPED_TEST_SUITE_P(Webhook, ChannelTlsContract, WebhookWorld);

const v1::Notification kRaise = JamNotification(v1::NOTIFICATION_KIND_RAISED);

TEST(WebhookChannelTest, SignsWhatItSends) {
  WebhookWorld world(WorldOptions{.answers = "503"});

  world.Send(kRaise, 1);
  world.Send(kRaise, 2);

  const auto receipts = world.Receipts();
  ASSERT_EQ(receipts.size(), 2u);
  for (const Receipt& receipt : receipts) {
    EXPECT_EQ(receipt.record.fields().at("signature").string_value(), "valid");
  }
  const auto& headers = receipts[1].record.fields().at("headers").struct_value().fields();
  EXPECT_EQ(headers.at("platen-attempt").string_value(), "2");
  EXPECT_EQ(headers.at("platen-timestamp").string_value(), "1700000002");
  EXPECT_EQ(headers.at("content-type").string_value(),
            "application/cloudevents+json; charset=utf-8");
  EXPECT_EQ(headers.at("authorization").string_value(), "Bearer correct-horse-battery");
}

TEST(WebhookChannelTest, WaitsAsLongAsItIsAsked) {
  WebhookWorld world(WorldOptions{.answers = "429:7"});

  const core::SendResult result = world.Send(kRaise);

  EXPECT_EQ(result.outcome, core::SendOutcome::kRetry);
  EXPECT_EQ(result.retry_after, std::chrono::seconds(7));
}

TEST(WebhookChannelTest, FollowsNoRedirect) {
  WebhookWorld world(WorldOptions{.answers = "redirect"});

  EXPECT_EQ(world.Send(kRaise).outcome, core::SendOutcome::kRefused);

  EXPECT_EQ(world.Receipts().size(), 1u) << "nothing went to the other address";
}

TEST(WebhookChannelTest, ShowsItsCertificateToAServerThatAsks) {
  WebhookWorld world(WorldOptions{.sink_speaks_tls = true,
                                  .channel_allows_plaintext = false,
                                  .sink_asks_for_certificate = true,
                                  .channel_has_certificate = true});
  EXPECT_EQ(world.Send(kRaise).outcome, core::SendOutcome::kDelivered);

  WebhookWorld without(WorldOptions{.sink_speaks_tls = true,
                                    .channel_allows_plaintext = false,
                                    .sink_asks_for_certificate = true});
  EXPECT_EQ(without.Send(kRaise).outcome, core::SendOutcome::kRetry);
  EXPECT_TRUE(without.Receipts().empty());
}

TEST(WebhookChannelTest, TrustsAnAuthorityWhoseFileHasReplacedAnother) {
  WebhookWorld world(WorldOptions{
      .sink_speaks_tls = true, .channel_allows_plaintext = false, .channel_trusts_sink = false});
  EXPECT_EQ(world.Send(kRaise).outcome, core::SendOutcome::kRetry);

  world.ReplaceAuthority();

  while (world.Send(kRaise).outcome != core::SendOutcome::kDelivered) std::this_thread::yield();
}

TEST(WebhookChannelTest, RefusesPrivateAddressesUnlessAllowed) {
  WebhookWorld world(WorldOptions{.channel_allows_private_addresses = false});

  const core::SendResult result = world.Send(kRaise);

  EXPECT_EQ(result.outcome, core::SendOutcome::kRetry);
  EXPECT_THAT(result.detail, testing::HasSubstr("not a public one"));
  EXPECT_TRUE(world.Receipts().empty());
}

TEST(WebhookChannelTest, RefusesPrivateAddressesBehindNamesToo) {
  WebhookWorld world(
      WorldOptions{.sink_speaks_tls = true, .channel_allows_private_addresses = false});

  EXPECT_EQ(world.Send(kRaise).outcome, core::SendOutcome::kRetry);  // https://localhost

  EXPECT_TRUE(world.Receipts().empty());
}

TEST(WebhookChannelTest, ReadsNoMoreOfAnEndlessAnswerThanItsStatus) {
  WebhookWorld world(WorldOptions{.answers = "endless"});
  EXPECT_EQ(world.Send(kRaise).outcome, core::SendOutcome::kDelivered);
}

TEST(WebhookChannelTest, LosesPatienceWithAnAnswerThatComesOctetByOctet) {
  WebhookWorld world(WorldOptions{.answers = "drip"});
  const core::SendResult result = world.Send(kRaise);
  EXPECT_EQ(result.outcome, core::SendOutcome::kRetry);
  EXPECT_THAT(result.detail, testing::HasSubstr("Timeout"));
  EXPECT_EQ(world.Send(kRaise, 2).outcome, core::SendOutcome::kDelivered);
}

}  // namespace
}  // namespace platen::notifier::edge
