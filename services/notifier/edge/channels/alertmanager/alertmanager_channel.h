// Prometheus's Alertmanager as a receiver, by its API version 2.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "services/notifier/edge/channels/alertmanager/alerts.h"
#include "services/notifier/edge/channels/http_channel.h"

namespace platen::notifier::edge {

struct AlertmanagerOptions {
  HttpTarget target;
  // Empty: none.
  std::string bearer_token;
  AlertmanagerTerms terms;
};

// Adds every fault of `config`, which stands at `path` ("receivers[2].alertmanager").
void ValidateAlertmanager(const config::v1::Alertmanager& config,
                          const std::string& path,
                          service::FaultList& faults);

// REQUIRES: ValidateAlertmanager() found no fault. Reads the token's file; errors name it.
absl::StatusOr<AlertmanagerOptions> ToAlertmanagerOptions(const config::v1::Alertmanager& config);

class AlertmanagerChannel final : public HttpChannel {
 public:
  // `posts` must outlive this.
  AlertmanagerChannel(AlertmanagerOptions options, HttpPosts& posts);

  std::string_view kind() const override { return "alertmanager"; }

 private:
  std::vector<HttpPost> Compose(const SendTry& send) const override;

  const AlertmanagerOptions options_;
};

}  // namespace platen::notifier::edge
