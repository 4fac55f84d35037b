#include "libs/event/key.h"

namespace platen::event {

std::string_view KeyOf(const v1::Event& event) {
  if (!event.device_id().empty()) return event.device_id();
  if (event.has_heartbeat()) return "heartbeat";
  return event.source().instance();
}

}  // namespace platen::event
