#include "libs/alerting/group_terms.h"

#include <chrono>
#include <string>

#include "libs/base/ids.h"
#include "libs/base/status.h"
#include "libs/base/subnet.h"

namespace platen::alerting {
namespace {

constexpr std::chrono::seconds kWait{30};
constexpr std::chrono::seconds kInterval{300};

std::string SiteKeyOf(const event::v1::Event& event) {
  return base::StrCat("site/", event.tenant(), "/", event.site());
}

std::string KeyOf(rules::v1::GroupBy by, std::string_view rule, const event::v1::Event& event) {
  switch (by) {
    case rules::v1::GROUP_BY_DEVICE:
      return base::StrCat("device/", base::DeviceId::FromBytes(event.device_id())->ToHex());
    case rules::v1::GROUP_BY_SITE:
      return SiteKeyOf(event);
    case rules::v1::GROUP_BY_TENANT:
      return base::StrCat("tenant/", event.tenant());
    case rules::v1::GROUP_BY_RULE:
      return std::string(rule);
    default:
      return "";
  }
}

// Whether it says that the device does not answer.
bool IsSilence(const event::v1::Alert& alert) {
  return alert.origin() == event::v1::ALERT_ORIGIN_PLATEN && alert.reason_keyword() == "timed-out";
}

}  // namespace

notifier::v1::GroupTerms GroupTermsOf(const rules::v1::Rule& rule,
                                      std::string_view name,
                                      const event::v1::Event& event,
                                      const SiteRoll* roll) {
  notifier::v1::GroupTerms group;
  group.set_key(KeyOf(rule.group().by(), name, event));
  if (group.key().empty()) return group;
  *group.mutable_wait() = rule.group().wait();
  if (!rule.group().has_wait()) group.mutable_wait()->set_seconds(kWait.count());
  *group.mutable_interval() = rule.group().interval();
  if (!rule.group().has_interval()) group.mutable_interval()->set_seconds(kInterval.count());
  if (!rule.has_site_silence() || !IsSilence(event.alert())) return group;
  // A group of its own: what is held as long as a site is silent must hold nothing else back.
  group.set_key(SilenceGroupOf(event, name));
  group.mutable_site()->set_at_least(rule.site_silence().at_least());
  group.mutable_site()->set_percent(rule.site_silence().percent());
  group.mutable_site()->set_subnet(base::SubnetOf(event.alert().device().address()));
  if (roll != nullptr) {
    const SiteRoll::Count count =
        roll->CountAt(event.tenant(), event.site(), event.alert().device().address());
    group.mutable_site()->set_devices(count.site);
    group.mutable_site()->set_subnet_devices(count.subnet);
  }
  return group;
}

std::string SilenceGroupOf(const event::v1::Event& event, std::string_view rule) {
  // A rule with site_silence groups by site.
  return base::StrCat(SiteKeyOf(event), "/", rule);
}

}  // namespace platen::alerting
