// What goes out as one message: groups that have waited, and what waits for a receiver that is
// back.
#include <algorithm>
#include <utility>

#include "services/notifier/core/deliver_core.h"
#include "services/notifier/core/deliver_core_state.h"

namespace platen::notifier::core {
namespace {

// So many times what is gathered for a receiver that comes back.
constexpr std::size_t kStorm = 5;

}  // namespace

void DeliverCore::SendGroup(const Moment& now, Grouper::Group members, DeliverEffects& effects) {
  members = WithoutDelivered(now, std::move(members), effects);
  if (!members.empty()) Enqueue(now, Unite(std::move(members)), effects);
}

std::unique_ptr<Delivery> DeliverCore::Unite(Grouper::Group members) {
  if (members.size() == 1) return std::move(members.front());
  auto digest = std::make_unique<Delivery>();
  digest->notification = std::make_shared<const v1::Notification>(MakeDigest(members));
  digest->partition = members.front()->partition;
  digest->offset = members.front()->offset;
  for (const auto& member : members) {
    digest->attempts = std::max(digest->attempts, member->attempts);
    // It is given up for all of them: not before the youngest would be.
    digest->begin_time = std::max(digest->begin_time, member->begin_time);
  }
  digest->parked = std::all_of(
      members.begin(), members.end(), [](const auto& member) { return member->parked; });
  digest->members = std::move(members);
  return digest;
}

void DeliverCore::SendTogether(const Moment& now, Grouper::Group members, DeliverEffects& effects) {
  effects.gathered += members.size();
  for (std::size_t i = 0; i < members.size(); i += Grouper::kMembersMax) {
    const auto begin = members.begin() + static_cast<std::ptrdiff_t>(i);
    const auto end = members.size() - i > Grouper::kMembersMax
                         ? begin + static_cast<std::ptrdiff_t>(Grouper::kMembersMax)
                         : members.end();
    SendGroup(now, {std::make_move_iterator(begin), std::make_move_iterator(end)}, effects);
  }
}

// What was gathered is gathered again once so much more has come that no message is moved often.
bool DeliverCore::IsStorm(const Receiver& receiver, std::size_t share) {
  const ReceiverQueue& queue = receiver.queue;
  return !queue.is_away() && !receiver.unnamed_since.has_value() &&
         queue.size() > kStorm * receiver.terms.digest_above &&
         queue.size() * share > queue.messages();
}

// One with a rate waits for its time, and not for us.
bool DeliverCore::IsCrowded(const Receiver& receiver) const {
  return !receiver.queue.is_away() && !receiver.unnamed_since.has_value() &&
         !receiver.rate.has_value() && receiver.queue.messages() * 2 > options_.queued_max;
}

bool DeliverCore::is_crowded() {
  std::erase_if(crowded_, [this](const std::string& name) {
    const auto found = receivers_.find(name);
    return found == receivers_.end() || !IsCrowded(*found->second);
  });
  return !crowded_.empty();
}

void DeliverCore::Gather(const Moment& now, Receiver& receiver, DeliverEffects& effects) {
  const bool is_much = receiver.queue.size() > receiver.terms.digest_above;
  if (!is_much || receiver.unnamed_since.has_value()) return;
  std::vector<Delivery*> waiting;
  for (const auto& [sequence, queued] : receiver.queue.by_age()) {
    if (queued->sending == 0) waiting.push_back(queued.get());
  }
  std::map<std::int32_t, Grouper::Group> by_partition;
  for (Delivery* const queued : waiting) {
    Grouper::Group& group = by_partition[queued->partition];
    std::unique_ptr<Delivery> taken = Take(receiver, receiver.queue.Remove(*queued));
    if (taken->members.empty()) {
      group.push_back(std::move(taken));
      continue;
    }
    // What it stands for stands in the new one.
    held_.erase(IdOf(*taken->notification));
    for (auto& member : taken->members) {
      member->attempts = std::max(member->attempts, taken->attempts);
      group.push_back(std::move(member));
    }
  }
  for (auto& [partition, group] : by_partition) {
    SendTogether(now, std::move(group), effects);
  }
}

}  // namespace platen::notifier::core
