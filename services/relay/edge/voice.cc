#include "services/relay/edge/voice.h"

#include <algorithm>
#include <utility>

#include "libs/base/status.h"
#include "libs/event/headers.h"
#include "libs/event/key.h"
#include "libs/event/lanes.h"
#include "libs/event/timestamps.h"

namespace platen::relay::edge {

Voice::Voice(VoiceOptions options)
    : options_(std::move(options)), sequencer_(options_.instance, options_.epoch) {}

absl::StatusOr<OwnWord> Voice::SayGap(const broker::OutOfRange& gap,
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
  const std::lock_guard lock(mutex_);
  return Stamp(std::move(event));
}

absl::StatusOr<OwnWord> Voice::SayHeartbeat(std::string_view route, base::WallTime now) {
  const std::lock_guard lock(mutex_);
  event::v1::Event event;
  event.mutable_source()->set_instance(options_.instance);
  event.mutable_source()->set_route(std::string(route));
  *event.mutable_observation_time() = *event.mutable_occurrence_time() = event::ToProto(now);
  event.mutable_occurrence()->mutable_source()->set_epoch(options_.epoch);
  event.mutable_occurrence()->mutable_source()->set_number(++heartbeats_);
  event::v1::Heartbeat& beat = *event.mutable_heartbeat();
  beat.set_role("relay");
  beat.set_version(options_.version);
  *beat.mutable_start_time() = event::ToProto(options_.start_time);
  for (const auto& [stream, highest] : sequencer_.highest()) {
    if (stream.second != route) continue;
    event::v1::Heartbeat::Stream& claim = *beat.add_streams();
    claim.set_lane(stream.first);
    claim.set_route(stream.second);
    const std::set<std::uint64_t>& open = open_[stream.second];
    claim.set_highest_sequence(open.empty() ? highest : *open.begin() - 1);
  }
  return Stamp(std::move(event));
}

void Voice::OnAcknowledged(const std::string& route, std::uint64_t number) {
  const std::lock_guard lock(mutex_);
  open_[route].erase(number);
}

// REQUIRES: mutex_ is held.
absl::StatusOr<OwnWord> Voice::Stamp(event::v1::Event event) {
  PLATEN_RETURN_IF_ERROR(sequencer_.Stamp(event));
  const std::uint64_t number = event.source().sequence();
  open_[event.source().route()].insert(number);
  return OwnWord{.record = {.topic = event::Topics(options_.topic_prefix).Lane(event.lane()),
                            .key = std::string(event::KeyOf(event)),
                            .value = event.SerializeAsString(),
                            .headers = event::MakeHeaders(event)},
                 .number = number};
}

}  // namespace platen::relay::edge
