#include "services/notifier/edge/voice.h"

#include <algorithm>

#include "libs/event/headers.h"
#include "libs/event/key.h"
#include "libs/event/timestamps.h"

namespace platen::notifier::edge {

Voice::Voice(VoiceOptions options, PublishQueue& queue)
    : options_(std::move(options)), queue_(queue), sequencer_(options_.instance, options_.epoch) {}

void Voice::Say(event::v1::Event event, PublishQueue::Done done) {
  if (const absl::Status status = sequencer_.Stamp(event); !status.ok()) return done(status);
  const std::string key(event::KeyOf(event));
  const std::string route = event.source().route();
  const std::uint64_t number = event.source().sequence();
  on_their_way_[route].insert(number);
  queue_.Add({.topic = options_.topic,
              .partition = broker::PartitionFor(key, options_.partitions),
              .key = key,
              .value = event.SerializeAsString(),
              .headers = event::MakeHeaders(event)},
             [this, route, number, done = std::move(done)](const absl::Status& status) {
               on_their_way_[route].erase(number);
               done(status);
             });
}

void Voice::OnTimer(base::MonotonicTime now, base::WallTime wall, const Figures& figures) {
  if (last_beat_.has_value() && now - *last_beat_ < options_.interval) return;
  last_beat_ = now;
  Say(MakeHeartbeat(wall, figures), [](const absl::Status&) {});
}

void Voice::SayGap(base::WallTime wall,
                   const std::string& stream,
                   std::int64_t wanted,
                   std::int64_t earliest) {
  event::v1::Event event = AboutMyself(wall);
  event::v1::Gap& gap = *event.mutable_gap();
  gap.set_reason(event::v1::Gap::REASON_RETENTION);
  gap.set_stream(stream);
  gap.set_first(static_cast<std::uint64_t>(std::max<std::int64_t>(wanted, 0)));
  gap.set_last(static_cast<std::uint64_t>(std::max<std::int64_t>(earliest - 1, 0)));
  gap.set_detail("the notifier has not read them");
  Say(std::move(event), [](const absl::Status&) {});
}

event::v1::Event Voice::AboutMyself(base::WallTime wall) {
  event::v1::Event event;
  event::v1::SourceOccurrence& occurrence = *event.mutable_occurrence()->mutable_source();
  occurrence.set_epoch(options_.epoch);
  occurrence.set_number(++said_);
  *event.mutable_occurrence_time() = event::ToProto(wall);
  *event.mutable_observation_time() = event::ToProto(wall);
  // The id of what has no device is made of its source's name.
  event.mutable_source()->set_instance(options_.instance);
  return event;
}

event::v1::Event Voice::MakeHeartbeat(base::WallTime wall, const Figures& figures) {
  event::v1::Event event = AboutMyself(wall);
  event::v1::Heartbeat& beat = *event.mutable_heartbeat();
  beat.set_role("notifier");
  beat.set_version(options_.version);
  *beat.mutable_start_time() = event::ToProto(options_.start_time);
  for (const auto& [stream, highest] : sequencer_.highest()) {
    event::v1::Heartbeat::Stream& entry = *beat.add_streams();
    entry.set_lane(stream.first);
    entry.set_route(stream.second);
    const std::set<std::uint64_t>& open = on_their_way_[stream.second];
    entry.set_highest_sequence(open.empty() ? highest : *open.begin() - 1);
  }
  for (const auto& [name, value] : figures) {
    event::v1::Heartbeat::Figure& figure = *beat.add_figures();
    figure.set_name(name);
    figure.set_value(value);
  }
  return event;
}

}  // namespace platen::notifier::edge
