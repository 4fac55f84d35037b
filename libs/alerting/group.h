// From a decision to messages: who hears of it in which message. Each receiver gets one message an
// incident and kind; what goes out as one message with others is told by grouper.h.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "platen/notifier/v1/state.pb.h"

namespace platen::alerting {

// A message, and where in platen.notifications.v1 it belongs.
struct KeyedNotification {
  // Key and partition key.
  std::string key;
  // Never null. Those of one entry share their event (shared_event.h).
  std::shared_ptr<const notifier::v1::Notification> notification;
};

// One notification for each receiver, in the order of the entry.
std::vector<KeyedNotification> Group(const notifier::v1::OutboxEntry& entry);

}  // namespace platen::alerting
