#include "libs/alerting/site_outages.h"

#include <algorithm>
#include <iterator>

#include "libs/alerting/site_message.h"
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

const std::string& SubnetOf(const Notification& notification) {
  return notification.group().site().subnet();
}

// Whether so many silent ones, of so many, are a matter of the whole.
bool Suffices(const notifier::v1::SiteTerms& terms, std::size_t silent, std::size_t devices) {
  const std::size_t percent = terms.percent() == 0 ? kPercentDefault : terms.percent();
  return devices != 0 && silent >= terms.at_least() && silent * 100 >= percent * devices;
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
  if (group == groups_.end()) return false;
  const std::string& incident = notification.incident_id();
  const auto& outages = group->second.outages;
  return group->second.held.began.contains(incident) ||
         std::any_of(outages.begin(), outages.end(), [&](const auto& outage) {
           return outage.second.held.began.contains(incident);
         });
}

const Notification* SiteOutages::BeginningOf(const Notification& said) const {
  const auto group = groups_.find(KeyOf(said));
  if (group == groups_.end()) return nullptr;
  for (const auto& [subnet, outage] : group->second.outages) {
    if (outage.beginning.incident_id() == said.incident_id()) return &outage.beginning;
  }
  return nullptr;
}

// The one that holds, or is to hold, what is said of this incident.
SiteOutages::Outage* SiteOutages::OutageOf(Waiting& group, const Notification& notification) {
  if (group.held.began.contains(notification.incident_id())) return nullptr;
  for (auto& [subnet, outage] : group.outages) {
    // The site's, if there is one, is the first.
    if (subnet.empty() || outage.held.began.contains(notification.incident_id())) return &outage;
  }
  const auto found = group.outages.find(SubnetOf(notification));
  return found == group.outages.end() ? nullptr : &found->second;
}

std::unique_ptr<Delivery> SiteOutages::Add(base::MonotonicTime now,
                                           base::WallTime wall,
                                           std::unique_ptr<Delivery> delivery) {
  const Notification& notification = *delivery->notification;
  const auto found = groups_.try_emplace(KeyOf(notification)).first;
  Waiting& group = found->second;
  Outage* const outage = OutageOf(group, notification);
  Held& held = outage == nullptr ? group.held : outage->held;
  const std::string& incident = notification.incident_id();
  group.partition = delivery->partition;
  if (IsBeginning(notification)) {
    group.terms = notification.group();
    held.began.emplace(incident, SubnetOf(notification));
    held.silent.emplace(incident, SubnetOf(notification));
    if (outage != nullptr) {
      inhibited_.push_back({delivery->partition, delivery->notification});
    } else if (!group.check.has_value()) {
      group.check = now + WaitLeft(notification, wall);
    }
  } else {
    if (group.terms.key().empty()) group.terms = notification.group();
    if (IsEnd(notification)) {
      held.silent.erase(incident);
      group.alone.erase(incident);
    }
    if (outage != nullptr && !held.began.contains(incident)) {
      // Of somebody told of alone: the site's silence is no news of it.
      Reschedule(found);
      return delivery;
    }
    delivery->covered = delivery->covered || outage != nullptr;
  }
  if (outage != nullptr) {
    LookForEnd(now, group.terms, *outage);
  } else if (!group.release.has_value()) {
    group.release = now + WaitLeft(notification, wall);
    if (group.last.has_value()) {
      group.release =
          std::max(*group.release, *group.last + event::FromProto(group.terms.interval()));
    }
  }
  held.members.push_back(std::move(delivery));
  ++size_;
  Reschedule(found);
  return nullptr;
}

void SiteOutages::LookForEnd(base::MonotonicTime now,
                             const notifier::v1::GroupTerms& terms,
                             Outage& outage) {
  const Held& held = outage.held;
  if (held.silent.size() * 2 >= held.began.size() && !held.silent.empty()) {
    outage.close.reset();
  } else if (held.silent.empty()) {
    outage.close = now;
  } else if (!outage.close.has_value()) {
    outage.close = now + WaitOf(terms);
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
  // Until its devices are there: without any it is over.
  group.outages.insert_or_assign(
      SubnetOf(beginning),
      Outage{
          .beginning = beginning, .kept = true, .told = told, .close = now + WaitOf(group.terms)});
  Reschedule(found);
}

void SiteOutages::OnKept(const Place& place) {
  const auto found = groups_.find(place.group);
  if (found == groups_.end()) return;
  const auto outage = found->second.outages.find(place.subnet);
  if (outage == found->second.outages.end()) return;
  outage->second.kept = true;
  Reschedule(found);
}

bool SiteOutages::IsIdle(const Waiting& group) {
  return group.held.members.empty() && group.alone.empty() && group.outages.empty();
}

// Whether a beginning is on its way to being told.
bool SiteOutages::IsUntold(const Waiting& group) {
  return std::any_of(group.outages.begin(), group.outages.end(), [](const auto& outage) {
    return !outage.second.told;
  });
}

// Subnets of which people are told are a site once devices elsewhere are silent, too.
bool SiteOutages::IsSite(const Waiting& group) {
  std::size_t silent = group.held.silent.size() + group.alone.size();
  for (const auto& [subnet, outage] : group.outages) silent += outage.held.silent.size();
  return !group.held.silent.empty() &&
         Suffices(group.terms.site(), silent, group.terms.site().devices());
}

// The subnets that do not answer, of those that have no outage.
std::vector<std::string> SiteOutages::SubnetsOut(const Waiting& group) {
  std::map<std::string, std::size_t> silent;
  std::map<std::string, const notifier::v1::SiteTerms*> terms;
  for (const auto& [incident, subnet] : group.alone) ++silent[subnet];
  for (const auto& [incident, subnet] : group.held.silent) ++silent[subnet];
  for (const auto& member : group.held.members) {
    const Notification& notification = *member->notification;
    if (!IsBeginning(notification) || SubnetOf(notification).empty()) continue;
    if (!group.held.silent.contains(notification.incident_id())) continue;
    terms[SubnetOf(notification)] = &notification.group().site();
  }
  std::vector<std::string> out;
  for (const auto& [subnet, last] : terms) {
    if (Suffices(*last, silent[subnet], last->subnet_devices())) out.push_back(subnet);
  }
  return out;
}

void SiteOutages::Reschedule(Groups::iterator group) {
  Waiting& waiting = group->second;
  if (waiting.due.has_value()) due_.erase({*waiting.due, group->first});
  waiting.due.reset();
  const auto consider = [&](std::optional<base::MonotonicTime> time) {
    if (time.has_value()) waiting.due = std::min(waiting.due.value_or(*time), *time);
  };
  for (const auto& [subnet, outage] : waiting.outages) {
    const bool takes_over = subnet.empty() && waiting.outages.size() > 1;
    if (outage.told ? takes_over : outage.kept) consider(base::MonotonicTime());
    if (outage.told) consider(outage.close);
  }
  if (!waiting.check.has_value() || !IsUntold(waiting)) {
    consider(waiting.check);
    consider(waiting.release);
  }
  // Whether it may be forgotten.
  if (IsIdle(waiting) && waiting.last.has_value()) {
    consider(*waiting.last + event::FromProto(waiting.terms.interval()));
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
  std::vector<std::string> over;
  for (auto& [subnet, outage] : group.outages) {
    if (outage.kept && !outage.told) {
      outage.told = true;
      turns.push_back({.what = Turn::What::kTell,
                       .place = {.group = found->first, .subnet = subnet},
                       .partition = group.partition,
                       .notification = outage.beginning});
    } else if (outage.told && is_due(outage.close)) {
      over.push_back(subnet);
    }
  }
  TakeOver(wall, found, turns);
  for (const std::string& subnet : over) Close(now, wall, found, subnet, turns);
  // A subnet's outage of which nobody is told yet can't be taken over.
  const bool may_look = !IsUntold(group);
  if (is_due(group.check) && may_look) {
    group.check.reset();
    std::vector<std::string> out{""};
    if (!IsSite(group)) out = SubnetsOut(group);
    for (const std::string& subnet : out) turns.push_back(Open(now, wall, found, subnet));
  }
  if (is_due(group.release) && (may_look || !group.check.has_value())) {
    turns.push_back(Release(now, found));
  }
  if (IsIdle(group) &&
      (!group.last.has_value() || *group.last + event::FromProto(group.terms.interval()) <= now)) {
    // Nothing came within the interval: the next one begins a group anew.
    groups_.erase(found);
    return;
  }
  Reschedule(found);
}

// Ends the subnets' outages of a site of which people are told; it holds what they held.
void SiteOutages::TakeOver(base::WallTime wall, Groups::iterator found, std::vector<Turn>& turns) {
  Waiting& group = found->second;
  const auto site = group.outages.find("");
  if (site == group.outages.end() || !site->second.told) return;
  for (auto outage = std::next(site); outage != group.outages.end();
       outage = group.outages.erase(outage)) {
    turns.push_back({.what = Turn::What::kClose,
                     .place = {.group = found->first, .subnet = outage->first},
                     .partition = group.partition,
                     .notification = MakeSubnetEnd(wall, outage->second.beginning)});
  }
}

SiteOutages::Turn SiteOutages::Release(base::MonotonicTime now, Groups::iterator found) {
  Waiting& group = found->second;
  Turn turn{.place = {.group = found->first}, .partition = group.partition};
  // What began and ended within a site's silence, of which a crash has hidden the end.
  std::set<std::string> covered;
  for (const auto& member : group.held.members) {
    if (member->covered && IsEnd(*member->notification)) {
      covered.insert(member->notification->incident_id());
    }
  }
  size_ -= group.held.members.size();
  for (auto& member : group.held.members) {
    const bool is_covered = covered.contains(member->notification->incident_id());
    (is_covered ? turn.covered : turn.told).push_back(std::move(member));
  }
  group.alone.merge(group.held.silent);
  group.held = {};
  group.check.reset();
  group.release.reset();
  group.last = now;
  return turn;
}

SiteOutages::Turn SiteOutages::Open(base::MonotonicTime now,
                                    base::WallTime wall,
                                    Groups::iterator found,
                                    const std::string& subnet) {
  Waiting& group = found->second;
  Outage outage;
  if (subnet.empty()) {
    for (auto& [of, other] : group.outages) {
      std::move(other.held.members.begin(),
                other.held.members.end(),
                std::back_inserter(outage.held.members));
      outage.held.began.merge(other.held.began);
      outage.held.silent.merge(other.held.silent);
      other.held = {};
      other.close.reset();
    }
  }
  // What is said of devices that were told of alone is none of its business.
  Held rest;
  for (auto& member : group.held.members) {
    const Notification& notification = *member->notification;
    const auto began = group.held.began.find(notification.incident_id());
    const bool is_its =
        began != group.held.began.end() && (subnet.empty() || began->second == subnet);
    if (!is_its) {
      rest.members.push_back(std::move(member));
      continue;
    }
    member->covered = !IsBeginning(notification);
    if (IsBeginning(notification) && group.held.silent.contains(notification.incident_id())) {
      inhibited_.push_back({member->partition, member->notification});
    }
    outage.held.members.push_back(std::move(member));
  }
  const auto share = [&](const Devices& all, Devices& its, Devices& others) {
    for (const auto& device : all) {
      (subnet.empty() || device.second == subnet ? its : others).insert(device);
    }
  };
  share(group.held.began, outage.held.began, rest.began);
  share(group.held.silent, outage.held.silent, rest.silent);
  group.held = std::move(rest);
  if (group.held.members.empty()) {
    group.release.reset();
  } else if (subnet.empty()) {
    group.release = now;
  }

  std::vector<const Notification*> devices;
  for (const auto& member : outage.held.members) {
    const Notification& notification = *member->notification;
    if (!IsBeginning(notification)) continue;
    if (outage.held.silent.contains(notification.incident_id())) devices.push_back(&notification);
  }
  const auto alone = std::count_if(group.alone.begin(), group.alone.end(), [&](const auto& device) {
    return subnet.empty() || device.second == subnet;
  });
  outage.beginning = MakeSiteBeginning(
      wall, devices, outage.held.silent.size() + static_cast<std::size_t>(alone), subnet);
  Turn turn{.what = Turn::What::kKeep,
            .place = {.group = found->first, .subnet = subnet},
            .partition = group.partition,
            .notification = outage.beginning};
  group.outages.insert_or_assign(subnet, std::move(outage));
  return turn;
}

void SiteOutages::Close(base::MonotonicTime now,
                        base::WallTime wall,
                        Groups::iterator found,
                        const std::string& subnet,
                        std::vector<Turn>& turns) {
  Waiting& group = found->second;
  const auto closed = group.outages.extract(subnet);
  // A site has taken it over.
  if (closed.empty()) return;
  Outage& outage = closed.mapped();
  Turn turn{.what = Turn::What::kClose,
            .place = {.group = found->first, .subnet = subnet},
            .partition = group.partition,
            .notification = MakeSiteEnd(wall, outage.beginning, outage.held.silent.size())};
  Grouper::Group silent;
  for (auto& member : outage.held.members) {
    const bool is_silent = outage.held.silent.contains(member->notification->incident_id());
    (is_silent ? silent : turn.covered).push_back(std::move(member));
  }
  size_ -= turn.covered.size();
  group.last = now;
  turns.push_back(std::move(turn));
  if (!subnet.empty()) {
    size_ -= silent.size();
    group.alone.merge(outage.held.silent);
    turns.back().told = std::move(silent);
    return;
  }
  // Whose subnet stays silent is told of with that.
  std::move(silent.begin(), silent.end(), std::back_inserter(group.held.members));
  group.held.began.merge(Devices(outage.held.silent));
  group.held.silent.merge(outage.held.silent);
  for (const std::string& out : SubnetsOut(group)) turns.push_back(Open(now, wall, found, out));
  if (!group.held.members.empty()) turns.push_back(Release(now, found));
}

std::optional<base::MonotonicTime> SiteOutages::next_wake() const {
  if (due_.empty()) return std::nullopt;
  return due_.begin()->first;
}

std::vector<Delivery*> SiteOutages::HeldBy(const Place& place) {
  std::vector<Delivery*> held;
  const auto group = groups_.find(place.group);
  if (group == groups_.end()) return held;
  const auto outage = group->second.outages.find(place.subnet);
  if (outage == group->second.outages.end()) return held;
  for (const auto& member : outage->second.held.members) held.push_back(member.get());
  return held;
}

std::vector<SiteOutages::Inhibited> SiteOutages::TakeInhibited() {
  return std::exchange(inhibited_, {});
}

Grouper::Group SiteOutages::TakeOf(std::int32_t partition) {
  Grouper::Group taken;
  const auto take = [&](Held& held) {
    size_ -= held.members.size();
    std::move(held.members.begin(), held.members.end(), std::back_inserter(taken));
  };
  for (auto group = groups_.begin(); group != groups_.end();) {
    if (group->second.partition != partition) {
      ++group;
      continue;
    }
    take(group->second.held);
    for (auto& [subnet, outage] : group->second.outages) take(outage.held);
    if (group->second.due.has_value()) due_.erase({*group->second.due, group->first});
    group = groups_.erase(group);
  }
  return taken;
}

std::size_t SiteOutages::open() const {
  std::size_t open = 0;
  for (const auto& [key, group] : groups_) open += group.outages.size();
  return open;
}

}  // namespace platen::alerting
