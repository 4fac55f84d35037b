#include "libs/alerting/outbox_entry.h"

#include <string>

#include "libs/alerting/collector_watch.h"
#include "libs/alerting/identity.h"
#include "libs/base/ids.h"
#include "libs/base/status.h"
#include "libs/event/timestamps.h"

namespace platen::alerting {

using event::v1::Event;

notifier::v1::OutboxEntry MakeEntry(base::WallTime now,
                                    const Event& event,
                                    notifier::v1::NotificationKind kind,
                                    AlertRecord& record) {
  notifier::v1::OutboxEntry entry;
  notifier::v1::Notification& notification = *entry.mutable_notification();
  const base::IncidentId incident =
      DeriveIncidentId({.device = *base::DeviceId::FromBytes(event.device_id()),
                        .alert_id = event.alert().alert_id(),
                        .instance = record.instance,
                        .round = record.round});
  notification.set_incident_id(std::string(incident.bytes()));
  notification.set_kind(kind);
  notification.set_title(record.title);
  const bool is_asking = kind == notifier::v1::NOTIFICATION_KIND_RAISED ||
                         kind == notifier::v1::NOTIFICATION_KIND_ESCALATED ||
                         kind == notifier::v1::NOTIFICATION_KIND_REMINDED;
  if (is_asking && AreCollectorsGone(event.alert().alert_id())) {
    notification.set_note(std::string(WhatToDoAboutCollectors()));
  }
  *notification.mutable_event() = event;
  *notification.mutable_decide_time() = event::ToProto(now);
  notification.set_ordinal(record.sayings++);
  return entry;
}

void AddReceivers(std::span<const Told> receivers,
                  const std::string& rule,
                  notifier::v1::OutboxEntry& entry) {
  const bool is_other_rule = rule != entry.notification().rule();
  for (const Told& receiver : receivers) {
    entry.add_receivers(receiver.name);
    auto details = DetailsOf(receiver);
    if (is_other_rule) {
      if (!details.has_value()) details.emplace().set_receiver(receiver.name);
      details->set_rule(rule);
    }
    if (details.has_value()) *entry.add_details() = *std::move(details);
  }
}

Event ToDecisionEvent(const notifier::v1::OutboxEntry& entry) {
  const notifier::v1::Notification& notification = entry.notification();
  const Event& about = notification.event();
  Event event;
  event.set_tenant(about.tenant());
  event.set_site(about.site());
  event.set_device_id(about.device_id());
  event.set_vendor(about.vendor());
  event.mutable_source()->set_route(about.source().route());
  *event.mutable_occurrence_time() = notification.decide_time();
  *event.mutable_observation_time() = notification.decide_time();
  event::v1::InstanceOccurrence& occurrence = *event.mutable_occurrence()->mutable_instance();
  occurrence.set_condition(base::StrCat("decision.", base::HexEncode(notification.incident_id())));
  occurrence.set_instance(notification.ordinal() + 1);
  occurrence.set_transition(event::v1::ALERT_TRANSITION_CHANGED);
  *event.mutable_alert_decision() = entry.decision();
  return event;
}

}  // namespace platen::alerting
