// Slack: one message a notification, by an incoming webhook of a Slack app.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "services/notifier/edge/channels/http_channel.h"

namespace platen::notifier::edge {

// Adds every fault of `config`, which stands at `path` ("receivers[2].slack").
void ValidateSlack(const config::v1::Slack& config,
                   const std::string& path,
                   service::FaultList& faults);

// REQUIRES: ValidateSlack() found no fault. Reads the address's file; errors name it.
absl::StatusOr<HttpTarget> ToSlackTarget(const config::v1::Slack& config);

class SlackChannel final : public HttpChannel {
 public:
  // `posts` must outlive this.
  SlackChannel(HttpTarget target, HttpPosts& posts);

  std::string_view kind() const override { return "slack"; }

 private:
  std::vector<HttpPost> Compose(const SendTry& send) const override;
};

}  // namespace platen::notifier::edge
