#include "services/notifier/edge/channels/slack/slack_channel.h"

#include <string>

#include "tests/contract/channel_contract.h"

namespace platen::notifier::edge {
namespace {

class SlackWorld final : public ChannelWorld {
 public:
  static constexpr const char* kBusy = "429:1";
  static constexpr const char* kLost = "drop";
  static constexpr const char* kRefusal = "404";

  explicit SlackWorld(const WorldOptions& options) : ChannelWorld(options) {
    Start("webhook-sink", {});
  }

 protected:
  std::unique_ptr<Channel> MakeChannel(int port) override {
    return std::make_unique<SlackChannel>(Target(std::string("/services/") + kSecret, port),
                                          ways_.posts);
  }

  Receipt Read(const google::protobuf::Struct& record) const override {
    return {.id = record.fields().at("id").string_value(),
            .content = record.fields().at("body").string_value()};
  }
};

INSTANTIATE_TYPED_TEST_SUITE_P(Slack, ChannelContract, SlackWorld);
INSTANTIATE_TYPED_TEST_SUITE_P(Slack, ChannelRefusalContract, SlackWorld);
INSTANTIATE_TYPED_TEST_SUITE_P(Slack, ChannelTlsContract, SlackWorld);

}  // namespace
}  // namespace platen::notifier::edge
