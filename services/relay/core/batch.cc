#include "services/relay/core/batch.h"

#include "absl/base/internal/raw_logging.h"

namespace platen::relay::core {
namespace {

// Field 1 of BatchPayload, length-delimited (wire type 2).
constexpr char kEventsTag = (1 << 3) | 2;

void AppendVarint(std::string& out, std::size_t value) {
  while (value >= 0x80) {
    out.push_back(static_cast<char>(value | 0x80));
    value >>= 7;
  }
  out.push_back(static_cast<char>(value));
}

}  // namespace

std::size_t PayloadBytes(std::size_t event_bytes) {
  std::size_t size = 2 + event_bytes;
  for (std::size_t rest = event_bytes >> 7; rest > 0; rest >>= 7) ++size;
  return size;
}

std::uint32_t Batch::IndexOf(const PartitionWorkPtr& work) {
  if (last_work_ < works_.size() && works_[last_work_] == work) return last_work_;
  for (std::uint32_t i = 0; i < works_.size(); ++i) {
    if (works_[i] == work) return last_work_ = i;
  }
  works_.push_back(work);
  return last_work_ = static_cast<std::uint32_t>(works_.size() - 1);
}

void Batch::Add(const PartitionWorkPtr& work,
                std::int64_t offset,
                std::string_view key,
                std::string_view event) {
  payload_->push_back(kEventsTag);
  AppendVarint(*payload_, event.size());
  entries_.push_back({.offset = offset,
                      .work = IndexOf(work),
                      .event_begin = static_cast<std::uint32_t>(payload_->size()),
                      .event_size = static_cast<std::uint32_t>(event.size()),
                      .key_begin = static_cast<std::uint32_t>(keys_.size()),
                      .key_size = static_cast<std::uint32_t>(key.size())});
  payload_->append(event);
  keys_.append(key);
}

void Batch::Clear() {
  if (payload_.use_count() == 1) {
    payload_->clear();
  } else {
    payload_ = std::make_shared<std::string>();
  }
  keys_.clear();
  entries_.clear();
  works_.clear();
  last_work_ = 0;
}

Batch::Item Batch::At(std::size_t index) const {
  ABSL_RAW_CHECK(index < entries_.size(), "Batch::At: no such event");
  const Entry& entry = entries_[index];
  return {.work = works_[entry.work].get(),
          .offset = entry.offset,
          .key = std::string_view(keys_).substr(entry.key_begin, entry.key_size),
          .event = std::string_view(*payload_).substr(entry.event_begin, entry.event_size)};
}

std::size_t Batch::Remove(const std::function<bool(const Item&)>& unwanted) {
  Batch kept;
  for (std::size_t i = 0; i < size(); ++i) {
    const Item item = At(i);
    if (!unwanted(item)) {
      kept.Add(works_[entries_[i].work], item.offset, item.key, item.event);
    }
  }
  const std::size_t removed = size() - kept.size();
  if (removed > 0) *this = std::move(kept);
  return removed;
}

std::vector<std::unique_ptr<Batch>> Split(
    const Batch& batch,
    std::size_t payload_bytes_max,
    const std::function<void(const Batch::Item&)>& too_large) {
  std::vector<std::unique_ptr<Batch>> parts;
  for (std::size_t i = 0; i < batch.size(); ++i) {
    const Batch::Item item = batch.At(i);
    const std::size_t bytes = PayloadBytes(item.event.size());
    if (bytes > payload_bytes_max) {
      too_large(item);
      continue;
    }
    if (parts.empty() || parts.back()->payload().size() + bytes > payload_bytes_max) {
      parts.push_back(std::make_unique<Batch>());
    }
    parts.back()->Add(item.work->shared_from_this(), item.offset, item.key, item.event);
  }
  return parts;
}

}  // namespace platen::relay::core
