// Messages to many about one thing share its event, which is most of each of them.
#pragma once

#include <memory>

#include "platen/event/v1/event.pb.h"
#include "platen/notifier/v1/notification.pb.h"

namespace platen::alerting {

using SharedEvent = std::shared_ptr<event::v1::Event>;

// Takes the event out of `notification`; null where it has none.
SharedEvent TakeEvent(notifier::v1::Notification& notification);

// `rest` with `event`, of which there is no copy: the message keeps it and does not own it. Whoever
// changes the event changes it for all; a copy of the message has one of its own.
std::shared_ptr<notifier::v1::Notification> WithEvent(const notifier::v1::Notification& rest,
                                                      SharedEvent event);

}  // namespace platen::alerting
