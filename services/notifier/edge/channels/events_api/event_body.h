// What an events API in PagerDuty's style takes (developer.pagerduty.com, "Send an alert event").
// Pure: the same notification is the same body at every try.
#pragma once

#include <string>
#include <string_view>

#include "platen/notifier/v1/notification.pb.h"

namespace platen::notifier::edge {

// JSON. `dedup_key` is the incident's id: whatever is said of an incident, however often, is about
// one incident there. REQUIRES: no digest.
std::string ComposeEventBody(const v1::Notification& notification, std::string_view routing_key);

}  // namespace platen::notifier::edge
