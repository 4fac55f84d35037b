#include "services/notifier/edge/channels/teams/teams_channel.h"

#include <string>

#include "tests/contract/channel_contract.h"

namespace platen::notifier::edge {
namespace {

class TeamsWorld final : public ChannelWorld {
 public:
  static constexpr const char* kBusy = "429:1";
  static constexpr const char* kLost = "drop";
  static constexpr const char* kRefusal = "404";

  explicit TeamsWorld(const WorldOptions& options) : ChannelWorld(options) {
    Start("webhook-sink", {});
  }

 protected:
  std::unique_ptr<Channel> MakeChannel(int port) override {
    return std::make_unique<TeamsChannel>(Target(std::string("/services/") + kSecret, port),
                                          ways_.posts);
  }

  Receipt Read(const google::protobuf::Struct& record) const override {
    return {.id = record.fields().at("id").string_value(),
            .content = record.fields().at("body").string_value()};
  }
};

INSTANTIATE_TYPED_TEST_SUITE_P(Teams, ChannelContract, TeamsWorld);
INSTANTIATE_TYPED_TEST_SUITE_P(Teams, ChannelRefusalContract, TeamsWorld);
INSTANTIATE_TYPED_TEST_SUITE_P(Teams, ChannelTlsContract, TeamsWorld);

}  // namespace
}  // namespace platen::notifier::edge
