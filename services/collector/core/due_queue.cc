#include "services/collector/core/due_queue.h"

namespace platen::collector::core {

void DueQueue::Place(std::size_t at, const Entry& entry) {
  heap_[at] = entry;
  position_[entry.device] = static_cast<std::uint32_t>(at);
}

void DueQueue::Up(std::size_t at) {
  const Entry entry = heap_[at];
  while (at > 0) {
    const std::size_t parent = (at - 1) / 2;
    if (heap_[parent].due <= entry.due) break;
    Place(at, heap_[parent]);
    at = parent;
  }
  Place(at, entry);
}

void DueQueue::Down(std::size_t at) {
  const Entry entry = heap_[at];
  for (;;) {
    std::size_t child = 2 * at + 1;
    if (child >= heap_.size()) break;
    if (child + 1 < heap_.size() && heap_[child + 1].due < heap_[child].due) ++child;
    if (heap_[child].due >= entry.due) break;
    Place(at, heap_[child]);
    at = child;
  }
  Place(at, entry);
}

void DueQueue::Set(DeviceSlot device, base::MonotonicTime due) {
  if (device >= position_.size()) position_.resize(device + 1, kAbsent);
  std::size_t at = position_[device];
  if (at == kAbsent) {
    at = heap_.size();
    heap_.push_back({due, device});
    position_[device] = static_cast<std::uint32_t>(at);
  } else {
    heap_[at].due = due;
  }
  Up(at);
  Down(position_[device]);
}

void DueQueue::Remove(DeviceSlot device) {
  if (device >= position_.size() || position_[device] == kAbsent) return;
  const std::size_t at = position_[device];
  position_[device] = kAbsent;
  const Entry last = heap_.back();
  heap_.pop_back();
  if (last.device == device) return;
  Place(at, last);
  Up(at);
  Down(position_[last.device]);
}

std::optional<base::MonotonicTime> DueQueue::next() const {
  if (heap_.empty()) return std::nullopt;
  return heap_.front().due;
}

std::array<std::optional<DeviceSlot>, 3> DueQueue::soon() const {
  std::array<std::optional<DeviceSlot>, 3> soon;
  for (std::size_t i = 0; i < soon.size() && i < heap_.size(); ++i) {
    soon[i] = heap_[i].device;
  }
  return soon;
}

std::optional<DeviceSlot> DueQueue::Pop(base::MonotonicTime now) {
  if (heap_.empty() || heap_.front().due > now) return std::nullopt;
  const DeviceSlot device = heap_.front().device;
  Remove(device);
  return device;
}

}  // namespace platen::collector::core
