#include "services/notifier/edge/channels/digest_members.h"

#include <map>
#include <string>

namespace platen::notifier::edge {

std::vector<v1::Notification> WithoutDigest(const v1::Notification& notification) {
  if (notification.kind() != v1::NOTIFICATION_KIND_DIGEST) return {notification};
  std::map<std::string, const v1::DigestMember*> last_of;
  for (const v1::DigestMember& member : notification.members()) {
    last_of[member.incident_id()] = &member;
  }
  std::vector<v1::Notification> singles;
  for (const v1::DigestMember& member : notification.members()) {
    const v1::DigestMember* const last = last_of.at(member.incident_id());
    if (last->kind() == v1::NOTIFICATION_KIND_CLEARED && last != &member) continue;
    v1::Notification& single = singles.emplace_back();
    single.set_id(member.id());
    single.set_receiver(notification.receiver());
    single.set_incident_id(member.incident_id());
    single.set_kind(member.kind());
    single.set_title(member.title());
    *single.mutable_event() = member.event();
    *single.mutable_decide_time() = member.decide_time();
    single.set_author(member.author());
    single.set_note(member.note());
  }
  return singles;
}

}  // namespace platen::notifier::edge
