#include "services/notifier/core/shared_record.h"

#include <algorithm>
#include <utility>

#include "libs/alerting/shared_event.h"
#include "libs/base/ids.h"

namespace platen::notifier::core {
namespace {

// Whether they differ in their receivers alone, and in the rules by which those are told.
bool IsSaidTogether(const v1::Notification& left, const v1::Notification& right) {
  return left.ordinal() == right.ordinal() && left.kind() == right.kind() &&
         left.incident_id() == right.incident_id();
}

v1::Addressee AddresseeOf(const v1::Notification& message, const v1::Notification& record) {
  v1::Addressee addressee;
  addressee.set_id(message.id());
  addressee.set_receiver(message.receiver());
  *addressee.mutable_emails() = message.emails();
  if (message.has_group()) *addressee.mutable_group() = message.group();
  if (message.rule() != record.rule()) addressee.set_rule(message.rule());
  return addressee;
}

void Add(const v1::Notification& message, v1::Notification& record) {
  if (record.addressees().empty()) {
    v1::Addressee first = AddresseeOf(record, record);
    record.clear_id();
    record.clear_receiver();
    record.clear_emails();
    record.clear_group();
    *record.add_addressees() = std::move(first);
  }
  *record.add_addressees() = AddresseeOf(message, record);
}

}  // namespace

std::vector<SharedRecord> Pack(std::vector<alerting::NotificationEffect> messages,
                               const std::function<std::int32_t(std::string_view)>& partition_of) {
  std::vector<SharedRecord> records;
  // Where those begin that say what was said last.
  std::size_t together = 0;
  for (alerting::NotificationEffect& message : messages) {
    const v1::Notification& notification = *message.keyed.notification;
    const std::int32_t partition = partition_of(message.keyed.key);
    if (!records.empty() && !IsSaidTogether(records.back().notification, notification)) {
      together = records.size();
    }
    const auto shared = std::find_if(records.begin() + static_cast<std::ptrdiff_t>(together),
                                     records.end(),
                                     [&](const SharedRecord& record) {
                                       return record.partition == partition &&
                                              record.tokens.size() < kAddresseesMax;
                                     });
    if (shared == records.end()) {
      records.push_back({.partition = partition,
                         .key = std::move(message.keyed.key),
                         .notification = notification,
                         .tokens = {message.token}});
    } else {
      Add(notification, shared->notification);
      shared->tokens.push_back(message.token);
    }
  }
  return records;
}

std::vector<std::shared_ptr<const v1::Notification>> Unpack(v1::Notification record) {
  std::vector<std::shared_ptr<const v1::Notification>> messages;
  google::protobuf::RepeatedPtrField<v1::Addressee> addressees;
  addressees.Swap(record.mutable_addressees());
  if (addressees.empty()) {
    messages.push_back(std::make_shared<const v1::Notification>(std::move(record)));
  }
  const alerting::SharedEvent event = alerting::TakeEvent(record);
  for (v1::Addressee& addressee : addressees) {
    const std::shared_ptr<v1::Notification> message = alerting::WithEvent(record, event);
    message->set_id(std::move(*addressee.mutable_id()));
    message->set_receiver(std::move(*addressee.mutable_receiver()));
    message->mutable_emails()->Swap(addressee.mutable_emails());
    if (addressee.has_group()) *message->mutable_group() = std::move(*addressee.mutable_group());
    if (!addressee.rule().empty()) message->set_rule(std::move(*addressee.mutable_rule()));
    messages.push_back(message);
  }
  const bool all_have_ids = std::all_of(messages.begin(), messages.end(), [](const auto& message) {
    return message->id().size() == base::NotificationId::kSize;
  });
  if (!all_have_ids) messages.clear();
  return messages;
}

}  // namespace platen::notifier::core
