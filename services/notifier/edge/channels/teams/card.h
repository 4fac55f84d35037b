// What a workflow of Microsoft Teams takes that posts cards it gets by a webhook: a message with an
// Adaptive Card (adaptivecards.io, version 1.4). Pure: the same notification is the same body at
// every try.
#pragma once

#include <string>

#include "platen/notifier/v1/notification.pb.h"

namespace platen::notifier::edge {

// JSON, at most some 24 KB: Teams refuses messages above 28. What devices and people say stands in
// text runs, in which no Markdown, link or mention is looked for. What is too much is left out,
// and the card says how much.
std::string ComposeTeamsCard(const v1::Notification& notification);

}  // namespace platen::notifier::edge
