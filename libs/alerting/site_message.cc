#include "libs/alerting/site_message.h"

#include <algorithm>
#include <map>
#include <string>
#include <string_view>

#include "absl/strings/strip.h"
#include "absl/time/time.h"
#include "libs/alerting/identity.h"
#include "libs/alerting/words.h"
#include "libs/base/field_digest.h"
#include "libs/base/ids.h"
#include "libs/base/status.h"
#include "libs/event/timestamps.h"

namespace platen::alerting {
namespace {

using notifier::v1::Notification;

// Of all printers that a message names.
constexpr std::size_t kNamesBytesMax = 1000;
constexpr std::size_t kReasonBytesMax = 60;

// Half of what a digest is, for it is read out: no other of this device's outages has it.
constexpr std::size_t kAlertIdBytes = 8;

std::string AlertIdOf(const Notification& first, const std::string& subnet) {
  base::FieldDigest fields;
  fields.Text("site-silent");
  fields.Text(first.group().key());
  fields.Text(first.incident_id());
  if (!subnet.empty()) fields.Text(subnet);
  const auto digest = fields.Sha256();
  const std::string bytes(digest.begin(), digest.begin() + kAlertIdBytes);
  return base::StrCat(subnet.empty() ? "site-silent/" : "subnet-silent/", base::HexEncode(bytes));
}

base::NotificationId IdOf(const Notification& notification, notifier::v1::NotificationKind kind) {
  return DeriveNotificationId(
      notification.receiver(), *base::IncidentId::FromBytes(notification.incident_id()), kind);
}

// Why they are silent, as most of them say: what the collector knows (SilenceReason), in its words.
std::string ReasonOf(const std::vector<const Notification*>& devices) {
  std::map<std::string, int> counts;
  for (const Notification* device : devices) {
    const std::string& said = device->event().alert().description();
    ++counts[std::string(absl::StripPrefix(said, "does not answer SNMP: "))];
  }
  const auto most =
      std::max_element(counts.begin(), counts.end(), [](const auto& left, const auto& right) {
        return left.second < right.second;
      });
  return OneLine(most->first, kReasonBytesMax);
}

// "HL-L5100DN, …4711": what stands in the title between the place and what happened.
std::string NameOf(const std::string& title) {
  const std::size_t place = title.find("] ");
  const std::size_t begin = place == std::string::npos ? 0 : place + 2;
  return title.substr(begin, title.find(": ", begin) - begin);
}

std::string NamesOf(const std::vector<const Notification*>& devices) {
  std::string names;
  for (const Notification* device : devices) {
    const std::string& where = device->event().alert().device().location();
    names += base::StrCat(names.empty() ? "" : "; ",
                          NameOf(device->title()),
                          where.empty() ? "" : " (",
                          where,
                          where.empty() ? "" : ")");
  }
  return OneLine(names, kNamesBytesMax);
}

base::WallTime SinceWhen(const std::vector<const Notification*>& devices) {
  base::WallTime since = base::WallTime::max();
  for (const Notification* device : devices) {
    const event::v1::Event& event = device->event();
    since = std::min(since,
                     event::FromProto(event.alert().has_raise_time() ? event.alert().raise_time()
                                                                     : event.observation_time()));
  }
  return since;
}

}  // namespace

Notification MakeSiteBeginning(base::WallTime now,
                               const std::vector<const Notification*>& devices,
                               std::size_t silent,
                               const std::string& subnet) {
  const Notification& first = *devices.front();
  Notification site;
  site.set_receiver(first.receiver());
  site.set_kind(notifier::v1::NOTIFICATION_KIND_RAISED);
  *site.mutable_emails() = first.emails();
  *site.mutable_group() = devices.back()->group();
  notifier::v1::SiteTerms& terms = *site.mutable_group()->mutable_site();
  terms.set_subnet(subnet);
  site.set_rule(first.rule());
  *site.mutable_decide_time() = event::ToProto(now);
  site.set_note(NamesOf(devices));

  const event::v1::Event& about = first.event();
  event::v1::Event& event = *site.mutable_event();
  event.set_tenant(about.tenant());
  event.set_site(about.site());
  event.set_device_id(about.device_id());
  event.set_vendor(about.vendor());
  event.mutable_source()->set_route(about.source().route());
  *event.mutable_observation_time() = devices.back()->event().observation_time();
  event::v1::Alert& alert = *event.mutable_alert();
  alert.set_alert_id(AlertIdOf(first, subnet));
  alert.set_instance(1);
  // As decide names it, too.
  const base::IncidentId incident =
      DeriveIncidentId({.device = *base::DeviceId::FromBytes(event.device_id()),
                        .alert_id = alert.alert_id(),
                        .instance = alert.instance()});
  site.set_incident_id(std::string(incident.bytes()));
  site.set_id(std::string(IdOf(site, site.kind()).bytes()));
  alert.set_lifecycle(event::v1::ALERT_LIFECYCLE_CONDITION);
  alert.set_transition(event::v1::ALERT_TRANSITION_RAISED);
  alert.set_origin(event::v1::ALERT_ORIGIN_PLATEN);
  alert.set_category(about.alert().category());
  alert.set_severity(about.alert().severity());
  alert.set_training(about.alert().training());
  alert.set_reason_keyword(about.alert().reason_keyword());
  alert.mutable_device()->set_customer(about.alert().device().customer());
  alert.mutable_device()->set_site(about.alert().device().site());
  alert.mutable_device()->set_display_name(subnet.empty() ? "whole site"
                                                          : base::StrCat("subnet ", subnet));
  const base::WallTime since = SinceWhen(devices);
  *alert.mutable_raise_time() = event::ToProto(since);
  const std::size_t polled =
      std::max<std::size_t>(subnet.empty() ? terms.devices() : terms.subnet_devices(), silent);
  alert.set_description(base::StrCat(
      silent,
      " of ",
      polled,
      " printers do not answer since ",
      absl::FormatTime(
          "%b %d %H:%M UTC", absl::FromUnixMillis(base::ToMillis(since)), absl::UTCTimeZone()),
      ": ",
      ReasonOf(devices)));
  site.set_title(Title(event));
  return site;
}

Notification MakeSiteEnd(base::WallTime now, const Notification& beginning, std::size_t still) {
  Notification end = beginning;
  end.set_kind(notifier::v1::NOTIFICATION_KIND_CLEARED);
  end.set_id(std::string(IdOf(end, end.kind()).bytes()));
  end.clear_rule();
  end.set_ordinal(1);
  *end.mutable_decide_time() = event::ToProto(now);
  *end.mutable_event()->mutable_observation_time() = event::ToProto(now);
  end.mutable_event()->mutable_alert()->set_transition(event::v1::ALERT_TRANSITION_ENDED);
  end.mutable_event()->mutable_alert()->set_end(event::v1::ALERT_END_CLEARED);
  end.set_note(still == 0 ? std::string("all of them answer again")
                          : base::StrCat(end.group().site().subnet().empty()
                                             ? "the site answers again; "
                                             : "the subnet answers again; ",
                                         still,
                                         still == 1 ? " printer does not yet, and is"
                                                    : " printers do not yet, and are",
                                         " told of apart"));
  return end;
}

Notification MakeSubnetEnd(base::WallTime now, const Notification& beginning) {
  Notification end = MakeSiteEnd(now, beginning, 0);
  end.set_note("the whole site does not answer, and is told of");
  return end;
}

base::NotificationId BeginningOf(const Notification& end) {
  return IdOf(end, notifier::v1::NOTIFICATION_KIND_RAISED);
}

}  // namespace platen::alerting
