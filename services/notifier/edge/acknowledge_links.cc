#include "services/notifier/edge/acknowledge_links.h"

#include <algorithm>
#include <set>
#include <string_view>
#include <utility>

#include "libs/base/status.h"
#include "libs/event/timestamps.h"
#include "libs/service/common_config.h"
#include "libs/service/config.h"

namespace platen::notifier::edge {
namespace {

constexpr base::Duration kValidFor = std::chrono::hours(24 * 7);

// Plain HTTP is for a browser on this machine: a link is as good as a password for its alert.
bool IsGoodUrl(std::string_view url) {
  const bool is_plain_text = std::all_of(url.begin(), url.end(), [](char c) {
    return c > 0x20 && c < 0x7F &&
           std::string_view("\"'<>\\^`{|}?#@").find(c) == std::string_view::npos;
  });
  if (!is_plain_text) return false;
  if (url.starts_with("https://")) return url.size() > 8 && url[8] != '/';
  for (const std::string_view host : {"http://127.0.0.1", "http://localhost", "http://[::1]"}) {
    if (!url.starts_with(host)) continue;
    const std::string_view rest = url.substr(host.size());
    return rest.empty() || rest[0] == ':' || rest[0] == '/';
  }
  return false;
}

absl::StatusOr<links::LinkKeys> ReadKeys(const std::string& file) {
  PLATEN_ASSIGN_OR_RETURN(const std::string lines, service::ReadSecretFile(file));
  auto keys = links::LinkKeys::Parse(lines);
  return keys.ok() ? keys : base::Annotate(keys.status(), file);
}

bool IsOpen(v1::NotificationKind kind) {
  return kind == v1::NOTIFICATION_KIND_RAISED || kind == v1::NOTIFICATION_KIND_ESCALATED ||
         kind == v1::NOTIFICATION_KIND_REMINDED;
}

}  // namespace

void ValidateAcknowledgeLinks(const config::v1::AcknowledgeLinks& config,
                              const std::string& path,
                              service::FaultList& faults) {
  if (!IsGoodUrl(config.url())) {
    faults.Add(path + ".url",
               "must be https://host, or http:// to loopback: where the gateway's acknowledge_page "
               "is reached");
  }
  service::RequireFile(config.key_file(), path + ".key_file", faults);
  if (!config.key_file().empty()) {
    const auto keys = ReadKeys(config.key_file());
    if (absl::IsInvalidArgument(keys.status())) {
      faults.Add(path + ".key_file", std::string(keys.status().message()));
    }
  }
  if (config.has_valid_for()) {
    service::RequireDuration(config.valid_for(),
                             std::chrono::hours(1),
                             std::chrono::hours(24 * 31),
                             path + ".valid_for",
                             faults);
  }
}

absl::StatusOr<AcknowledgeLinks> AcknowledgeLinks::Make(
    const config::v1::AcknowledgeLinks& config) {
  auto keys = ReadKeys(config.key_file());
  if (!keys.ok()) return base::Annotate(keys.status(), "acknowledge_links");
  std::string url = config.url();
  while (url.ends_with('/')) url.pop_back();
  return AcknowledgeLinks(
      std::move(url),
      *std::move(keys),
      config.has_valid_for() ? event::FromProto(config.valid_for()) : kValidFor);
}

std::string AcknowledgeLinks::UrlOf(const std::string& receiver,
                                    const std::string& id,
                                    const event::v1::Event& event,
                                    const google::protobuf::Timestamp& decide_time) const {
  if (event.alert().instance() == 0) return "";  // Nothing that could be acknowledged.
  links::v1::AcknowledgeLink link;
  link.set_tenant(event.tenant());
  link.set_site(event.site());
  link.set_device_id(event.device_id());
  link.set_alert_id(event.alert().alert_id());
  link.set_instance(event.alert().instance());
  link.set_receiver(receiver);
  link.set_notification_id(id);
  // From the decision on, not from now: every try says the same.
  *link.mutable_expire_time() = event::ToProto(event::FromProto(decide_time) + valid_for_);
  const std::string token = keys_.Sign(link);
  // Ids that are longer than any that a printer's alert has would make a link that nobody takes.
  if (token.size() > links::kTokenBytesMax) return "";
  return base::StrCat(url_, "/acknowledge/", token);
}

v1::Notification AcknowledgeLinks::AddTo(const v1::Notification& notification) const {
  v1::Notification linked = notification;
  if (IsOpen(notification.kind())) {
    linked.set_acknowledge_url(UrlOf(notification.receiver(),
                                     notification.id(),
                                     notification.event(),
                                     notification.decide_time()));
  }
  if (linked.members_size() > kMembersMax) return linked;
  std::set<std::string_view> over;  // Incidents that end further down.
  for (int i = linked.members_size() - 1; i >= 0; --i) {
    v1::DigestMember& member = *linked.mutable_members(i);
    if (member.kind() == v1::NOTIFICATION_KIND_CLEARED) over.insert(member.incident_id());
    if (!IsOpen(member.kind()) || over.contains(member.incident_id())) continue;
    member.set_acknowledge_url(
        UrlOf(linked.receiver(), member.id(), member.event(), member.decide_time()));
  }
  return linked;
}

}  // namespace platen::notifier::edge
