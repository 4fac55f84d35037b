#include "libs/broker/memory/memory_broker.h"

#include <algorithm>

#include "libs/base/status.h"
#include "libs/broker/memory/memory_publisher.h"
#include "libs/broker/memory/memory_subscriber.h"

namespace platen::broker::memory {

void MemoryState::EndSilentSessions() {
  if (session_timeout == base::Duration(0)) return;
  const base::MonotonicTime now = clock.Now();
  for (auto it = sessions.begin(); it != sessions.end();) {
    const auto& [member, session] = *it;
    if (now - session.heard < session_timeout) {
      ++it;
      continue;
    }
    Group& group = groups[session.group];
    if (session.gone) {
      group.Leave(member);
    } else {
      group.Expel(member);
    }
    it = sessions.erase(it);
  }
}

MemoryBroker::MemoryBroker(const base::Clock& clock, std::uint64_t seed)
    : state_(std::make_shared<MemoryState>(clock, seed)) {}

absl::StatusOr<std::unique_ptr<Publisher>> MemoryBroker::NewPublisher(
    const PublisherOptions& options) {
  return std::make_unique<MemoryPublisher>(state_, options);
}

absl::StatusOr<std::unique_ptr<Subscriber>> MemoryBroker::NewSubscriber(
    const SubscriberOptions& options) {
  const bool by_group = !options.topics.empty() && !options.group.empty();
  const bool by_name =
      options.topics.empty() && options.group.empty() && !options.partitions.empty();
  if (by_group == by_name) {
    return base::InvalidArgument("memory: a subscriber has topics and a group, or partitions");
  }
  return std::make_unique<MemorySubscriber>(state_, options);
}

absl::Status MemoryBroker::EnsureTopics(std::span<const TopicSpec> topics,
                                        std::chrono::milliseconds /*max_wait*/) {
  const std::lock_guard lock(state_->mutex);
  for (const TopicSpec& spec : topics) PLATEN_RETURN_IF_ERROR(state_->topics.Ensure(spec));
  return absl::OkStatus();
}

void MemoryBroker::set_faults(Faults faults) {
  const std::lock_guard lock(state_->mutex);
  state_->faults = std::move(faults);
}

void MemoryBroker::set_session_timeout(base::Duration timeout) {
  const std::lock_guard lock(state_->mutex);
  state_->session_timeout = timeout;
}

void MemoryBroker::ExpireSessions(const std::string& group) {
  const std::lock_guard lock(state_->mutex);
  for (MemberId member = 1; member <= state_->last_member; ++member) {
    state_->groups[group].Expel(member);
  }
  state_->changed.notify_all();
}

void MemoryBroker::DeleteBelow(const PartitionOffset& position) {
  const std::lock_guard lock(state_->mutex);
  if (Log* log = state_->topics.Find(position.partition)) log->DeleteBelow(position.offset);
}

std::vector<StoredRecord> MemoryBroker::RecordsOf(const Partition& partition) const {
  return RecordsFrom({partition, kBeginning});
}

std::vector<StoredRecord> MemoryBroker::RecordsFrom(const PartitionOffset& position) const {
  const std::lock_guard lock(state_->mutex);
  std::vector<StoredRecord> records;
  const Log* log = state_->topics.Find(position.partition);
  if (log == nullptr) return records;
  for (auto offset = std::max(log->earliest(), position.offset); offset < log->next(); ++offset) {
    records.push_back(log->At(offset));
  }
  return records;
}

std::optional<std::int64_t> MemoryBroker::Committed(const std::string& group,
                                                    const Partition& partition) const {
  const std::lock_guard lock(state_->mutex);
  const auto found = state_->groups.find(group);
  return found == state_->groups.end() ? std::nullopt : found->second.Committed(partition);
}

}  // namespace platen::broker::memory
