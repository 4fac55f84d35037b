#include "services/notifier/core/receiver_queue.h"

#include <algorithm>
#include <ranges>
#include <utility>

#include "libs/alerting/identity.h"

namespace platen::notifier::core {

namespace {

// Of a digest those of all that it stands for, each once.
absl::InlinedVector<base::IncidentId, 1> IncidentsOf(const Delivery& delivery) {
  absl::InlinedVector<base::IncidentId, 1> incidents;
  for (const auto& member : delivery.members) {
    incidents.push_back(alerting::IncidentOf(*member->notification));
  }
  std::ranges::sort(incidents);
  const auto again = std::ranges::unique(incidents);
  incidents.erase(again.begin(), again.end());
  if (incidents.empty()) incidents.push_back(alerting::IncidentOf(*delivery.notification));
  return incidents;
}

std::size_t MessagesOf(const Delivery& delivery) {
  return std::max<std::size_t>(1, delivery.members.size());
}

}  // namespace

Delivery* ReceiverQueue::Add(std::unique_ptr<Delivery> delivery) {
  Delivery* const added = delivery.get();
  for (const base::IncidentId& incident : IncidentsOf(*added)) {
    Chain& chain = chains_[incident];
    const auto behind = std::upper_bound(
        chain.begin(), chain.end(), added->sequence, [](std::uint64_t sequence, Delivery* each) {
          return sequence < each->sequence;
        });
    if (behind == chain.begin() && !chain.empty()) ready_.erase(ReadyOf(*chain.front()));
    chain.insert(behind, added);
  }
  messages_ += MessagesOf(*added);
  by_age_.emplace(added->sequence, std::move(delivery));
  Device& device = devices_[alerting::DeviceOf(*added->notification)];
  device.queued.insert(added->sequence);
  added->turn = std::max(turn_, device.next_turn);
  device.next_turn = added->turn + 1;
  if (IsFirst(*added)) ready_.insert(ReadyOf(*added));
  return added;
}

bool ReceiverQueue::IsFirst(const Delivery& delivery) const {
  const auto incidents = IncidentsOf(delivery);
  return std::all_of(incidents.begin(), incidents.end(), [&](const base::IncidentId& incident) {
    return chains_.find(incident)->second.front() == &delivery;
  });
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

void ReceiverQueue::Withhold(Delivery& delivery) {
  ready_.erase(ReadyOf(delivery));
  withheld_.insert(&delivery);
}

void ReceiverQueue::Release() {
  for (Delivery* const withheld : std::exchange(withheld_, {})) {
    if (IsFirst(*withheld)) ready_.insert(ReadyOf(*withheld));
  }
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
  std::map<std::uint64_t, Delivery*> found;
  std::vector<const Delivery*> open = {&delivery};
  while (!open.empty()) {
    const Delivery& next = *open.back();
    open.pop_back();
    for (const base::IncidentId& incident : IncidentsOf(next)) {
      for (Delivery* const queued : chains_.find(incident)->second) {
        if (queued->sequence > next.sequence) break;
        if (found.emplace(queued->sequence, queued).second && queued != &next) {
          open.push_back(queued);
        }
      }
    }
  }
  std::vector<Delivery*> queued;
  for (const auto& [sequence, each] : found) queued.push_back(each);
  return queued;
}

Delivery* ReceiverQueue::Victim() const {
  const auto untried = [this](const auto& sequences) -> Delivery* {
    for (const std::uint64_t sequence : sequences) {
      Delivery* const queued = by_age_.at(sequence).get();
      if (queued->sending == 0 && !withheld_.contains(queued)) return queued;
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
  ready_.erase(ReadyOf(delivery));
  withheld_.erase(&delivery);
  messages_ -= MessagesOf(delivery);
  std::unique_ptr<Delivery> removed = std::move(by_age_.extract(delivery.sequence).mapped());
  const auto device = devices_.find(alerting::DeviceOf(*delivery.notification));
  device->second.queued.erase(delivery.sequence);
  if (device->second.queued.empty()) devices_.erase(device);
  if (delivery.sending != 0) --sending_;
  delivery.sending = 0;
  std::vector<Delivery*> next;
  for (const base::IncidentId& incident : IncidentsOf(delivery)) {
    const auto chain = chains_.find(incident);
    const bool was_first = chain->second.front() == &delivery;
    chain->second.erase(std::find(chain->second.begin(), chain->second.end(), &delivery));
    if (chain->second.empty()) {
      chains_.erase(chain);
    } else if (was_first) {
      next.push_back(chain->second.front());
    }
  }
  for (Delivery* const first : next) {
    if (IsFirst(*first)) ready_.insert(ReadyOf(*first));
  }
  return removed;
}

}  // namespace platen::notifier::core
