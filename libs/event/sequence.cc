#include "libs/event/sequence.h"

#include <algorithm>

#include "libs/base/status.h"
#include "libs/event/identity.h"
#include "libs/event/lanes.h"

namespace platen::event {

absl::Status Sequencer::Stamp(v1::Event& event) {
  v1::Source& source = *event.mutable_source();
  if (source.route().empty()) source.set_route("default");
  source.set_instance(instance_);
  source.set_epoch(epoch_);
  source.set_region(region_);
  event.set_lane(LaneOf(event.body_case()));
  PLATEN_ASSIGN_OR_RETURN(const base::EventId id, DeriveId(event));
  event.set_id(std::string(id.bytes()));
  source.set_sequence(++highest_[{event.lane(), source.route()}]);
  return absl::OkStatus();
}

std::uint64_t NextEpoch(std::uint64_t previous, std::int64_t now_millis) {
  return std::max(previous + 1, static_cast<std::uint64_t>(std::max<std::int64_t>(now_millis, 1)));
}

}  // namespace platen::event
