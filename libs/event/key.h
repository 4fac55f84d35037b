// What decides in which partition of its lane an event lies.
#pragma once

#include <string_view>

#include "platen/event/v1/event.pb.h"

namespace platen::event {

// The device's id, so that what is said of a device stays in order. All heartbeats have one key:
// one reader has those of all collectors and can know that none is left, and those of others, in
// the same partition, show it that the partition takes what is written. What else a source says of
// itself has the source's name. Lives as long as the event.
std::string_view KeyOf(const v1::Event& event);

}  // namespace platen::event
