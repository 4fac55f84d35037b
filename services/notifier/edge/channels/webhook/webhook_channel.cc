#include "services/notifier/edge/channels/webhook/webhook_channel.h"

#include <algorithm>
#include <array>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "libs/base/status.h"
#include "services/notifier/edge/channels/webhook/body.h"
#include "services/notifier/edge/channels/webhook/signature.h"

namespace platen::notifier::edge {
namespace {

// Set by the channel itself, or by HttpPosts from what the channel gives it.
constexpr std::array<std::string_view, 8> kOwnHeaders = {"content-type",
                                                         "content-length",
                                                         "host",
                                                         "transfer-encoding",
                                                         "idempotency-key",
                                                         "platen-timestamp",
                                                         "platen-signature",
                                                         "platen-attempt"};

bool IsToken(std::string_view name) {
  return !name.empty() && std::all_of(name.begin(), name.end(), [](char c) {
    return absl::ascii_isalnum(static_cast<unsigned char>(c)) || c == '-' || c == '_';
  });
}

bool IsHeaderValue(std::string_view value) {
  return std::all_of(value.begin(), value.end(), [](char c) { return c >= 0x20 && c < 0x7F; });
}

void ValidateHeaders(const config::v1::Webhook& config,
                     const std::string& path,
                     service::FaultList& faults) {
  for (const auto& [name, value] : config.headers()) {
    const std::string lower = absl::AsciiStrToLower(name);
    if (std::find(kOwnHeaders.begin(), kOwnHeaders.end(), lower) != kOwnHeaders.end()) {
      faults.Add(path + ".headers", absl::StrCat(name, " is set by the notifier itself"));
    } else if (!IsToken(name) || !IsHeaderValue(value)) {
      faults.Add(path + ".headers",
                 absl::StrCat("\"", name, "\" is no valid header, or its value"));
    }
  }
}

// The fields of a webhook that all channels by HTTP have.
config::v1::HttpTerms TermsOf(const config::v1::Webhook& config) {
  config::v1::HttpTerms terms;
  terms.set_allow_plaintext(config.allow_plaintext());
  terms.set_allow_private_addresses(config.allow_private_addresses());
  terms.set_ca_file(config.ca_file());
  terms.set_cert_file(config.cert_file());
  terms.set_key_file(config.key_file());
  if (config.has_timeout()) *terms.mutable_timeout() = config.timeout();
  return terms;
}

}  // namespace

void ValidateWebhook(const config::v1::Webhook& config,
                     const std::string& path,
                     service::FaultList& faults) {
  ValidateUrl(config.url(), config.allow_plaintext(), path + ".url", faults);
  ValidateCredential(config.signing_key(), path + ".signing_key", faults);
  ValidateHeaders(config, path, faults);
  ValidateHttpTerms(TermsOf(config), path, faults);
}

absl::StatusOr<WebhookOptions> ToWebhookOptions(const config::v1::Webhook& config) {
  WebhookOptions options{.target = ToHttpTarget(config.url(), TermsOf(config))};
  PLATEN_ASSIGN_OR_RETURN(options.signing_key, ReadCredential(config.signing_key()));
  for (const auto& [name, value] : config.headers()) {
    options.headers.push_back(absl::StrCat(name, ": ", value));
  }
  std::sort(options.headers.begin(), options.headers.end());
  return options;
}

WebhookChannel::WebhookChannel(WebhookOptions options, HttpPosts& posts)
    : HttpChannel(std::move(options.target), posts),
      headers_(std::move(options.headers)),
      signer_(options.signing_key) {}

std::vector<HttpPost> WebhookChannel::Compose(const SendTry& send) const {
  const std::string timestamp = absl::StrCat(base::ToMillis(send.now) / 1000);
  HttpPost post{.headers = headers_, .body = ComposeWebhookBody(*send.notification)};
  post.headers.push_back("Content-Type: application/cloudevents+json; charset=utf-8");
  post.headers.push_back(absl::StrCat("Platen-Attempt: ", send.attempt));
  post.headers.push_back(absl::StrCat("Platen-Timestamp: ", timestamp));
  post.headers.push_back(
      absl::StrCat("Platen-Signature: ", SignWebhook(signer_, timestamp, post.body)));
  return {std::move(post)};
}

}  // namespace platen::notifier::edge
