#include "services/notifier/core/delivered_memory.h"

namespace platen::notifier::core {

void DeliveredMemory::OnDelivered(const base::NotificationId& id, std::uint32_t attempts) {
  Told& told = At(id);
  told.delivered = true;
  told.attempts = attempts;
}

void DeliveredMemory::OnReported(const base::NotificationId& id) {
  At(id).reported = true;
}

const DeliveredMemory::Told* DeliveredMemory::Find(const base::NotificationId& id) const {
  const auto found = told_.find(id);
  return found == told_.end() ? nullptr : &found->second;
}

DeliveredMemory::Told& DeliveredMemory::At(const base::NotificationId& id) {
  const auto found = told_.find(id);
  if (found != told_.end()) return found->second;
  if (told_.size() >= max_ && !order_.empty()) {
    told_.erase(order_.front());
    order_.pop_front();
  }
  order_.push_back(id);
  return told_[id];
}

}  // namespace platen::notifier::core
