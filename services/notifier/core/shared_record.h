// Between messages and records of platen.notifications.v1: where many are told of one thing, what
// is said to those whose messages go to one partition is one record.
//
// Pure.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "platen/notifier/v1/notification.pb.h"

#include "libs/alerting/decide_core.h"

namespace platen::notifier::core {

// More receivers than this make another record.
inline constexpr std::size_t kAddresseesMax = 200;

struct SharedRecord {
  std::int32_t partition = 0;
  std::string key;
  v1::Notification notification;
  // Of all messages that it holds: to be acknowledged with it.
  std::vector<alerting::Token> tokens;
};

// Each message in one record, at the place of the first that the record holds; so two of one
// receiver and incident keep their order. `partition_of` says where a key belongs.
std::vector<SharedRecord> Pack(std::vector<alerting::NotificationEffect> messages,
                               const std::function<std::int32_t(std::string_view)>& partition_of);

// The messages of a record, one for each receiver, which share its event. Empty where one of them
// has no id.
std::vector<std::shared_ptr<const v1::Notification>> Unpack(v1::Notification record);

}  // namespace platen::notifier::core
