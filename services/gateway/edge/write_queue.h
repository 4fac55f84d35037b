// The one thread that writes: takes what waits, applies it in one transaction, and answers when
// that is on the disk. So a commit's cost is shared by whoever waits for it (group commit): idle, a
// write costs one sync; loaded, hundreds share one.
#pragma once

#include <condition_variable>
#include <cstddef>
#include <functional>
#include <memory>
#include <mutex>
#include <thread>
#include <vector>

#include "absl/status/status.h"
#include "libs/flow/bounded_queue.h"
#include "services/gateway/edge/sqlite.h"

namespace platen::gateway::edge {

// Keeps the jobs of one stream in order: once one of them has failed, those behind it fail as well.
// A stream that goes back begins with a new one.
struct OrderGate {
  bool broken = false;  // Touched by the writing thread only.
};

struct WriteJob {
  // On the writing thread, within a transaction. An error that is no IsStoreFailure() is the job's
  // own answer, and it has then written nothing; a store failure ends the transaction for all in
  // it.
  std::function<absl::Status(Database&)> apply;
  // On the writing thread, once: after the commit with what apply() returned, or with the failure.
  // Must be quick.
  std::function<void(const absl::Status&)> done;
  // What it counts for in the queue.
  std::size_t bytes = 0;
  std::size_t events = 0;
  std::shared_ptr<OrderGate> gate;
};

// State in memory that follows what is committed.
class TransactionObserver {
 public:
  virtual ~TransactionObserver() = default;
  // Before the commit, still able to write.
  virtual absl::Status BeforeCommit(Database& database) = 0;
  virtual void OnCommit() = 0;
  virtual void OnRollback(const absl::Status& why) = 0;
};

// Writes jobs that waited together in one transaction, and answers them. Thread-confined; both
// must outlive this.
class GroupWriter {
 public:
  GroupWriter(Database& database, TransactionObserver& observer)
      : database_(database), observer_(observer) {}

  void Write(std::vector<WriteJob>& group);

 private:
  absl::Status Apply(std::vector<WriteJob>& group, std::vector<absl::Status>& answers);

  Database& database_;
  TransactionObserver& observer_;
};

// Thread-safe. `database` and `observer` are the writing thread's own until Stop() and must outlive
// this.
class WriteQueue {
 public:
  struct Options {
    std::size_t queue_bytes_max = 64 * 1024 * 1024;
    std::size_t transaction_events_max = 8192;
    std::size_t transaction_jobs_max = 256;
  };

  WriteQueue(const Options& options, Database& database, TransactionObserver& observer);
  ~WriteQueue();  // Stops.
  WriteQueue(const WriteQueue&) = delete;
  WriteQueue& operator=(const WriteQueue&) = delete;

  // kResourceExhausted where the queue is full, kUnavailable after Stop(); done() is then not
  // called.
  absl::Status Submit(WriteJob job);

  // Finishes what waits, then ends the thread. Idempotent.
  void Stop();

  std::size_t queued_bytes() const;

 private:
  void Loop();
  // REQUIRES: mutex_ is held.
  std::vector<WriteJob> TakeGroup();

  const Options options_;
  GroupWriter writer_;
  mutable std::mutex mutex_;
  std::condition_variable wake_;
  flow::BoundedQueue<WriteJob> jobs_;  // By bytes.
  bool stopping_ = false;
  std::thread thread_;
};

}  // namespace platen::gateway::edge
