#include "services/notifier/edge/channels/snmp_inform/snmp_inform_channel.h"

#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "libs/base/random.h"
#include "libs/base/status.h"
#include "libs/service/common_config.h"
#include "libs/snmp/message.h"
#include "services/notifier/edge/channels/digest_members.h"
#include "services/notifier/edge/channels/http_channel.h"
#include "services/notifier/edge/channels/snmp_inform/inform.h"
#include "services/notifier/edge/peer_address.h"

namespace platen::notifier::edge {
namespace {

using core::SendOutcome;

constexpr std::size_t kCommunityBytesMax = 255;
// RFC 3416: the manager has no room for it at the moment.
constexpr std::int32_t kResourceUnavailable = 13;

// Three parts of `whole`, each longer than the one before, each up to a quarter shorter by chance:
// who asks many managers at once does not ask them all again at once.
std::vector<base::Duration> WaitsWithin(base::Duration whole) {
  base::Random random(base::SecureRandom64());
  std::vector<base::Duration> waits;
  for (const int part : {1, 2, 4}) {
    const double jittered = (1.0 - random.Unit() / 4) * part / 7;
    waits.push_back(std::chrono::duration_cast<base::Duration>(whole * jittered));
  }
  return waits;
}

// What one try says, one after the other. Outlives its channel, which a change of the configuration
// may take away meanwhile.
struct Sequence {
  std::shared_ptr<const SnmpInformOptions> options;
  std::vector<v1::Notification> notifications;
  std::size_t next = 0;
  Channel::Done done;
};

void SayNext(const std::shared_ptr<Sequence>& sequence, Exchanges& exchanges) {
  const v1::Notification& notification = sequence->notifications[sequence->next++];
  const std::string& community = sequence->options->community;
  const auto request_id = static_cast<std::int32_t>(base::SecureRandom64() >> 33);
  Question question{.peer = sequence->options->manager,
                    .bytes = ComposeInform(notification, community, request_id),
                    .waits = WaitsWithin(sequence->options->manager.timeout)};
  question.is_answer = [community, request_id](std::string_view datagram) {
    return ReadInformResponse(datagram, community, request_id).has_value();
  };
  exchanges.Ask(std::move(question),
                [sequence, request_id, &exchanges](const ExchangeAnswer& answer) {
                  core::SendResult result = ClassifyInform(
                      ReadInformResponse(answer.said, sequence->options->community, request_id),
                      answer.failure);
                  const bool is_last = sequence->next == sequence->notifications.size();
                  if (result.outcome != SendOutcome::kDelivered || is_last) {
                    return sequence->done(std::move(result));
                  }
                  SayNext(sequence, exchanges);
                });
}

}  // namespace

void ValidateSnmpInform(const config::v1::SnmpInform& config,
                        const std::string& path,
                        service::FaultList& faults) {
  if (!ParsePeer(config.manager()).has_value()) {
    faults.Add(path + ".manager", "must be host:port");
  }
  ValidateCredential(config.community(), path + ".community", faults);
  if (config.community().value().size() > kCommunityBytesMax) {
    faults.Add(path + ".community.value", "must be at most 255 bytes");
  }
  if (config.has_timeout()) {
    service::RequireDuration(config.timeout(),
                             std::chrono::milliseconds(100),
                             std::chrono::minutes(2),
                             path + ".timeout",
                             faults);
  }
}

absl::StatusOr<SnmpInformOptions> ToSnmpInformOptions(const config::v1::SnmpInform& config) {
  SnmpInformOptions options{.manager = ToPeer(config.manager(),
                                              config.allow_private_addresses(),
                                              config.has_timeout() ? &config.timeout() : nullptr)};
  PLATEN_ASSIGN_OR_RETURN(options.community, ReadCredential(config.community()));
  if (options.community.size() > kCommunityBytesMax) {
    return base::InvalidArgument(
        "the community in ", config.community().secret_file(), " is longer than 255 bytes");
  }
  return options;
}

core::SendResult ClassifyInform(std::optional<std::int32_t> error_status,
                                const std::string& failure) {
  if (!error_status.has_value()) {
    return {.outcome = SendOutcome::kRetry, .detail = absl::StrCat("not answered: ", failure)};
  }
  if (*error_status == 0) return {.outcome = SendOutcome::kDelivered, .detail = "answered"};
  const bool passes = *error_status == static_cast<std::int32_t>(snmp::ErrorStatus::kGenErr) ||
                      *error_status == kResourceUnavailable;
  return {.outcome = passes ? SendOutcome::kRetry : SendOutcome::kRefused,
          .detail = absl::StrCat("the manager answers error-status ", *error_status)};
}

SnmpInformChannel::SnmpInformChannel(SnmpInformOptions options, Exchanges& exchanges)
    : options_(std::make_shared<const SnmpInformOptions>(std::move(options))),
      exchanges_(exchanges) {}

void SnmpInformChannel::Send(const SendTry& send, Done done) {
  auto sequence = std::make_shared<Sequence>();
  sequence->options = options_;
  sequence->notifications = WithoutDigest(*send.notification);
  sequence->done = std::move(done);
  SayNext(sequence, exchanges_);
}

}  // namespace platen::notifier::edge
