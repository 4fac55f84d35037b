// What channels that speak HTTP share: where and how they post, how an answer is taken, what may
// stand in their configuration. A channel of this kind says what it posts, and no more.
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "platen/config/v1/notifier.pb.h"

#include "absl/status/statusor.h"
#include "libs/service/faults.h"
#include "services/notifier/edge/channels/channel.h"
#include "services/notifier/edge/http/http_posts.h"

namespace platen::notifier::edge {

// One request.
struct HttpPost {
  // "Name: value" each.
  std::vector<std::string> headers;
  std::string body;
};

// These add faults of what stands at `path`, without a word of it that may be secret.
void ValidateUrl(const std::string& url,
                 bool allow_plaintext,
                 const std::string& path,
                 service::FaultList& faults);
// Where the address is in a file, it is looked at by ToSecretTarget().
void ValidateSecretUrl(const config::v1::Credential& url,
                       bool allow_plaintext,
                       const std::string& path,
                       service::FaultList& faults);
void ValidateCredential(const config::v1::Credential& credential,
                        const std::string& path,
                        service::FaultList& faults);
void ValidateHttpTerms(const config::v1::HttpTerms& terms,
                       const std::string& path,
                       service::FaultList& faults);

// Where and how to post. These have as precondition that the functions above found no fault.
HttpTarget ToHttpTarget(std::string_view url, const config::v1::HttpTerms& terms);
// The secret itself; its file is read.
absl::StatusOr<std::string> ReadCredential(const config::v1::Credential& credential);
// Reads the file of the address, and refuses what ValidateUrl() would; errors name the file.
absl::StatusOr<HttpTarget> ToSecretTarget(const config::v1::Credential& url,
                                          const config::v1::HttpTerms& terms);

// How the server's answer is to be taken. Pure.
core::SendResult ClassifyHttp(const TransferAnswer& answer);

class HttpChannel : public Channel {
 public:
  void Send(const SendTry& send, Done done) final;

 protected:
  // `posts` must outlive this.
  HttpChannel(HttpTarget target, HttpPosts& posts);

  // What is posted, at least one request. Of several each goes once the one before was taken; a
  // failure ends the try, and the next one begins with the first again. Idempotency-Key and, where
  // none is among the headers, Content-Type "application/json" are added.
  virtual std::vector<HttpPost> Compose(const SendTry& send) const = 0;

 private:
  const std::shared_ptr<const HttpTarget> target_;
  HttpPosts& posts_;
};

}  // namespace platen::notifier::edge
