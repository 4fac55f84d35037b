#include "libs/alerting/collector_watch.h"

#include <algorithm>
#include <string>
#include <utility>

#include "absl/time/time.h"
#include "libs/base/status.h"
#include "libs/event/timestamps.h"

namespace platen::alerting {
namespace {

constexpr std::string_view kPrefix = "collectors-gone/";

event::v1::Event ToEvent(const notifier::v1::CollectorsGone& gone,
                         const notifier::v1::UnwatchedDevice& device,
                         bool is_over) {
  const std::int64_t since = base::ToMillis(event::FromProto(gone.since_time()));
  const std::string alert_id = base::StrCat(kPrefix, since);
  const event::v1::AlertTransition transition =
      is_over ? event::v1::ALERT_TRANSITION_ENDED : event::v1::ALERT_TRANSITION_RAISED;
  event::v1::Event event;
  event.set_tenant(device.tenant());
  event.set_site(device.site());
  event.set_device_id(device.device_id());
  event.mutable_source()->set_route(device.route());
  const auto& time = is_over ? gone.end_time() : gone.decide_time();
  *event.mutable_occurrence_time() = time;
  *event.mutable_observation_time() = time;
  event::v1::InstanceOccurrence& occurrence = *event.mutable_occurrence()->mutable_instance();
  occurrence.set_condition(alert_id);
  occurrence.set_instance(1);
  occurrence.set_transition(transition);
  event::v1::Alert& alert = *event.mutable_alert();
  alert.set_alert_id(alert_id);
  alert.set_instance(1);
  alert.set_lifecycle(event::v1::ALERT_LIFECYCLE_CONDITION);
  alert.set_transition(transition);
  if (is_over) alert.set_end(event::v1::ALERT_END_CLEARED);
  alert.set_origin(event::v1::ALERT_ORIGIN_PLATEN);
  alert.set_category(event::v1::ALERT_CATEGORY_ALARM);
  alert.set_reason_keyword("other");
  *alert.mutable_raise_time() = gone.since_time();
  alert.set_description(base::StrCat(
      "no collector is heard since ",
      absl::FormatTime("%b %d %H:%M UTC", absl::FromUnixMillis(since), absl::UTCTimeZone()),
      ": nobody watches the printers"));
  alert.mutable_device()->set_display_name("all printers");
  alert.mutable_device()->set_site("all sites");
  return event;
}

}  // namespace

bool AreCollectorsGone(std::string_view alert_id) {
  return alert_id.starts_with(kPrefix);
}

std::string_view WhatToDoAboutCollectors() {
  return "No alarm of any printer comes until a collector is back. Look whether the collectors "
         "run, whether their machines have power and network, and whether they reach Kafka: the "
         "last lines of their logs say what keeps them. One of them is enough to end this.";
}

bool CollectorWatch::OnHeartbeat(base::WallTime now,
                                 bool is_collector,
                                 base::Duration gone_after,
                                 const SiteRoll& roll) {
  if (!last_beat_.has_value()) since_ = now;
  const base::Duration passed =
      std::clamp<base::Duration>(now - last_beat_.value_or(now), base::Duration(0), kProofHolds);
  last_beat_ = now;
  if (is_collector) {
    since_ = now;
    unheard_ = base::Duration(0);
    if (!gone_.has_value() || gone_->has_end_time()) return false;
    *gone_->mutable_end_time() = event::ToProto(now);
    return true;
  }
  unheard_ += passed;
  if (unheard_ < gone_after || gone_.has_value()) return false;
  notifier::v1::CollectorsGone gone;
  *gone.mutable_since_time() = event::ToProto(since_);
  *gone.mutable_decide_time() = event::ToProto(now);
  for (const auto& [tenant, first] : roll.FirstDevices()) {
    notifier::v1::UnwatchedDevice& device = *gone.add_devices();
    device.set_device_id(std::string(first.device.bytes()));
    device.set_tenant(tenant);
    device.set_site(first.site);
    device.set_route(first.route);
  }
  // Nobody's printers: nobody misses a collector.
  if (gone.devices().empty()) return false;
  gone_ = std::move(gone);
  return true;
}

std::vector<event::v1::Event> ToEvents(const notifier::v1::CollectorsGone& gone, bool is_over) {
  std::vector<event::v1::Event> events;
  for (const notifier::v1::UnwatchedDevice& device : gone.devices()) {
    events.push_back(ToEvent(gone, device, is_over));
  }
  return events;
}

}  // namespace platen::alerting
