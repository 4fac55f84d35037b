#include "libs/alerting/site_outages.h"

#include <algorithm>
#include <iterator>

#include "libs/alerting/reason.h"
#include "libs/alerting/site_message.h"
#include "libs/base/ids.h"
#include "libs/base/status.h"
#include "libs/event/timestamps.h"

namespace platen::alerting {
namespace {

using notifier::v1::Notification;

constexpr std::uint32_t kPercentDefault = 50;

std::string KeyOf(const Notification& notification) {
  return base::StrCat(notification.receiver(), "/", notification.group().key());
}

bool IsBeginning(const Notification& notification) {
  return notification.kind() == notifier::v1::NOTIFICATION_KIND_RAISED;
}

bool IsEnd(const Notification& notification) {
  return notification.kind() == notifier::v1::NOTIFICATION_KIND_CLEARED;
}

base::Duration WaitOf(const notifier::v1::GroupTerms& terms) {
  return event::FromProto(terms.wait());
}

}  // namespace

bool SiteOutages::Concerns(const Notification& notification) {
  return notification.group().has_site() && !notification.group().key().empty();
}

bool SiteOutages::Holds(const Notification& notification) const {
  const auto group = groups_.find(KeyOf(notification));
  return group != groups_.end() && group->second.held.contains(notification.incident_id());
}

std::unique_ptr<Delivery> SiteOutages::Add(base::MonotonicTime now,
                                           base::WallTime wall,
                                           std::unique_ptr<Delivery> delivery) {
  const Notification& notification = *delivery->notification;
  const auto found = groups_.try_emplace(KeyOf(notification)).first;
  Waiting& group = found->second;
  const std::string& incident = notification.incident_id();
  group.partition = delivery->partition;
  if (IsBeginning(notification)) {
    group.terms = notification.group();
    group.held.insert(incident);
    group.silent.insert(incident);
    if (group.outage.has_value()) {
      inhibited_.push_back({delivery->partition, delivery->notification});
    } else if (!group.check.has_value()) {
      group.check = now + WaitLeft(notification, wall);
    }
  } else {
    if (group.terms.key().empty()) group.terms = notification.group();
    if (IsEnd(notification)) {
      group.silent.erase(incident);
      group.alone.erase(incident);
    }
    if (group.outage.has_value() && !group.held.contains(incident)) {
      // Of somebody told of alone: the site's silence is no news of it.
      Reschedule(found);
      return delivery;
    }
    delivery->covered = delivery->covered || group.outage.has_value();
  }
  if (group.outage.has_value()) {
    LookForEnd(now, group);
  } else if (!group.release.has_value()) {
    group.release = now + WaitLeft(notification, wall);
    if (group.last.has_value()) {
      group.release =
          std::max(*group.release, *group.last + event::FromProto(group.terms.interval()));
    }
  }
  group.members.push_back(std::move(delivery));
  ++size_;
  Reschedule(found);
  return nullptr;
}

void SiteOutages::LookForEnd(base::MonotonicTime now, Waiting& group) {
  if (group.silent.size() * 2 >= group.held.size() && !group.silent.empty()) {
    group.close.reset();
  } else if (group.silent.empty()) {
    group.close = now;
  } else if (!group.close.has_value()) {
    group.close = now + WaitOf(group.terms);
  }
}

void SiteOutages::Restore(base::MonotonicTime now,
                          std::int32_t partition,
                          Notification beginning,
                          bool told) {
  const auto found = groups_.try_emplace(KeyOf(beginning)).first;
  Waiting& group = found->second;
  group.partition = partition;
  group.terms = beginning.group();
  group.outage = Outage{.beginning = std::move(beginning), .kept = true, .told = told};
  // Until its devices are there: without any it is over.
  group.close = now + WaitOf(group.terms);
  Reschedule(found);
}

void SiteOutages::OnKept(const std::string& group) {
  const auto found = groups_.find(group);
  if (found == groups_.end() || !found->second.outage.has_value()) return;
  found->second.outage->kept = true;
  Reschedule(found);
}

bool SiteOutages::IsSite(const Waiting& group) {
  const notifier::v1::SiteTerms& terms = group.terms.site();
  const std::size_t silent = group.silent.size() + group.alone.size();
  const std::size_t percent = terms.percent() == 0 ? kPercentDefault : terms.percent();
  return terms.devices() != 0 && !group.silent.empty() && silent >= terms.at_least() &&
         silent * 100 >= percent * terms.devices();
}

void SiteOutages::Reschedule(Groups::iterator group) {
  Waiting& waiting = group->second;
  if (waiting.due.has_value()) due_.erase({*waiting.due, group->first});
  waiting.due.reset();
  const auto consider = [&](std::optional<base::MonotonicTime> time) {
    if (time.has_value()) waiting.due = std::min(waiting.due.value_or(*time), *time);
  };
  if (waiting.outage.has_value()) {
    if (waiting.outage->kept && !waiting.outage->told) consider(base::MonotonicTime());
    if (waiting.outage->kept) consider(waiting.close);
  } else {
    consider(waiting.check);
    consider(waiting.release);
    // Whether it may be forgotten.
    if (waiting.members.empty() && waiting.alone.empty() && waiting.last.has_value()) {
      consider(*waiting.last + event::FromProto(waiting.terms.interval()));
    }
  }
  if (waiting.due.has_value()) due_.insert({*waiting.due, group->first});
}

std::vector<SiteOutages::Turn> SiteOutages::TakeDue(base::MonotonicTime now, base::WallTime wall) {
  std::vector<Turn> turns;
  while (!due_.empty() && due_.begin()->first <= now) {
    const auto group = groups_.find(due_.begin()->second);
    due_.erase(due_.begin());
    group->second.due.reset();
    TakeTurn(now, wall, group, turns);
  }
  return turns;
}

void SiteOutages::TakeTurn(base::MonotonicTime now,
                           base::WallTime wall,
                           Groups::iterator found,
                           std::vector<Turn>& turns) {
  Waiting& group = found->second;
  const auto is_due = [&](const auto& time) { return time.has_value() && *time <= now; };
  if (group.outage.has_value()) {
    if (!group.outage->told) {
      group.outage->told = true;
      turns.push_back({.what = Turn::What::kTell,
                       .group = found->first,
                       .partition = group.partition,
                       .notification = group.outage->beginning});
    } else if (is_due(group.close)) {
      turns.push_back(Close(now, wall, found));
    }
    return Reschedule(found);
  }
  if (is_due(group.check)) {
    group.check.reset();
    if (IsSite(group)) {
      turns.push_back(Open(wall, found));
      return Reschedule(found);
    }
  }
  if (is_due(group.release)) {
    turns.push_back(Release(now, found));
  } else if (group.members.empty() && group.alone.empty()) {
    // Nothing came within the interval: the next one begins a group anew.
    groups_.erase(found);
    return;
  }
  Reschedule(found);
}

SiteOutages::Turn SiteOutages::Release(base::MonotonicTime now, Groups::iterator found) {
  Waiting& group = found->second;
  Turn turn{.group = found->first, .partition = group.partition};
  // What began and ended within a site's silence, of which a crash has hidden the end.
  std::set<std::string> covered;
  for (const auto& member : group.members) {
    if (member->covered && IsEnd(*member->notification)) {
      covered.insert(member->notification->incident_id());
    }
  }
  size_ -= group.members.size();
  for (auto& member : std::exchange(group.members, {})) {
    const bool is_covered = covered.contains(member->notification->incident_id());
    (is_covered ? turn.covered : turn.told).push_back(std::move(member));
  }
  group.alone.merge(group.silent);
  group.silent.clear();
  group.held.clear();
  group.check.reset();
  group.release.reset();
  group.last = now;
  return turn;
}

SiteOutages::Turn SiteOutages::Open(base::WallTime wall, Groups::iterator found) {
  Waiting& group = found->second;
  std::vector<const Notification*> devices;
  for (const auto& member : group.members) {
    const Notification& notification = *member->notification;
    member->covered = !IsBeginning(notification);
    if (!IsBeginning(notification) || !group.silent.contains(notification.incident_id())) continue;
    devices.push_back(&notification);
    inhibited_.push_back({member->partition, member->notification});
  }
  group.outage = Outage{
      .beginning = MakeSiteBeginning(wall, devices, group.silent.size() + group.alone.size())};
  group.check.reset();
  group.release.reset();
  group.close.reset();
  return {.what = Turn::What::kKeep,
          .group = found->first,
          .partition = group.partition,
          .notification = group.outage->beginning};
}

SiteOutages::Turn SiteOutages::Close(base::MonotonicTime now,
                                     base::WallTime wall,
                                     Groups::iterator found) {
  Waiting& group = found->second;
  Turn turn{.what = Turn::What::kClose, .group = found->first, .partition = group.partition};
  turn.notification = MakeSiteEnd(wall, group.outage->beginning, group.silent.size());
  size_ -= group.members.size();
  for (auto& member : std::exchange(group.members, {})) {
    const bool is_silent = group.silent.contains(member->notification->incident_id());
    (is_silent ? turn.told : turn.covered).push_back(std::move(member));
  }
  group.alone.merge(group.silent);
  group.silent.clear();
  group.held.clear();
  group.close.reset();
  group.outage.reset();
  group.last = now;
  return turn;
}

std::optional<base::MonotonicTime> SiteOutages::next_wake() const {
  if (due_.empty()) return std::nullopt;
  return due_.begin()->first;
}

std::vector<Delivery*> SiteOutages::HeldBy(const std::string& group) {
  std::vector<Delivery*> held;
  const auto found = groups_.find(group);
  if (found == groups_.end()) return held;
  for (const auto& member : found->second.members) held.push_back(member.get());
  return held;
}

std::vector<SiteOutages::Inhibited> SiteOutages::TakeInhibited() {
  return std::exchange(inhibited_, {});
}

Grouper::Group SiteOutages::TakeOf(std::int32_t partition) {
  Grouper::Group taken;
  for (auto group = groups_.begin(); group != groups_.end();) {
    if (group->second.partition != partition) {
      ++group;
      continue;
    }
    size_ -= group->second.members.size();
    std::move(
        group->second.members.begin(), group->second.members.end(), std::back_inserter(taken));
    if (group->second.due.has_value()) due_.erase({*group->second.due, group->first});
    group = groups_.erase(group);
  }
  return taken;
}

std::size_t SiteOutages::open() const {
  return static_cast<std::size_t>(
      std::count_if(groups_.begin(), groups_.end(), [](const auto& group) {
        return group.second.outage.has_value();
      }));
}

event::v1::Event ToInhibitionEvent(const Notification& inhibited) {
  const event::v1::Event& about = inhibited.event();
  event::v1::Event event;
  event.set_tenant(about.tenant());
  event.set_site(about.site());
  event.set_device_id(about.device_id());
  event.set_vendor(about.vendor());
  event.mutable_source()->set_route(about.source().route());
  *event.mutable_occurrence_time() = inhibited.decide_time();
  *event.mutable_observation_time() = inhibited.decide_time();
  event::v1::InstanceOccurrence& occurrence = *event.mutable_occurrence()->mutable_instance();
  occurrence.set_condition(base::StrCat("inhibited.", base::HexEncode(inhibited.id())));
  occurrence.set_instance(1);
  occurrence.set_transition(event::v1::ALERT_TRANSITION_CHANGED);
  event::v1::AlertDecision& decision = *event.mutable_alert_decision();
  decision.set_alert_id(about.alert().alert_id());
  decision.set_action(event::v1::AlertDecision::ACTION_SUPPRESSED);
  decision.set_author(inhibited.rule());
  decision.set_note(
      base::StrCat("not told to ", inhibited.receiver(), ", who is told of the site"));
  decision.set_reason(ReasonName(notifier::v1::DECISION_REASON_SITE_SILENT));
  return event;
}

}  // namespace platen::alerting
