#include "services/gateway/edge/write_queue.h"

#include <utility>

#include "libs/base/planted_bug.h"
#include "libs/base/status.h"

namespace platen::gateway::edge {

WriteQueue::WriteQueue(const Options& options, Database& database, TransactionObserver& observer)
    : options_(options),
      writer_(database, observer),
      jobs_(options.queue_bytes_max),
      thread_([this] { Loop(); }) {}

WriteQueue::~WriteQueue() {
  Stop();
}

absl::Status WriteQueue::Submit(WriteJob job) {
  {
    const std::lock_guard lock(mutex_);
    if (stopping_) return base::Unavailable("the store is stopping");
    const std::size_t bytes = job.bytes;
    if (!jobs_.Push(std::move(job), bytes)) {
      return base::ResourceExhausted("the store's queue of ", jobs_.weight(), " bytes is full");
    }
  }
  wake_.notify_one();
  return absl::OkStatus();
}

void WriteQueue::Stop() {
  {
    const std::lock_guard lock(mutex_);
    stopping_ = true;
  }
  wake_.notify_one();
  if (thread_.joinable()) thread_.join();
}

std::size_t WriteQueue::queued_bytes() const {
  const std::lock_guard lock(mutex_);
  return jobs_.weight();
}

void WriteQueue::Loop() {
  while (true) {
    std::unique_lock lock(mutex_);
    wake_.wait(lock, [this] { return stopping_ || !jobs_.empty(); });
    if (jobs_.empty()) return;
    std::vector<WriteJob> group = TakeGroup();
    lock.unlock();
    writer_.Write(group);
  }
}

std::vector<WriteJob> WriteQueue::TakeGroup() {
  std::vector<WriteJob> group;
  std::size_t events = 0;
  while (!jobs_.empty() && group.size() < options_.transaction_jobs_max) {
    const std::size_t next = jobs_.front().events;
    if (!group.empty() && events + next > options_.transaction_events_max) break;
    events += next;
    group.push_back(jobs_.Pop());
  }
  return group;
}

absl::Status GroupWriter::Apply(std::vector<WriteJob>& group, std::vector<absl::Status>& answers) {
  PLATEN_RETURN_IF_ERROR(database_.Execute("BEGIN IMMEDIATE"));
  for (WriteJob& job : group) {
    if (job.gate != nullptr && job.gate->broken) {
      answers.push_back(base::Unavailable("a batch before this one could not be stored"));
      continue;
    }
    answers.push_back(job.apply(database_));
    if (IsStoreFailure(answers.back())) return answers.back();
  }
  PLATEN_RETURN_IF_ERROR(observer_.BeforeCommit(database_));
  return database_.Execute("COMMIT");
}

void GroupWriter::Write(std::vector<WriteJob>& group) {
  std::vector<absl::Status> answers;
  const absl::Status outcome = Apply(group, answers);
  if (outcome.ok()) {
    observer_.OnCommit();
  } else {
    // SQLite may have rolled back by itself, for example on a full disk; then this fails
    // harmlessly.
    database_.Execute("ROLLBACK").IgnoreError();
    observer_.OnRollback(outcome);
    answers.assign(
        group.size(),
        base::IsPlanted(base::PlantedBug::kAnswersBeforeCommit) ? absl::OkStatus() : outcome);
  }
  for (std::size_t i = 0; i < group.size(); ++i) {
    if (!outcome.ok() && group[i].gate != nullptr) group[i].gate->broken = true;
    group[i].done(answers[i]);
  }
}

}  // namespace platen::gateway::edge
