// What a webhook receives: a CloudEvents 1.0 event in structured JSON. Pure: the same notification
// is the same body, byte for byte, at every try.
#pragma once

#include <string>

#include "platen/notifier/v1/notification.pb.h"

namespace platen::notifier::edge {

// Its `id` is the notification's id; `type` is "platen.alert.raised.v1", or with "cleared",
// "acknowledged", "escalated", "reminded", "digest"; `subject` is the device id. A digest has
// `members` instead of a device and an alert. What is not known is absent.
std::string ComposeWebhookBody(const v1::Notification& notification);

}  // namespace platen::notifier::edge
