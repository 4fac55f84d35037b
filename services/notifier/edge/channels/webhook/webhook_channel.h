// Webhooks: one signed HTTP POST a notification.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "platen/config/v1/notifier.pb.h"

#include "absl/status/statusor.h"
#include "libs/service/faults.h"
#include "services/notifier/edge/channels/channel.h"
#include "services/notifier/edge/transfers.h"

namespace platen::notifier::edge {

struct WebhookOptions {
  std::string url;
  std::string signing_key;
  bool allow_plaintext = false;
  bool allow_private_addresses = false;
  // "Name: value" each.
  std::vector<std::string> headers;
  std::string ca_file;
  base::Duration timeout = std::chrono::seconds(10);
};

// Adds every fault of `config`, which stands at `path` ("receivers[2].webhook").
void ValidateWebhook(const config::v1::Webhook& config,
                     const std::string& path,
                     service::FaultList& faults);

// REQUIRES: ValidateWebhook() found no fault. Reads the key's file; errors name it.
absl::StatusOr<WebhookOptions> ToWebhookOptions(const config::v1::Webhook& config);

// How the server's answer is to be taken. Pure.
core::SendResult ClassifyHttp(const TransferAnswer& answer);

class WebhookChannel final : public Channel {
 public:
  // `transfers` must outlive this.
  WebhookChannel(WebhookOptions options, Transfers& transfers);

  std::string_view kind() const override { return "webhook"; }

  void Send(const SendTry& send, Done done) override;

 private:
  const WebhookOptions options_;
  Transfers& transfers_;
};

}  // namespace platen::notifier::edge
