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
                                         const TermsByReceiver& receivers,
                                         const std::set<std::string>& changed) {
  DeliverEffects effects;
  const auto contacts = receivers.find(std::string(kContacts));
  contacts_ = contacts == receivers.end() ? ReceiverTerms() : contacts->second;
  for (const auto& [name, terms] : receivers) {
    if (name != kContacts) ReceiverOf(now, name);
  }
  std::vector<std::pair<Receiver*, bool>> all;
  for (auto& [name, receiver] : receivers_) {
    const std::string known = IsContact(name) ? std::string(kContacts) : name;
    const auto terms = receivers.find(known);
    const bool is_named = terms != receivers.end();
    // Tried at once, and all together where it is much.
    const bool is_back =
        is_named && (receiver->unnamed_since.has_value() || changed.contains(known));
    if (changed.contains(known)) receiver->queue.ForgetFailures();
    if (is_named) {
      SetTerms(*receiver, terms->second);
      receiver->unnamed_since.reset();
    } else if (!receiver->unnamed_since.has_value()) {
      receiver->unnamed_since = now.monotonic;
      PutAllAside(now, *receiver, effects);
    }
    all.emplace_back(receiver.get(), is_back);
  }
  for (const auto& [receiver, is_back] : all) {
    if (is_back) Gather(now, *receiver, effects);
    Pump(now, *receiver, effects);
  }
  return effects;
}

DeliverCore::Receiver& DeliverCore::ReceiverOf(const Moment& now, const std::string& name) {
  std::unique_ptr<Receiver>& receiver = receivers_[name];
  if (receiver == nullptr) {
    receiver = std::make_unique<Receiver>(Receiver{
        .name = name, .queue = ReceiverQueue(options_.queue), .unnamed_since = now.monotonic});
    if (IsContact(name) && !contacts_.channel.empty()) {
      SetTerms(*receiver, contacts_);
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
    if (queued->sending == 0 && !IsUnderWay(*queued)) waiting.push_back(queued.get());
  }
  for (Delivery* const queued : waiting) {
    Finish(now,
           Take(receiver, receiver.queue.Remove(*queued)),
           event::v1::NotificationReport::OUTCOME_REFUSED,
           std::string(kNotNamed),
           effects);
  }
  if (receiver.queue.size() == 0) receivers_.erase(receivers_.find(receiver.name));
}

void DeliverCore::SetTerms(Receiver& receiver, const ReceiverTerms& terms) {
  if (terms.rate != receiver.terms.rate) {
    receiver.rate.reset();
    if (terms.rate.has_value()) {
      receiver.rate.emplace(terms.rate->per / terms.rate->messages, terms.rate->messages);
    }
  }
  receiver.terms = terms;
}

std::size_t DeliverCore::held_by_rate(base::MonotonicTime now) const {
  std::size_t held = 0;
  for (const auto& [name, receiver] : receivers_) {
    if (receiver->rate.has_value() && receiver->rate->Available(now) == 0) {
      held += receiver->queue.size();
    }
  }
  return held;
}

void DeliverCore::Reschedule(Receiver& receiver) {
  if (receiver.unnamed_since.has_value()) return;
  std::optional<base::MonotonicTime> wake = receiver.queue.next_time();
  if (wake.has_value() && receiver.rate.has_value()) {
    wake = std::max(*wake, receiver.rate->next_time());
  }
  SetWake(receiver, wake);
}

void DeliverCore::SetWake(Receiver& receiver, std::optional<base::MonotonicTime> wake) {
  if (wake == receiver.wake) return;
  if (receiver.wake.has_value()) wakes_.erase({*receiver.wake, &receiver});
  if (wake.has_value()) wakes_.insert({*wake, &receiver});
  receiver.wake = wake;
}

}  // namespace platen::notifier::core
