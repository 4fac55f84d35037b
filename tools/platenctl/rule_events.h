// An alert's event as people have it at hand: as JSON that platenctl gave out, or as text. Pure.
#pragma once

#include <string>
#include <string_view>

#include "platen/event/v1/event.pb.h"
#include "platen/fleet/v1/fleet.pb.h"

#include "absl/status/statusor.h"
#include "libs/base/time.h"

namespace platen::platenctl {

// Reads one event: a line of `devices history` or `alerts list` in JSON, an event itself in JSON,
// or one in protobuf's text format. kInvalidArgument where it is none of these, or about no alert.
absl::StatusOr<event::v1::Event> ParseAlertEvent(std::string_view text);

// The event that told of it last, as far as rules look at it.
event::v1::Event EventOf(const fleet::v1::AlertRecord& record);

// The same alert as if it began now: whatever became of it is forgotten, and what a message about
// it needs is there.
event::v1::Event BeginningOf(const event::v1::Event& event, base::WallTime now);

}  // namespace platen::platenctl
