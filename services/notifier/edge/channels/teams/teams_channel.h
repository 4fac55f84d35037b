// Microsoft Teams: one Adaptive Card a notification, by a workflow that posts what its webhook
// gets.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "services/notifier/edge/channels/http_channel.h"

namespace platen::notifier::edge {

// Adds every fault of `config`, which stands at `path` ("receivers[2].teams").
void ValidateTeams(const config::v1::Teams& config,
                   const std::string& path,
                   service::FaultList& faults);

// REQUIRES: ValidateTeams() found no fault. Reads the address's file; errors name it.
absl::StatusOr<HttpTarget> ToTeamsTarget(const config::v1::Teams& config);

class TeamsChannel final : public HttpChannel {
 public:
  // `posts` must outlive this.
  TeamsChannel(HttpTarget target, HttpPosts& posts);

  std::string_view kind() const override { return "teams"; }

 private:
  std::vector<HttpPost> Compose(const SendTry& send) const override;
};

}  // namespace platen::notifier::edge
