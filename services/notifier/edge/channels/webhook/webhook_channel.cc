#include "services/notifier/edge/channels/webhook/webhook_channel.h"

#include <algorithm>
#include <array>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "libs/base/ids.h"
#include "libs/base/status.h"
#include "libs/event/timestamps.h"
#include "libs/service/common_config.h"
#include "libs/service/config.h"
#include "services/notifier/edge/channels/webhook/body.h"
#include "services/notifier/edge/channels/webhook/signature.h"

namespace platen::notifier::edge {
namespace {

using core::SendOutcome;

// Set by the channel itself, or by libcurl from what the channel gives it.
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

}  // namespace

void ValidateWebhook(const config::v1::Webhook& config,
                     const std::string& path,
                     service::FaultList& faults) {
  const bool https = absl::StartsWith(config.url(), "https://");
  const bool http = absl::StartsWith(config.url(), "http://");
  const std::size_t host = config.url().find("://");
  if ((!https && !http) || config.url().size() <= host + 3 ||
      config.url().find_first_of(" \r\n") != std::string::npos) {
    faults.Add(path + ".url", "must be https://host/…");
  } else if (http && !config.allow_plaintext()) {
    faults.Add(path + ".url", "is plain HTTP; use https, or allow_plaintext on loopback");
  } else if (config.url().substr(0, config.url().find('/', host + 3)).find('@') !=
             std::string::npos) {
    faults.Add(path + ".url", "holds a login; put it into headers");
  }
  const config::v1::Credential& key = config.signing_key();
  if (key.value().empty()) {
    service::RequireFile(key.secret_file(), path + ".signing_key.secret_file", faults);
  }
  ValidateHeaders(config, path, faults);
  if (!config.ca_file().empty()) service::RequireFile(config.ca_file(), path + ".ca_file", faults);
  if (config.has_timeout()) {
    service::RequireDuration(config.timeout(),
                             std::chrono::milliseconds(100),
                             std::chrono::minutes(2),
                             path + ".timeout",
                             faults);
  }
}

absl::StatusOr<WebhookOptions> ToWebhookOptions(const config::v1::Webhook& config) {
  WebhookOptions options{.url = config.url(),
                         .signing_key = config.signing_key().value(),
                         .allow_plaintext = config.allow_plaintext(),
                         .allow_private_addresses = config.allow_private_addresses(),
                         .ca_file = config.ca_file()};
  if (options.signing_key.empty()) {
    PLATEN_ASSIGN_OR_RETURN(options.signing_key,
                            service::ReadSecretFile(config.signing_key().secret_file()));
  }
  if (config.has_timeout()) options.timeout = event::FromProto(config.timeout());
  for (const auto& [name, value] : config.headers()) {
    options.headers.push_back(absl::StrCat(name, ": ", value));
  }
  std::sort(options.headers.begin(), options.headers.end());
  return options;
}

core::SendResult ClassifyHttp(const TransferAnswer& answer) {
  const int status = answer.status;
  // Whatever broke afterwards: the status is the receiver's word.
  if (status >= 200 && status < 300) {
    return {.outcome = SendOutcome::kDelivered, .detail = absl::StrCat("HTTP ", status)};
  }
  if (status == 408 || status == 425 || status == 429 || status >= 500) {
    return {.outcome = SendOutcome::kRetry,
            .retry_after = answer.retry_after,
            .detail = absl::StrCat("HTTP ", status)};
  }
  if (status >= 300 && status < 400) {
    return {.outcome = SendOutcome::kRefused,
            .detail = absl::StrCat(
                "HTTP ", status, ": redirects are not followed; put the final address into url")};
  }
  if (status >= 400) {
    return {.outcome = SendOutcome::kRefused, .detail = absl::StrCat("HTTP ", status)};
  }
  std::string detail = absl::StrCat("not sent: ", answer.failure);
  return {.outcome = SendOutcome::kRetry, .detail = std::move(detail)};
}

WebhookChannel::WebhookChannel(WebhookOptions options, Transfers& transfers)
    : options_(std::move(options)), transfers_(transfers) {}

void WebhookChannel::Send(const SendTry& send, Done done) {
  const std::string timestamp = absl::StrCat(base::ToMillis(send.now) / 1000);
  TransferRequest request;
  request.url = options_.url;
  request.allow_plaintext = options_.allow_plaintext;
  request.allow_private_addresses = options_.allow_private_addresses;
  request.ca_file = options_.ca_file;
  request.timeout = options_.timeout;
  request.body = ComposeWebhookBody(*send.notification);
  request.headers = options_.headers;
  request.headers.push_back("Content-Type: application/cloudevents+json; charset=utf-8");
  request.headers.push_back(
      absl::StrCat("Idempotency-Key: ", base::HexEncode(send.notification->id())));
  request.headers.push_back(absl::StrCat("Platen-Attempt: ", send.attempt));
  request.headers.push_back(absl::StrCat("Platen-Timestamp: ", timestamp));
  request.headers.push_back(absl::StrCat(
      "Platen-Signature: ", SignWebhook(options_.signing_key, timestamp, request.body)));
  transfers_.Start(std::move(request), [done = std::move(done)](const TransferAnswer& answer) {
    done(ClassifyHttp(answer));
  });
}

}  // namespace platen::notifier::edge
