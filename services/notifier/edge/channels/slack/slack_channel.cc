#include "services/notifier/edge/channels/slack/slack_channel.h"

#include <utility>

#include "services/notifier/edge/channels/slack/message.h"

namespace platen::notifier::edge {

void ValidateSlack(const config::v1::Slack& config,
                   const std::string& path,
                   service::FaultList& faults) {
  ValidateSecretUrl(config.url(), config.http().allow_plaintext(), path + ".url", faults);
  ValidateHttpTerms(config.http(), path + ".http", faults);
}

absl::StatusOr<HttpTarget> ToSlackTarget(const config::v1::Slack& config) {
  return ToSecretTarget(config.url(), config.http());
}

SlackChannel::SlackChannel(HttpTarget target, HttpPosts& posts)
    : HttpChannel(std::move(target), posts) {}

std::vector<HttpPost> SlackChannel::Compose(const SendTry& send) const {
  return {{.body = ComposeSlackMessage(*send.notification)}};
}

}  // namespace platen::notifier::edge
