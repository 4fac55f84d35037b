// In which group's messages a rule tells of an alert.
//
// Pure.
#pragma once

#include <string>
#include <string_view>

#include "platen/event/v1/event.pb.h"
#include "platen/notifier/v1/notification.pb.h"
#include "platen/rules/v1/rules.pb.h"

#include "libs/alerting/site_roll.h"

namespace platen::alerting {

// An empty key where each message of the rule goes alone. `name` is the rule's; `roll` may be null:
// then a device's silence is never its site's.
notifier::v1::GroupTerms GroupTermsOf(const rules::v1::Rule& rule,
                                      std::string_view name,
                                      const event::v1::Event& event,
                                      const SiteRoll* roll);

// The key of the group in which a rule with site_silence tells of silent devices at the event's
// site.
std::string SilenceGroupOf(const event::v1::Event& event, std::string_view rule);

}  // namespace platen::alerting
