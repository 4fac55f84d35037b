#include "services/notifier/core/report.h"

#include "libs/alerting/identity.h"
#include "libs/alerting/outage_alert.h"
#include "libs/alerting/words.h"
#include "libs/base/ids.h"
#include "libs/base/status.h"
#include "libs/event/timestamps.h"

namespace platen::notifier::core {
namespace {

constexpr std::size_t kDetailBytesMax = 300;
// As event::v1::NotificationReport has it.
constexpr int kFellowsMax = 200;
// A W3C traceparent has 55; no name of a rule, with its tenant and site, has more than this.
constexpr std::size_t kBorrowedBytesMax = 256;

// What a report takes over from its event, but for what is out of all proportion: a report must
// stay an event that the gateway takes.
std::string Borrow(const std::string& text) {
  return text.size() <= kBorrowedBytesMax ? text : std::string();
}

}  // namespace

event::v1::Event MakeReport(base::WallTime now, const DeliveryEnd& end, std::uint64_t epoch) {
  const event::v1::Event& about = end.notification.event();
  const std::string id = base::HexEncode(end.notification.id());
  event::v1::Event event;
  event.set_tenant(about.tenant());
  event.set_site(about.site());
  event.set_device_id(about.device_id());
  event.set_vendor(Borrow(about.vendor()));
  event.mutable_source()->set_route(about.source().route());
  event.set_traceparent(Borrow(about.traceparent()));
  *event.mutable_occurrence_time() = event::ToProto(now);
  *event.mutable_observation_time() = event::ToProto(now);
  event::v1::InstanceOccurrence& occurrence = *event.mutable_occurrence()->mutable_instance();
  occurrence.set_condition(base::StrCat("notification.", id));
  occurrence.set_instance(epoch);
  const bool ended = end.outcome != event::v1::NotificationReport::OUTCOME_DELAYED;
  occurrence.set_transition(ended ? event::v1::ALERT_TRANSITION_ENDED
                                  : event::v1::ALERT_TRANSITION_CHANGED);
  event::v1::NotificationReport& report = *event.mutable_notification_report();
  report.set_notification_id(id);
  report.set_alert_id(about.alert().alert_id());
  report.set_receiver(end.notification.receiver());
  report.set_rule(Borrow(end.notification.rule()));
  report.set_channel(end.channel);
  report.set_outcome(end.outcome);
  report.set_attempts(end.attempts);
  report.set_detail(alerting::OneLine(end.detail, kDetailBytesMax));
  if (end.next_try.has_value()) {
    *report.mutable_next_try_time() = event::ToProto(*end.next_try);
  }
  return event;
}

bool CanShare(const event::v1::Event& report, const DeliveryEnd& end) {
  const event::v1::NotificationReport& said = report.notification_report();
  return end.outcome == event::v1::NotificationReport::OUTCOME_DELIVERED &&
         said.outcome() == end.outcome && said.attempts() == end.attempts &&
         said.channel() == end.channel && said.detail() == end.detail &&
         said.fellows_size() < kFellowsMax && !alerting::IsOutage(said.alert_id());
}

void AddFellow(const v1::Notification& notification, event::v1::Event& report) {
  event::v1::NotificationReport::Fellow& fellow =
      *report.mutable_notification_report()->add_fellows();
  fellow.set_notification_id(base::HexEncode(notification.id()));
  fellow.set_receiver(notification.receiver());
  if (notification.rule() != report.notification_report().rule()) {
    fellow.set_rule(Borrow(notification.rule()));
  }
  // Ids are hashes: what two sets of them come to is never the same.
  std::string& condition = *report.mutable_occurrence()->mutable_instance()->mutable_condition();
  const std::size_t dot = condition.find('.');
  base::NotificationId all = *base::NotificationId::FromHex(condition.substr(dot + 1));
  const base::NotificationId id = alerting::IdOf(notification);
  for (std::size_t i = 0; i < id.raw().size(); ++i) all.raw()[i] ^= id.raw()[i];
  condition = base::StrCat("notifications.", all.ToHex());
}

}  // namespace platen::notifier::core
