#include "services/notifier/edge/channels/http_channel.h"

#include <algorithm>
#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "libs/base/ids.h"
#include "libs/base/status.h"
#include "libs/event/timestamps.h"
#include "libs/service/common_config.h"
#include "libs/service/config.h"

namespace platen::notifier::edge {
namespace {

using core::SendOutcome;

// What is wrong with `url`; empty where nothing is.
std::string FaultOf(const std::string& url, bool allow_plaintext) {
  const bool https = absl::StartsWith(url, "https://");
  const bool http = absl::StartsWith(url, "http://");
  if (!https && !http) return "must be https://host/…";
  if (http && !allow_plaintext) {
    return "is plain HTTP; use https, or allow_plaintext on loopback";
  }
  const std::size_t host = url.find("://") + 3;
  if (url.substr(0, url.find('/', host)).find('@') != std::string::npos) {
    return "holds a login; it would be seen in the configuration";
  }
  return ParseHttpAddress(url).has_value() ? "" : "must be https://host/…";
}

// The requests of one try. Outlives its channel, which a change of the configuration may take away
// meanwhile.
struct Sequence {
  std::shared_ptr<const HttpTarget> target;
  std::vector<HttpPost> posts;
  std::size_t next = 0;
  Channel::Done done;
};

void PostNext(const std::shared_ptr<Sequence>& sequence, HttpPosts& posts) {
  const HttpPost& post = sequence->posts[sequence->next++];
  posts.Start(
      sequence->target, post.headers, post.body, [sequence, &posts](const TransferAnswer& answer) {
        core::SendResult result = ClassifyHttp(answer);
        const bool is_last = sequence->next == sequence->posts.size();
        if (result.outcome != SendOutcome::kDelivered || is_last) {
          return sequence->done(std::move(result));
        }
        PostNext(sequence, posts);
      });
}

}  // namespace

void ValidateUrl(const std::string& url,
                 bool allow_plaintext,
                 const std::string& path,
                 service::FaultList& faults) {
  if (std::string fault = FaultOf(url, allow_plaintext); !fault.empty()) faults.Add(path, fault);
}

void ValidateSecretUrl(const config::v1::Credential& url,
                       bool allow_plaintext,
                       const std::string& path,
                       service::FaultList& faults) {
  ValidateCredential(url, path, faults);
  if (!url.value().empty()) ValidateUrl(url.value(), allow_plaintext, path + ".value", faults);
}

void ValidateCredential(const config::v1::Credential& credential,
                        const std::string& path,
                        service::FaultList& faults) {
  if (credential.value().empty()) {
    service::RequireFile(credential.secret_file(), path + ".secret_file", faults);
  }
}

void ValidateHttpTerms(const config::v1::HttpTerms& terms,
                       const std::string& path,
                       service::FaultList& faults) {
  if (!terms.ca_file().empty()) service::RequireFile(terms.ca_file(), path + ".ca_file", faults);
  if (!terms.cert_file().empty() || !terms.key_file().empty()) {
    service::RequireFile(terms.cert_file(), path + ".cert_file", faults);
    service::RequireFile(terms.key_file(), path + ".key_file", faults);
  }
  if (terms.has_timeout()) {
    service::RequireDuration(terms.timeout(),
                             std::chrono::milliseconds(100),
                             std::chrono::minutes(2),
                             path + ".timeout",
                             faults);
  }
}

HttpTarget ToHttpTarget(std::string_view url, const config::v1::HttpTerms& terms) {
  HttpTarget target{.address = *ParseHttpAddress(url),
                    .files = {.ca_file = terms.ca_file(),
                              .cert_file = terms.cert_file(),
                              .key_file = terms.key_file()},
                    .allow_private_addresses = terms.allow_private_addresses()};
  if (terms.has_timeout()) target.timeout = event::FromProto(terms.timeout());
  return target;
}

absl::StatusOr<std::string> ReadCredential(const config::v1::Credential& credential) {
  if (!credential.value().empty()) return credential.value();
  return service::ReadSecretFile(credential.secret_file());
}

absl::StatusOr<HttpTarget> ToSecretTarget(const config::v1::Credential& url,
                                          const config::v1::HttpTerms& terms) {
  PLATEN_ASSIGN_OR_RETURN(std::string address, ReadCredential(url));
  if (const std::string fault = FaultOf(address, terms.allow_plaintext()); !fault.empty()) {
    return base::InvalidArgument("the address in ", url.secret_file(), " ", fault);
  }
  return ToHttpTarget(address, terms);
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
  const char* const reach = answer.answered ? "bad answer: "
                            : answer.sent   ? "no answer: "
                                            : "not sent: ";
  return {.outcome = SendOutcome::kRetry, .detail = absl::StrCat(reach, answer.failure)};
}

HttpChannel::HttpChannel(HttpTarget target, HttpPosts& posts)
    : target_(std::make_shared<const HttpTarget>(std::move(target))), posts_(posts) {}

void HttpChannel::Send(const SendTry& send, Done done) {
  auto sequence = std::make_shared<Sequence>();
  sequence->target = target_;
  sequence->posts = Compose(send);
  sequence->done = std::move(done);
  const std::string id = base::HexEncode(send.notification->id());
  for (HttpPost& post : sequence->posts) {
    const bool has_type =
        std::any_of(post.headers.begin(), post.headers.end(), [](const std::string& header) {
          return absl::StartsWithIgnoreCase(header, "content-type:");
        });
    if (!has_type) post.headers.push_back("Content-Type: application/json");
    post.headers.push_back(absl::StrCat("Idempotency-Key: ", id));
  }
  PostNext(sequence, posts_);
}

}  // namespace platen::notifier::edge
