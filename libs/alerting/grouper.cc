#include "libs/alerting/grouper.h"

#include <algorithm>

#include "libs/alerting/words.h"
#include "libs/base/field_digest.h"
#include "libs/base/ids.h"
#include "libs/base/status.h"
#include "libs/event/timestamps.h"

namespace platen::alerting {
namespace {

// What a partition's new owner reads of a group comes within this.
constexpr base::Duration kWaitLeast = std::chrono::seconds(1);

std::string KeyOf(const notifier::v1::Notification& notification) {
  return base::StrCat(notification.receiver(), "/", notification.group().key());
}

// What names a customer and a site stands first in each title: "[Acme/HQ] …".
std::string PlaceOf(const std::string& title) {
  const std::size_t end = title.find("] ");
  return !title.starts_with('[') || end == std::string::npos ? "" : title.substr(0, end + 2);
}

// The place that all share; empty where they don't.
std::string SharedPlace(const notifier::v1::Notification& digest) {
  const std::string place = PlaceOf(digest.members(0).title());
  const bool shared =
      std::all_of(digest.members().begin(), digest.members().end(), [&](const auto& member) {
        return PlaceOf(member.title()) == place;
      });
  return shared ? place : "";
}

std::string TitleOf(const notifier::v1::Notification& digest) {
  std::map<notifier::v1::NotificationKind, int> counts;
  std::set<std::string> devices;
  for (const notifier::v1::DigestMember& member : digest.members()) {
    ++counts[member.kind()];
    devices.insert(member.device_id());
  }
  std::string what;
  for (const auto& [kind, word] : {std::pair{notifier::v1::NOTIFICATION_KIND_RAISED, "alarms"},
                                   {notifier::v1::NOTIFICATION_KIND_CLEARED, "over"},
                                   {notifier::v1::NOTIFICATION_KIND_ACKNOWLEDGED, "acknowledged"},
                                   {notifier::v1::NOTIFICATION_KIND_ESCALATED, "passed on"},
                                   {notifier::v1::NOTIFICATION_KIND_REMINDED, "still open"}}) {
    if (counts[kind] == 0) continue;
    what += base::StrCat(what.empty() ? "" : ", ", counts[kind], " ", word);
  }
  return OneLine(base::StrCat(SharedPlace(digest),
                              devices.size(),
                              devices.size() == 1 ? " printer: " : " printers: ",
                              what),
                 kTitleBytesMax);
}

}  // namespace

std::unique_ptr<Delivery> Grouper::Add(base::MonotonicTime now,
                                       base::WallTime wall,
                                       std::unique_ptr<Delivery> delivery) {
  const notifier::v1::Notification& notification = *delivery->notification;
  if (!notification.has_group() || notification.group().key().empty()) return delivery;
  const auto group = groups_.try_emplace(KeyOf(notification)).first;
  Waiting& waiting = group->second;
  waiting.interval = event::FromProto(notification.group().interval());
  waiting.members.push_back(std::move(delivery));
  ++size_;
  if (waiting.members.size() >= kMembersMax) {
    SetDue(group, now);
  } else if (waiting.members.size() == 1) {
    base::MonotonicTime due = now + WaitLeft(notification, wall);
    if (waiting.last.has_value()) due = std::max(due, *waiting.last + waiting.interval);
    SetDue(group, due);
  }
  return nullptr;
}

void Grouper::SetDue(Groups::iterator group, base::MonotonicTime due) {
  due_.erase({group->second.due, group->first});
  group->second.due = due;
  due_.insert({due, group->first});
}

std::vector<Grouper::Group> Grouper::TakeDue(base::MonotonicTime now) {
  std::vector<Group> taken;
  while (!due_.empty() && due_.begin()->first <= now) {
    const auto group = groups_.find(due_.begin()->second);
    due_.erase(due_.begin());
    Waiting& waiting = group->second;
    if (waiting.members.empty()) {
      // Nothing came within the interval: the next one begins a group anew.
      groups_.erase(group);
      continue;
    }
    size_ -= waiting.members.size();
    taken.push_back(std::exchange(waiting.members, {}));
    waiting.last = now;
    SetDue(group, now + waiting.interval);
  }
  return taken;
}

std::optional<base::MonotonicTime> Grouper::next_wake() const {
  if (due_.empty()) return std::nullopt;
  return due_.begin()->first;
}

std::vector<std::unique_ptr<Delivery>> Grouper::TakeOf(std::int32_t partition) {
  std::vector<std::unique_ptr<Delivery>> taken;
  for (auto group = groups_.begin(); group != groups_.end();) {
    Group& members = group->second.members;
    const auto gone = std::stable_partition(members.begin(), members.end(), [&](const auto& each) {
      return each->partition != partition;
    });
    size_ -= static_cast<std::size_t>(members.end() - gone);
    std::move(gone, members.end(), std::back_inserter(taken));
    const bool is_emptied = gone != members.end() && gone == members.begin();
    members.erase(gone, members.end());
    if (!is_emptied) {
      ++group;
      continue;
    }
    due_.erase({group->second.due, group->first});
    group = groups_.erase(group);
  }
  return taken;
}

base::Duration WaitLeft(const notifier::v1::Notification& notification, base::WallTime wall) {
  const base::Duration wait = event::FromProto(notification.group().wait());
  if (!notification.has_decide_time()) return wait;
  const base::Duration waited = wall - event::FromProto(notification.decide_time());
  return std::clamp(wait - waited, std::min(wait, kWaitLeast), wait);
}

notifier::v1::Notification MakeDigest(const Grouper::Group& members) {
  const notifier::v1::Notification& last = *members.back()->notification;
  notifier::v1::Notification digest;
  digest.set_receiver(last.receiver());
  *digest.mutable_emails() = last.emails();
  *digest.mutable_group() = last.group();
  const bool one_rule = std::all_of(members.begin(), members.end(), [&](const auto& member) {
    return member->notification->rule() == last.rule();
  });
  if (one_rule) digest.set_rule(last.rule());
  digest.set_kind(notifier::v1::NOTIFICATION_KIND_DIGEST);
  *digest.mutable_event() = last.event();
  *digest.mutable_decide_time() = last.decide_time();
  base::FieldDigest fields;
  fields.Text("digest");
  fields.Text(last.receiver());
  for (const auto& delivery : members) {
    const notifier::v1::Notification& notification = *delivery->notification;
    fields.Text(notification.id());
    notifier::v1::DigestMember& member = *digest.add_members();
    member.set_id(notification.id());
    member.set_incident_id(notification.incident_id());
    member.set_kind(notification.kind());
    member.set_title(notification.title());
    member.set_device_id(notification.event().device_id());
    member.set_alert_id(notification.event().alert().alert_id());
    *member.mutable_decide_time() = notification.decide_time();
    *member.mutable_event() = notification.event();
    member.set_author(notification.author());
    member.set_note(notification.note());
    member.set_rule(notification.rule());
  }
  const auto sum = fields.Sha256();
  digest.set_id(std::string(sum.begin(), sum.begin() + base::NotificationId::kSize));
  digest.set_incident_id(digest.id());
  digest.set_title(TitleOf(digest));
  return digest;
}

}  // namespace platen::alerting
