// Events for the gateway's tests: complete, with the id that follows from what they say.
#pragma once

#include <map>
#include <string>

#include "platen/event/v1/event.pb.h"

#include "libs/base/ids.h"
#include "libs/base/time.h"
#include "libs/event/identity.h"
#include "libs/event/lanes.h"
#include "libs/event/timestamps.h"

namespace platen::gateway::testing {

inline constexpr std::int64_t kNowMs = 1767225600000;  // 2026-01-01, where SimClock starts.

inline base::DeviceId Device(std::uint8_t number) {
  base::DeviceId id;
  id.raw()[15] = number;
  return id;
}

// Makes events of one source, numbered from 1 in each lane.
class EventMaker {
 public:
  explicit EventMaker(std::string instance = "collector-1") : instance_(std::move(instance)) {}

  // Fills what every event has, and the id.
  platen::event::v1::Event Finish(platen::event::v1::Event event) {
    event.set_lane(platen::event::LaneOf(event.body_case()));
    auto* source = event.mutable_source();
    source->set_instance(instance_);
    source->set_epoch(7);
    source->set_sequence(++sequence_[event.lane()]);
    source->set_route("default");
    if (!event.has_observation_time()) SetObserved(kNowMs, event);
    if (const auto id = platen::event::DeriveId(event); id.ok()) {
      event.set_id(std::string(id->bytes()));
    }
    return event;
  }

  static void SetObserved(std::int64_t millis, platen::event::v1::Event& event) {
    *event.mutable_observation_time() = platen::event::ToProto(base::WallFromMillis(millis));
  }

  // The `slot`th hourly reading: `total` impressions.
  platen::event::v1::Event Meters(const base::DeviceId& device,
                                  std::uint64_t slot,
                                  std::uint64_t total,
                                  std::int64_t observed_ms = kNowMs) {
    namespace ev = platen::event::v1;
    ev::Event event = Of(device);
    SetObserved(observed_ms, event);
    auto* scheduled = event.mutable_occurrence()->mutable_scheduled();
    scheduled->set_kind("meters");
    scheduled->set_interval_seconds(3600);
    scheduled->set_number(slot);
    *event.mutable_occurrence_time() =
        platen::event::ToProto(base::WallTime(std::chrono::hours(slot)));
    auto* reading = event.mutable_meter_reading();
    reading->set_set(ev::METER_SET_BILLING);
    auto* meter = reading->add_meters();
    meter->mutable_kind()->set_function(ev::METER_FUNCTION_TOTAL);
    meter->mutable_kind()->set_colour(ev::COLOUR_CLASS_ALL);
    meter->mutable_kind()->set_size(ev::SIZE_CLASS_ALL);
    meter->mutable_kind()->set_sides(ev::SIDES_CLASS_ALL);
    meter->mutable_kind()->set_unit(ev::METER_UNIT_IMPRESSIONS);
    meter->set_value(total);
    return Finish(std::move(event));
  }

  // A jam named "jam/INSTANCE".
  platen::event::v1::Event Jam(const base::DeviceId& device,
                               std::uint64_t instance,
                               platen::event::v1::AlertTransition transition,
                               std::int64_t observed_ms = kNowMs,
                               std::uint64_t term = 1) {
    namespace ev = platen::event::v1;
    ev::Event event = Of(device);
    SetObserved(observed_ms, event);
    event.set_term(term);
    auto* occurrence = event.mutable_occurrence()->mutable_instance();
    occurrence->set_condition("jam");
    occurrence->set_instance(instance);
    occurrence->set_transition(transition);
    auto* alert = event.mutable_alert();
    alert->set_alert_id("jam/" + std::to_string(instance));
    alert->set_lifecycle(ev::ALERT_LIFECYCLE_CONDITION);
    alert->set_transition(transition);
    alert->set_origin(ev::ALERT_ORIGIN_DEVICE);
    alert->set_category(ev::ALERT_CATEGORY_JAM);
    alert->set_instance(instance);
    alert->set_description("Paper jam in tray 2");
    if (transition == ev::ALERT_TRANSITION_ENDED) alert->set_end(ev::ALERT_END_CLEARED);
    return Finish(std::move(event));
  }

  platen::event::v1::Event Identity(const base::DeviceId& device,
                                    const std::string& serial,
                                    const std::string& model) {
    platen::event::v1::Event event = Of(device);
    auto* scheduled = event.mutable_occurrence()->mutable_scheduled();
    scheduled->set_kind("identity " + serial);
    scheduled->set_interval_seconds(3600);
    scheduled->set_number(1);
    auto* report = event.mutable_identity_report();
    report->mutable_identity()->set_serial_number(serial);
    report->mutable_identity()->set_model(model);
    report->set_address("127.0.1.1");
    return Finish(std::move(event));
  }

  platen::event::v1::Event Status(const base::DeviceId& device,
                                  std::uint64_t instance,
                                  platen::event::v1::Reachability reachability) {
    platen::event::v1::Event event = Of(device);
    auto* occurrence = event.mutable_occurrence()->mutable_instance();
    occurrence->set_condition("status");
    occurrence->set_instance(instance);
    event.mutable_status_change()->mutable_status()->set_reachability(reachability);
    return Finish(std::move(event));
  }

  // Offsets `first` to `last` of a partition were eaten by retention.
  platen::event::v1::Event Gap(std::uint64_t first, std::uint64_t last) {
    return GapOf(
        "campus/platen.telemetry.v1/3", platen::event::v1::Gap::REASON_RETENTION, first, last);
  }

  // The source has given up `first` to `last` of a stream.
  platen::event::v1::Event GivenUp(const std::string& stream,
                                   std::uint64_t first,
                                   std::uint64_t last) {
    return GapOf(stream, platen::event::v1::Gap::REASON_GIVEN_UP, first, last);
  }

  const std::string& instance() const { return instance_; }

  platen::event::v1::Event Heartbeat(std::uint64_t number, std::uint64_t highest_telemetry) {
    platen::event::v1::Event event;
    event.mutable_occurrence()->mutable_source()->set_epoch(7);
    event.mutable_occurrence()->mutable_source()->set_number(number);
    event.mutable_heartbeat()->set_role("collector");
    auto* stream = event.mutable_heartbeat()->add_streams();
    stream->set_lane(platen::event::v1::LANE_TELEMETRY);
    stream->set_route("default");
    stream->set_highest_sequence(highest_telemetry);
    return Finish(std::move(event));
  }

 private:
  platen::event::v1::Event GapOf(const std::string& stream,
                                 platen::event::v1::Gap::Reason reason,
                                 std::uint64_t first,
                                 std::uint64_t last) {
    platen::event::v1::Event event;
    auto* range = event.mutable_occurrence()->mutable_range();
    range->set_stream(stream);
    range->set_first(first);
    range->set_last(last);
    event.mutable_gap()->set_reason(reason);
    event.mutable_gap()->set_stream(stream);
    event.mutable_gap()->set_first(first);
    event.mutable_gap()->set_last(last);
    return Finish(std::move(event));
  }

  static platen::event::v1::Event Of(const base::DeviceId& device) {
    platen::event::v1::Event event;
    event.set_tenant("acme");
    event.set_site("hq");
    event.set_device_id(std::string(device.bytes()));
    return event;
  }

  std::string instance_;
  std::map<platen::event::v1::Lane, std::uint64_t> sequence_;
};

}  // namespace platen::gateway::testing
