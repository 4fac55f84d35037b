#include "libs/alerting/outage_alert.h"

#include "libs/alerting/group_terms.h"
#include "libs/alerting/reason.h"
#include "libs/base/ids.h"
#include "libs/base/status.h"

namespace platen::alerting {
namespace {

using event::v1::Event;
using notifier::v1::Notification;

// An event about the same device, seen where it was, of this condition.
Event AboutTheSame(const Notification& notification,
                   std::string_view condition,
                   event::v1::AlertTransition transition) {
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
  occurrence.set_condition(base::StrCat(condition, ".", base::HexEncode(notification.id())));
  occurrence.set_instance(1);
  occurrence.set_transition(transition);
  return event;
}

}  // namespace

bool IsOutage(std::string_view alert_id) {
  return alert_id.starts_with("site-silent/") || alert_id.starts_with("subnet-silent/");
}

Event ToOutageEvent(const Notification& told) {
  const event::v1::Alert& alert = told.event().alert();
  Event event = AboutTheSame(told, "outage", alert.transition());
  *event.mutable_alert() = alert;
  return event;
}

Event ToInhibitionEvent(const Notification& inhibited) {
  Event event = AboutTheSame(inhibited, "inhibited", event::v1::ALERT_TRANSITION_CHANGED);
  event::v1::AlertDecision& decision = *event.mutable_alert_decision();
  decision.set_alert_id(inhibited.event().alert().alert_id());
  decision.set_action(event::v1::AlertDecision::ACTION_SUPPRESSED);
  decision.set_author(inhibited.rule());
  decision.set_note(base::StrCat(
      "not told to ", inhibited.receiver(), ", who is told of the site or its subnet"));
  decision.set_reason(ReasonName(notifier::v1::DECISION_REASON_SITE_SILENT));
  return event;
}

Told ToldOf(const Event& report) {
  const event::v1::NotificationReport& said = report.notification_report();
  return {.name = said.receiver(),
          .group = {.key = SilenceGroupOf(report, said.rule()), .at_least = 1}};
}

Notification InWordsOf(const Notification& beginning, const Notification& said) {
  Notification notification = said;
  notification.set_title(beginning.title());
  *notification.mutable_emails() = beginning.emails();
  *notification.mutable_event() = beginning.event();
  return notification;
}

}  // namespace platen::alerting
