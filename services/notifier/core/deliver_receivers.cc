// Receivers come and go with the configuration, while messages for them are on their way.
#include <algorithm>
#include <utility>

#include "services/notifier/core/deliver_core.h"
#include "services/notifier/core/deliver_core_state.h"

namespace platen::notifier::core {

bool IsContact(std::string_view receiver) {
  return receiver.starts_with("contacts/");
}

DeliverEffects DeliverCore::SetReceivers(const Moment& now,
                                         const std::map<std::string, std::string>& receivers,
                                         const std::set<std::string>& changed) {
  DeliverEffects effects;
  const auto contacts = receivers.find(std::string(kContacts));
  contacts_ = contacts == receivers.end() ? "" : contacts->second;
  for (const auto& [name, channel] : receivers) {
    if (name == kContacts) continue;
    Receiver& receiver = ReceiverOf(now, name);
    receiver.channel = channel;
    receiver.unnamed_since.reset();
    if (changed.contains(name)) receiver.queue.ForgetFailures();
  }
  std::vector<Receiver*> all;
  for (auto& [name, receiver] : receivers_) {
    if (IsContact(name)) {
      if (changed.contains(std::string(kContacts))) receiver->queue.ForgetFailures();
      receiver->channel = contacts_;
      if (!contacts_.empty()) receiver->unnamed_since.reset();
    }
    const bool is_named = IsContact(name) ? !contacts_.empty() : receivers.contains(name);
    if (!is_named && !receiver->unnamed_since.has_value()) {
      receiver->unnamed_since = now.monotonic;
      ParkAll(*receiver, effects);
    }
    all.push_back(receiver.get());
  }
  for (Receiver* const receiver : all) Pump(now, *receiver, effects);
  return effects;
}

DeliverCore::Receiver& DeliverCore::ReceiverOf(const Moment& now, const std::string& name) {
  std::unique_ptr<Receiver>& receiver = receivers_[name];
  if (receiver == nullptr) {
    receiver = std::make_unique<Receiver>(Receiver{
        .name = name, .queue = ReceiverQueue(options_.queue), .unnamed_since = now.monotonic});
    if (IsContact(name) && !contacts_.empty()) {
      receiver->channel = contacts_;
      receiver->unnamed_since.reset();
    }
  }
  return *receiver;
}

void DeliverCore::AwaitName(const Moment& now, Receiver& receiver, DeliverEffects& effects) {
  const base::MonotonicTime until = *receiver.unnamed_since + options_.unnamed_max;
  if (now.monotonic < until) return SetWake(receiver, until);
  // Where a try is under way, its outcome brings us here again.
  SetWake(receiver, std::nullopt);
  std::vector<Delivery*> waiting;
  for (const auto& [sequence, queued] : receiver.queue.by_age()) {
    if (queued->sending == 0) waiting.push_back(queued);
  }
  for (Delivery* const queued : waiting) {
    Finish(now,
           Take(receiver, receiver.queue.Remove(*queued)),
           event::v1::NotificationReport::OUTCOME_REFUSED,
           "the configuration has no such receiver",
           effects);
  }
  if (receiver.queue.size() == 0) receivers_.erase(receivers_.find(receiver.name));
}

void DeliverCore::Reschedule(Receiver& receiver) {
  if (!receiver.unnamed_since.has_value()) SetWake(receiver, receiver.queue.next_time());
}

void DeliverCore::SetWake(Receiver& receiver, std::optional<base::MonotonicTime> wake) {
  if (wake == receiver.wake) return;
  if (receiver.wake.has_value()) wakes_.erase({*receiver.wake, &receiver});
  if (wake.has_value()) wakes_.insert({*wake, &receiver});
  receiver.wake = wake;
}

}  // namespace platen::notifier::core
