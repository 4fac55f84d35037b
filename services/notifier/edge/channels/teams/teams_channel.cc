#include "services/notifier/edge/channels/teams/teams_channel.h"

#include <utility>

#include "services/notifier/edge/channels/teams/card.h"

namespace platen::notifier::edge {

void ValidateTeams(const config::v1::Teams& config,
                   const std::string& path,
                   service::FaultList& faults) {
  ValidateSecretUrl(config.url(), config.http().allow_plaintext(), path + ".url", faults);
  ValidateHttpTerms(config.http(), path + ".http", faults);
}

absl::StatusOr<HttpTarget> ToTeamsTarget(const config::v1::Teams& config) {
  return ToSecretTarget(config.url(), config.http());
}

TeamsChannel::TeamsChannel(HttpTarget target, HttpPosts& posts)
    : HttpChannel(std::move(target), posts) {}

std::vector<HttpPost> TeamsChannel::Compose(const SendTry& send) const {
  return {{.body = ComposeTeamsCard(*send.notification)}};
}

}  // namespace platen::notifier::edge
