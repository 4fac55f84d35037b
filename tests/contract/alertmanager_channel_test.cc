#include "services/notifier/edge/channels/alertmanager/alertmanager_channel.h"

#include <string>

#include "tests/contract/channel_contract.h"

namespace platen::notifier::edge {
namespace {

class AlertmanagerWorld final : public ChannelWorld {
 public:
  static constexpr const char* kBusy = "503";
  static constexpr const char* kLost = "drop";
  static constexpr const char* kRefusal = "400";

  explicit AlertmanagerWorld(const WorldOptions& options) : ChannelWorld(options) {
    Start("webhook-sink", {});
  }

 protected:
  std::unique_ptr<Channel> MakeChannel(int port) override {
    return std::make_unique<AlertmanagerChannel>(
        AlertmanagerOptions{.target = Target("/api/v2/alerts", port), .bearer_token = kSecret},
        ways_.posts);
  }

  Receipt Read(const google::protobuf::Struct& record) const override {
    return {.id = record.fields().at("id").string_value(),
            .content = record.fields().at("body").string_value()};
  }
};

INSTANTIATE_TYPED_TEST_SUITE_P(Alertmanager, ChannelContract, AlertmanagerWorld);
INSTANTIATE_TYPED_TEST_SUITE_P(Alertmanager, ChannelRefusalContract, AlertmanagerWorld);
INSTANTIATE_TYPED_TEST_SUITE_P(Alertmanager, ChannelTlsContract, AlertmanagerWorld);

}  // namespace
}  // namespace platen::notifier::edge
