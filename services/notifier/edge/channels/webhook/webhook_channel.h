// Webhooks: one signed HTTP POST a notification.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "platen/config/v1/notifier.pb.h"

#include "absl/status/statusor.h"
#include "libs/base/sha256.h"
#include "libs/service/faults.h"
#include "services/notifier/edge/channels/http_channel.h"
#include "services/notifier/edge/http/http_posts.h"

namespace platen::notifier::edge {

struct WebhookOptions {
  HttpTarget target;
  std::string signing_key;
  // "Name: value" each.
  std::vector<std::string> headers;
};

// Adds every fault of `config`, which stands at `path` ("receivers[2].webhook").
void ValidateWebhook(const config::v1::Webhook& config,
                     const std::string& path,
                     service::FaultList& faults);

// REQUIRES: ValidateWebhook() found no fault. Reads the key's file; errors name it.
absl::StatusOr<WebhookOptions> ToWebhookOptions(const config::v1::Webhook& config);

class WebhookChannel final : public HttpChannel {
 public:
  // `posts` must outlive this.
  WebhookChannel(WebhookOptions options, HttpPosts& posts);

  std::string_view kind() const override { return "webhook"; }

 private:
  std::vector<HttpPost> Compose(const SendTry& send) const override;

  const std::vector<std::string> headers_;
  // It has no state beyond a call.
  mutable base::HmacSha256 signer_;
};

}  // namespace platen::notifier::edge
