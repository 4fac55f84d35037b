#include "services/notifier/edge/channels/events_api/events_api_channel.h"

#include <utility>

#include "libs/base/status.h"
#include "services/notifier/edge/channels/digest_members.h"
#include "services/notifier/edge/channels/events_api/event_body.h"

namespace platen::notifier::edge {
namespace {

constexpr const char* kDefaultUrl = "https://events.pagerduty.com/v2/enqueue";

}  // namespace

void ValidateEventsApi(const config::v1::EventsApi& config,
                       const std::string& path,
                       service::FaultList& faults) {
  if (!config.url().empty()) {
    ValidateUrl(config.url(), config.http().allow_plaintext(), path + ".url", faults);
  }
  ValidateCredential(config.routing_key(), path + ".routing_key", faults);
  ValidateHttpTerms(config.http(), path + ".http", faults);
}

absl::StatusOr<EventsApiOptions> ToEventsApiOptions(const config::v1::EventsApi& config) {
  EventsApiOptions options{
      .target = ToHttpTarget(config.url().empty() ? kDefaultUrl : config.url(), config.http())};
  PLATEN_ASSIGN_OR_RETURN(options.routing_key, ReadCredential(config.routing_key()));
  return options;
}

EventsApiChannel::EventsApiChannel(EventsApiOptions options, HttpPosts& posts)
    : HttpChannel(std::move(options.target), posts), routing_key_(std::move(options.routing_key)) {}

std::vector<HttpPost> EventsApiChannel::Compose(const SendTry& send) const {
  std::vector<HttpPost> posts;
  for (const v1::Notification& single : WithoutDigest(*send.notification)) {
    posts.push_back({.body = ComposeEventBody(single, routing_key_)});
  }
  return posts;
}

}  // namespace platen::notifier::edge
