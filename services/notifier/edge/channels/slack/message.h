// What Slack's incoming webhooks take (docs.slack.dev, "Sending messages using incoming webhooks",
// "Formatting message text"). Pure: the same notification is the same body at every try.
#pragma once

#include <string>
#include <string_view>

#include "platen/notifier/v1/notification.pb.h"

namespace platen::notifier::edge {

// JSON. What devices and people say mentions nobody and links nowhere. What is beyond Slack's
// limits is left out, and the message says how much.
std::string ComposeSlackMessage(const v1::Notification& notification);

// `text` so that Slack takes none of it for a mention or a link.
std::string EscapeSlack(std::string_view text);

}  // namespace platen::notifier::edge
