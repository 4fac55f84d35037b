#include "libs/broker/memory/memory_subscriber.h"

#include <algorithm>

#include "libs/base/status.h"

namespace platen::broker::memory {

MemorySubscriber::MemorySubscriber(std::shared_ptr<MemoryState> state,
                                   const SubscriberOptions& options)
    : state_(std::move(state)), options_(options) {
  const std::lock_guard lock(state_->mutex);
  member_ = ++state_->last_member;
  for (const PartitionOffset& position : options_.partitions) {
    readings_[position.partition].start = position.offset;
  }
}

MemorySubscriber::~MemorySubscriber() {
  if (closed_) return;
  const std::lock_guard lock(state_->mutex);
  if (!in_group()) return;
  if (state_->sessions.contains(member_)) {
    state_->sessions[member_].gone = true;
    return;
  }
  group().Leave(member_);
  state_->changed.notify_all();
}

// Tells the group that this member lives, and hears whose sessions are over by now: its own, where
// it was silent for too long.
void MemorySubscriber::KeepSession() {
  if (!in_group() || state_->session_timeout == base::Duration(0)) return;
  state_->EndSilentSessions();
  state_->sessions[member_] = {options_.group, state_->clock.Now()};
}

std::vector<Partition> MemorySubscriber::PartitionsOfTopics() const {
  std::vector<Partition> partitions;
  for (const std::string& name : options_.topics) {
    const Topic* topic = state_->topics.Find(name);
    if (topic == nullptr) continue;
    for (std::size_t i = 0; i < topic->partitions.size(); ++i) {
      partitions.push_back({name, static_cast<std::int32_t>(i)});
    }
  }
  return partitions;
}

absl::StatusOr<Subscriber::Step> MemorySubscriber::Poll(std::chrono::milliseconds max_wait) {
  std::unique_lock lock(state_->mutex);
  KeepSession();
  if (state_->random.Chance(state_->faults.unavailable)) {
    return base::Unavailable("memory: the broker is away");
  }
  for (const std::string& topic : options_.topics) {
    if (state_->topics.Find(topic) == nullptr) return base::NotFound("memory: no topic ", topic);
  }
  MeetFaults();
  if (auto step = NextStep()) return *std::move(step);
  if (max_wait.count() > 0) {
    state_->changed.wait_for(lock, max_wait);
    if (auto step = NextStep()) return *std::move(step);
  }
  return RecordBatch{};
}

void MemorySubscriber::MeetFaults() {
  const Faults& faults = state_->faults;
  if (in_group() && state_->random.Chance(faults.lost_session)) group().Expel(member_);
  if (!readings_.empty() && state_->random.Chance(faults.eaten_range)) {
    auto it = readings_.begin();
    std::advance(it, static_cast<std::ptrdiff_t>(state_->random.Below(readings_.size())));
    Log& log = *state_->topics.Find(it->first);
    log.DeleteBelow(log.earliest() + (log.next() - log.earliest()) / 2);
  }
}

void MemorySubscriber::HearNews() {
  if (!in_group()) return;
  MemberNews news = group().TakeNews(member_);
  if (!news.lost.empty()) {
    Forget(news.lost);
    steps_.emplace_back(Lost{std::move(news.lost)});
  }
  if (!group().Joined(member_)) {
    group().Join(member_, PartitionsOfTopics());
    MemberNews more = group().TakeNews(member_);
    news.assigned = std::move(more.assigned);
    news.revoked = std::move(more.revoked);
    state_->changed.notify_all();
  }
  if (!news.revoked.empty()) {
    revoking_.insert(news.revoked.begin(), news.revoked.end());
    release_deadline_ = state_->clock.Now() + options_.release_timeout;
    steps_.emplace_back(Revoked{std::move(news.revoked)});
  }
  if (!news.assigned.empty()) {
    for (const Partition& partition : news.assigned) readings_[partition] = {};
    steps_.emplace_back(Assigned{std::move(news.assigned)});
  }
}

void MemorySubscriber::Forget(const std::vector<Partition>& partitions) {
  for (const Partition& partition : partitions) {
    readings_.erase(partition);
    revoking_.erase(partition);
    asked_.erase(partition);
    waiting_.erase(partition);
  }
}

void MemorySubscriber::GiveUpIfOverdue() {
  if (revoking_.empty() || state_->clock.Now() < release_deadline_) return;
  std::vector<Partition> overdue(revoking_.begin(), revoking_.end());
  for (const Partition& partition : overdue) group().Release(member_, partition);
  Forget(overdue);
  steps_.emplace_back(Lost{std::move(overdue)});
  state_->changed.notify_all();
}

void MemorySubscriber::SendCommits() {
  if (waiting_.empty()) return;
  CommitResult result;
  for (const auto& [partition, offset] : waiting_) result.positions.push_back({partition, offset});
  if (state_->random.Chance(state_->faults.failed_commit)) {
    result.status = base::Unavailable("memory: the commit failed");
  } else {
    for (const PartitionOffset& position : result.positions) group().Commit(member_, position);
    waiting_.clear();
  }
  steps_.emplace_back(std::move(result));
}

std::optional<Subscriber::Step> MemorySubscriber::NextStep() {
  if (steps_.empty()) {
    HearNews();
    GiveUpIfOverdue();
    SendCommits();
  }
  if (!steps_.empty()) {
    Step step = std::move(steps_.front());
    steps_.pop_front();
    return step;
  }
  // Each partition in turn, beginning behind the one that was read last.
  auto it = readings_.upper_bound(last_read_);
  for (std::size_t i = 0; i < readings_.size(); ++i) {
    if (it == readings_.end()) it = readings_.begin();
    if (auto step = Read(it->first, it->second)) {
      last_read_ = it->first;
      return step;
    }
    ++it;
  }
  return std::nullopt;
}

std::int64_t MemorySubscriber::StartOf(const Partition& partition,
                                       const Reading& reading,
                                       const Log& log) {
  std::optional<std::int64_t> start = reading.start;
  if (!start && in_group() && options_.use_committed) start = group().Committed(partition);
  if (!start || *start == kBeginning) return log.earliest();
  return *start == kEnd ? log.next() : *start;
}

std::optional<Subscriber::Step> MemorySubscriber::Read(const Partition& partition,
                                                       Reading& reading) {
  const Log* log = state_->topics.Find(partition);
  if (log == nullptr || reading.out_of_range || revoking_.contains(partition)) return std::nullopt;
  const Faults& faults = state_->faults;
  if (state_->random.Chance(faults.stalled_fetch)) {
    const auto most = static_cast<std::uint64_t>(base::ToMillis(faults.stall_max));
    reading.stalled_until =
        state_->clock.Now() + std::chrono::milliseconds(state_->random.Below(most + 1));
  }
  if (state_->clock.Now() < reading.stalled_until) return std::nullopt;
  if (!reading.position) {
    reading.position = StartOf(partition, reading, *log);
    reading.began = *reading.position;
  }
  const std::int64_t position = *reading.position;
  if (position < log->earliest() || position > log->next()) {
    reading.out_of_range = true;
    return OutOfRange{partition, position, log->earliest()};
  }
  if (position == log->next()) {
    if (std::exchange(reading.end_told, position) == position) return std::nullopt;
    return EndReached{{partition, position}};
  }
  if (reading.paused) return std::nullopt;
  return Give(partition, reading, *log);
}

RecordBatch MemorySubscriber::Give(const Partition& partition, Reading& reading, const Log& log) {
  given_.clear();
  views_.clear();
  given_headers_.clear();
  const std::int64_t end = std::min(
      log.next(), *reading.position + static_cast<std::int64_t>(options_.max_batch_records));
  for (std::int64_t offset = *reading.position; offset < end; ++offset) {
    given_.push_back(log.At(offset));
  }
  reading.position = end;
  for (const StoredRecord& record : given_) {
    std::vector<HeaderView>& headers = given_headers_.emplace_back();
    if (options_.with_headers) headers = ViewsOf(record.headers);
  }
  for (std::size_t i = 0; i < given_.size(); ++i) {
    const StoredRecord& record = given_[i];
    RecordView& view = views_.emplace_back();
    view.key = record.key;
    if (record.value) view.value = *record.value;
    view.headers = given_headers_[i];
    view.offset = record.offset;
    view.append_time = record.append_time;
  }
  return {partition, views_};
}

void MemorySubscriber::StartAt(const PartitionOffset& position) {
  const auto found = readings_.find(position.partition);
  if (found == readings_.end()) return;
  found->second.start = position.offset;
  found->second.position.reset();
  found->second.end_told = -1;
  found->second.out_of_range = false;
}

void MemorySubscriber::Pause(std::span<const Partition> partitions) {
  for (const Partition& partition : partitions) {
    if (const auto found = readings_.find(partition); found != readings_.end()) {
      found->second.paused = true;
    }
  }
}

void MemorySubscriber::Resume(std::span<const Partition> partitions) {
  for (const Partition& partition : partitions) {
    if (const auto found = readings_.find(partition); found != readings_.end()) {
      found->second.paused = false;
    }
  }
}

void MemorySubscriber::Commit(const PartitionOffset& next) {
  if (!in_group() || !readings_.contains(next.partition)) return;
  const auto [asked, first] = asked_.try_emplace(next.partition, next.offset);
  if (!first && asked->second >= next.offset) return;
  asked->second = next.offset;
  waiting_[next.partition] = next.offset;
}

void MemorySubscriber::Release(std::span<const Partition> partitions) {
  const std::lock_guard lock(state_->mutex);
  for (const Partition& partition : partitions) {
    if (revoking_.erase(partition) == 0) continue;
    if (const auto found = waiting_.find(partition); found != waiting_.end()) {
      group().Commit(member_, {partition, found->second});
    }
    group().Release(member_, partition);
    Forget({partition});
  }
  state_->changed.notify_all();
}

std::int64_t MemorySubscriber::lag() const {
  const std::lock_guard lock(state_->mutex);
  std::int64_t sum = 0;
  for (const auto& [partition, reading] : readings_) {
    const Log* log = state_->topics.Find(partition);
    if (log == nullptr || !reading.position) continue;
    std::int64_t from = *reading.position;
    if (in_group() && options_.use_committed) {
      const auto asked = asked_.find(partition);
      from = asked == asked_.end() ? reading.began : std::max(reading.began, asked->second);
    }
    sum += std::max<std::int64_t>(0, log->next() - from);
  }
  return sum;
}

void MemorySubscriber::Close(std::chrono::milliseconds /*max_wait*/) {
  const std::lock_guard lock(state_->mutex);
  closed_ = true;
  if (!in_group()) return;
  state_->sessions.erase(member_);
  for (const auto& [partition, offset] : waiting_) group().Commit(member_, {partition, offset});
  group().Leave(member_);
  state_->changed.notify_all();
}

}  // namespace platen::broker::memory
