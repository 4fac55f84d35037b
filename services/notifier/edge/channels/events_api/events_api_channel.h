// On-call services that speak PagerDuty's events API, version 2: an incident is triggered,
// acknowledged and resolved under its id.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "services/notifier/edge/channels/http_channel.h"

namespace platen::notifier::edge {

struct EventsApiOptions {
  HttpTarget target;
  std::string routing_key;
};

// Adds every fault of `config`, which stands at `path` ("receivers[2].events_api").
void ValidateEventsApi(const config::v1::EventsApi& config,
                       const std::string& path,
                       service::FaultList& faults);

// REQUIRES: ValidateEventsApi() found no fault. Reads the key's file; errors name it.
absl::StatusOr<EventsApiOptions> ToEventsApiOptions(const config::v1::EventsApi& config);

class EventsApiChannel final : public HttpChannel {
 public:
  // `posts` must outlive this.
  EventsApiChannel(EventsApiOptions options, HttpPosts& posts);

  std::string_view kind() const override { return "events_api"; }

 private:
  // Of a digest: one request a member.
  std::vector<HttpPost> Compose(const SendTry& send) const override;

  const std::string routing_key_;
};

}  // namespace platen::notifier::edge
