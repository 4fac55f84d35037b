#include "services/notifier/core/delivered_memory.h"

namespace platen::notifier::core {

void DeliveredMemory::OnDelivered(const std::string& id, std::uint32_t attempts) {
  Told& told = At(id);
  told.delivered = true;
  told.attempts = attempts;
}

void DeliveredMemory::OnReported(const std::string& id) {
  At(id).reported = true;
}

const DeliveredMemory::Told* DeliveredMemory::Find(const std::string& id) const {
  const auto found = told_.find(id);
  return found == told_.end() ? nullptr : &found->second;
}

DeliveredMemory::Told& DeliveredMemory::At(const std::string& id) {
  if (!told_.contains(id)) {
    if (told_.size() >= max_ && !order_.empty()) {
      told_.erase(order_.front());
      order_.pop_front();
    }
    order_.push_back(id);
  }
  return told_[id];
}

}  // namespace platen::notifier::core
