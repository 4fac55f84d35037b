#include "services/relay/edge/voice.h"

#include <algorithm>
#include <utility>

#include "libs/base/status.h"
#include "libs/event/headers.h"
#include "libs/event/lanes.h"
#include "libs/event/timestamps.h"

namespace platen::relay::edge {

Voice::Voice(VoiceOptions options)
    : options_(std::move(options)), sequencer_(options_.instance, options_.epoch) {}

absl::StatusOr<OwnedRecord> Voice::SayGap(const broker::OutOfRange& gap,
                                          std::string_view route,
                                          base::WallTime now) {
  const std::int64_t first = std::max<std::int64_t>(gap.wanted, 0);
  if (gap.earliest <= first) return base::InvalidArgument("nothing is missing");
  event::v1::Event event;
  event.mutable_source()->set_route(std::string(route));
  *event.mutable_observation_time() = event::ToProto(now);
  event::v1::RangeOccurrence& range = *event.mutable_occurrence()->mutable_range();
  range.set_stream(
      base::StrCat(options_.installation, "/", gap.partition.topic, "/", gap.partition.number));
  range.set_first(static_cast<std::uint64_t>(first));
  range.set_last(static_cast<std::uint64_t>(gap.earliest - 1));
  event::v1::Gap& body = *event.mutable_gap();
  body.set_reason(event::v1::Gap::REASON_RETENTION);
  body.set_stream(range.stream());
  body.set_first(range.first());
  body.set_last(range.last());
  body.set_detail("the relay had not forwarded them");
  {
    const std::lock_guard lock(mutex_);
    PLATEN_RETURN_IF_ERROR(sequencer_.Stamp(event));
  }
  return OwnedRecord{.topic = event::Topics(options_.topic_prefix).Lane(event.lane()),
                     .key = options_.instance,
                     .value = event.SerializeAsString(),
                     .headers = event::MakeHeaders(event)};
}

}  // namespace platen::relay::edge
