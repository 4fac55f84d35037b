// From a decision to messages: who hears of it in which message. Today each receiver gets one
// message an incident and transition; waiting, digests and inhibition across devices belong here
// too.
#pragma once

#include <string>
#include <vector>

#include "platen/notifier/v1/state.pb.h"

namespace platen::notifier::core {

// A record of platen.notifications.v1.
struct KeyedNotification {
  // Key and partition key.
  std::string key;
  v1::Notification notification;
};

// One notification for each receiver, in the order of the entry.
std::vector<KeyedNotification> Group(const v1::OutboxEntry& entry);

}  // namespace platen::notifier::core
