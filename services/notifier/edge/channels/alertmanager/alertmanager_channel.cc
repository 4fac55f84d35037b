#include "services/notifier/edge/channels/alertmanager/alertmanager_channel.h"

#include <utility>

#include "libs/base/status.h"
#include "libs/event/timestamps.h"
#include "libs/service/common_config.h"

namespace platen::notifier::edge {

void ValidateAlertmanager(const config::v1::Alertmanager& config,
                          const std::string& path,
                          service::FaultList& faults) {
  ValidateUrl(config.url(), config.http().allow_plaintext(), path + ".url", faults);
  if (config.has_bearer_token()) {
    ValidateCredential(config.bearer_token(), path + ".bearer_token", faults);
  }
  ValidateHttpTerms(config.http(), path + ".http", faults);
  if (config.has_open_for()) {
    service::RequireDuration(config.open_for(),
                             std::chrono::minutes(5),
                             std::chrono::hours(24 * 365),
                             path + ".open_for",
                             faults);
  }
}

absl::StatusOr<AlertmanagerOptions> ToAlertmanagerOptions(const config::v1::Alertmanager& config) {
  const std::string base = config.url().substr(0, config.url().find_last_not_of('/') + 1);
  AlertmanagerOptions options{.target = ToHttpTarget(base + "/api/v2/alerts", config.http()),
                              .terms = {.generator_url = config.generator_url()}};
  if (config.has_open_for()) options.terms.open_for = event::FromProto(config.open_for());
  if (config.has_bearer_token()) {
    PLATEN_ASSIGN_OR_RETURN(options.bearer_token, ReadCredential(config.bearer_token()));
  }
  return options;
}

AlertmanagerChannel::AlertmanagerChannel(AlertmanagerOptions options, HttpPosts& posts)
    : HttpChannel(options.target, posts), options_(std::move(options)) {}

std::vector<HttpPost> AlertmanagerChannel::Compose(const SendTry& send) const {
  HttpPost post{.body = ComposeAlerts(*send.notification, options_.terms)};
  if (!options_.bearer_token.empty()) {
    post.headers.push_back(base::StrCat("Authorization: Bearer ", options_.bearer_token));
  }
  return {std::move(post)};
}

}  // namespace platen::notifier::edge
