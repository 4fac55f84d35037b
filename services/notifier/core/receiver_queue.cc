#include "services/notifier/core/receiver_queue.h"

#include <algorithm>
#include <ranges>
#include <utility>

namespace platen::notifier::core {

Delivery* ReceiverQueue::Add(std::unique_ptr<Delivery> delivery) {
  Delivery* const added = delivery.get();
  Chain& chain = chains_[added->notification->incident_id()];
  chain.push_back(std::move(delivery));
  by_age_.emplace(added->sequence, added);
  Device& device = devices_[added->notification->event().device_id()];
  device.queued.insert(added->sequence);
  added->turn = std::max(turn_, device.next_turn);
  device.next_turn = added->turn + 1;
  if (chain.size() == 1) ready_.insert(ReadyOf(*added));
  return added;
}

Delivery* ReceiverQueue::Next(base::MonotonicTime now) const {
  const auto time = next_time();
  if (!time.has_value() || *time > now) return nullptr;
  return std::get<Delivery*>(*ready_.begin());
}

std::optional<base::MonotonicTime> ReceiverQueue::next_time() const {
  if (ready_.empty()) return std::nullopt;
  const base::MonotonicTime first = std::get<base::MonotonicTime>(*ready_.begin());
  if (failures_ == 0) {
    return sending_ < options_.parallel_max ? std::optional(first) : std::nullopt;
  }
  return sending_ == 0 ? std::optional(std::max(first, retry_at_)) : std::nullopt;
}

void ReceiverQueue::Begin(Delivery& delivery, Token token) {
  ready_.erase(ReadyOf(delivery));
  turn_ = std::max(turn_, delivery.turn);
  delivery.sending = token;
  ++delivery.attempts;
  ++sending_;
  last_begun_ = token;
}

std::unique_ptr<Delivery> ReceiverQueue::OnAnswered(Delivery& delivery) {
  failures_ = 0;
  return Remove(delivery);
}

void ReceiverQueue::OnFailed(base::MonotonicTime now,
                             Delivery& delivery,
                             std::optional<base::Duration> retry_after,
                             base::Random& random) {
  const base::Duration asked =
      std::min(retry_after.value_or(base::Duration::zero()), options_.retry_after_max);
  if (delivery.sending > counted_up_to_) {
    ++failures_;
    counted_up_to_ = last_begun_;
    retry_at_ = now + std::max(BackoffDelay(options_.backoff, failures_, random), asked);
  }
  delivery.sending = 0;
  --sending_;
  delivery.next_try =
      now + std::max(BackoffDelay(options_.backoff, delivery.attempts, random), asked);
  ready_.insert(ReadyOf(delivery));
}

void ReceiverQueue::ForgetFailures() {
  failures_ = 0;
  retry_at_ = {};
  // Tries under way are of the receiver as it was.
  counted_up_to_ = last_begun_;
  for (const Ready& waiting : std::exchange(ready_, {})) {
    Delivery& delivery = *std::get<Delivery*>(waiting);
    delivery.next_try = {};
    ready_.insert(ReadyOf(delivery));
  }
}

std::vector<Delivery*> ReceiverQueue::UpTo(const Delivery& delivery) const {
  std::vector<Delivery*> queued;
  for (const auto& entry : chains_.at(delivery.notification->incident_id())) {
    queued.push_back(entry.get());
    if (entry.get() == &delivery) break;
  }
  return queued;
}

Delivery* ReceiverQueue::Victim() const {
  const auto untried = [this](const auto& sequences) -> Delivery* {
    for (const std::uint64_t sequence : sequences) {
      Delivery* const queued = by_age_.at(sequence);
      if (queued->sending == 0) return queued;
    }
    return nullptr;
  };
  const auto loudest =
      std::max_element(devices_.begin(), devices_.end(), [](const auto& a, const auto& b) {
        return a.second.queued.size() < b.second.queued.size();
      });
  if (loudest == devices_.end()) return nullptr;
  if (Delivery* const victim = untried(loudest->second.queued)) return victim;
  return untried(std::views::keys(by_age_));
}

std::unique_ptr<Delivery> ReceiverQueue::Remove(Delivery& delivery) {
  const auto chain = chains_.find(delivery.notification->incident_id());
  const auto place = std::find_if(chain->second.begin(),
                                  chain->second.end(),
                                  [&](const auto& queued) { return queued.get() == &delivery; });
  const bool was_first = place == chain->second.begin();
  ready_.erase(ReadyOf(delivery));
  by_age_.erase(delivery.sequence);
  const auto device = devices_.find(delivery.notification->event().device_id());
  device->second.queued.erase(delivery.sequence);
  if (device->second.queued.empty()) devices_.erase(device);
  if (delivery.sending != 0) --sending_;
  delivery.sending = 0;
  std::unique_ptr<Delivery> removed = std::move(*place);
  chain->second.erase(place);
  if (chain->second.empty()) {
    chains_.erase(chain);
  } else if (was_first) {
    ready_.insert(ReadyOf(*chain->second.front()));
  }
  return removed;
}

}  // namespace platen::notifier::core
