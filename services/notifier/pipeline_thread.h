// Drives a pipeline on a thread of its own.
#pragma once

#include <condition_variable>
#include <functional>
#include <mutex>
#include <optional>
#include <string>
#include <thread>

#include "absl/status/status.h"
#include "libs/base/time.h"
#include "libs/service/heartbeat.h"
#include "services/notifier/pipeline.h"

namespace platen::notifier {

// Start(), Call() and Stop() belong to one thread; Check…() are thread-safe.
class PipelineThread {
 public:
  // `name` as in logs: "decide". All must outlive this.
  PipelineThread(std::string name, Pipeline& pipeline, const base::Clock& clock);

  void Start();

  // Has the thread call `task` between two turns, and waits until it has. REQUIRES: called after
  // Start() and before Stop(), on their thread.
  void Call(const std::function<void()>& task);

  // Drains until `deadline`, leaves the group, and ends the thread.
  void Stop(base::MonotonicTime deadline);

  // The thread goes round.
  absl::Status CheckAlive() const { return alive_.Check(); }

  // The broker answers.
  absl::Status CheckReady() const;

 private:
  void Run();
  void Turn(std::chrono::milliseconds max_wait);
  void RunTask();
  void Pause(std::chrono::milliseconds duration);
  void Note(const absl::Status& status);
  std::optional<base::MonotonicTime> deadline() const;

  const std::string name_;
  Pipeline& pipeline_;
  const base::Clock& clock_;
  service::Heartbeat alive_;
  mutable std::mutex mutex_;
  std::condition_variable stopping_;
  std::optional<base::MonotonicTime> deadline_;
  absl::Status trouble_;
  // Given to Call() and not yet called; null where none is.
  const std::function<void()>* task_ = nullptr;
  std::condition_variable task_done_;
  std::thread thread_;
};

}  // namespace platen::notifier
