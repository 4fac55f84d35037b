#include "services/notifier/edge/channels/events_api/events_api_channel.h"

#include <string>

#include "tests/contract/channel_contract.h"

namespace platen::notifier::edge {
namespace {

class EventsApiWorld final : public ChannelWorld {
 public:
  static constexpr const char* kBusy = "503";
  static constexpr const char* kLost = "drop";
  static constexpr const char* kRefusal = "400";

  explicit EventsApiWorld(const WorldOptions& options) : ChannelWorld(options) {
    Start("webhook-sink", {});
  }

 protected:
  std::unique_ptr<Channel> MakeChannel(int port) override {
    return std::make_unique<EventsApiChannel>(
        EventsApiOptions{.target = Target("/v2/enqueue", port), .routing_key = kSecret},
        ways_.posts);
  }

  Receipt Read(const google::protobuf::Struct& record) const override {
    return {.id = record.fields().at("id").string_value(),
            .content = record.fields().at("body").string_value()};
  }
};

INSTANTIATE_TYPED_TEST_SUITE_P(EventsApi, ChannelContract, EventsApiWorld);
INSTANTIATE_TYPED_TEST_SUITE_P(EventsApi, ChannelRefusalContract, EventsApiWorld);
INSTANTIATE_TYPED_TEST_SUITE_P(EventsApi, ChannelTlsContract, EventsApiWorld);

TEST(EventsApiChannelTest, PostsTheMembersOfADigestOneByOneInOrder) {
  EventsApiWorld world(WorldOptions{});

  EXPECT_EQ(world.Send(DigestNotification()).outcome, core::SendOutcome::kDelivered);

  const auto receipts = world.Receipts();
  ASSERT_EQ(receipts.size(), 2u);
  EXPECT_THAT(receipts[0].content, testing::HasSubstr("trigger"));
  EXPECT_THAT(receipts[1].content, testing::HasSubstr("resolve"));
}

TEST(EventsApiChannelTest, AFailureWithinADigestIsAFailureOfIt) {
  EventsApiWorld world(WorldOptions{.answers = "202,429:3"});

  const core::SendResult first = world.Send(DigestNotification(), 1);
  EXPECT_EQ(first.outcome, core::SendOutcome::kRetry);
  EXPECT_EQ(first.retry_after, std::chrono::seconds(3));
  EXPECT_EQ(world.Send(DigestNotification(), 2).outcome, core::SendOutcome::kDelivered);

  EXPECT_EQ(world.Receipts().size(), 4u) << "all of it again, under the same keys";
}

}  // namespace
}  // namespace platen::notifier::edge
