#include "libs/alerting/shared_event.h"

#include <utility>

namespace platen::alerting {

using notifier::v1::Notification;

SharedEvent TakeEvent(Notification& notification) {
  return SharedEvent(notification.has_event() ? notification.release_event() : nullptr);
}

std::shared_ptr<Notification> WithEvent(const Notification& rest, SharedEvent event) {
  event::v1::Event* const shared = event.get();
  std::shared_ptr<Notification> message(new Notification(rest),
                                        [event = std::move(event)](Notification* ended) {
                                          ended->unsafe_arena_release_event();
                                          delete ended;
                                        });
  message->unsafe_arena_set_allocated_event(shared);
  return message;
}

}  // namespace platen::alerting
