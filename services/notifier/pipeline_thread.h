// Drives a pipeline on a thread of its own.
#pragma once

#include <condition_variable>
#include <mutex>
#include <optional>
#include <string>
#include <thread>

#include "absl/status/status.h"
#include "libs/base/time.h"
#include "libs/service/heartbeat.h"
#include "services/notifier/pipeline.h"

namespace platen::notifier {

// Start() and Stop() belong to one thread; Check…() are thread-safe.
class PipelineThread {
 public:
  // `name` as in logs: "decide". All must outlive this.
  PipelineThread(std::string name, Pipeline& pipeline, const base::Clock& clock);

  void Start();

  // Drains until `deadline`, leaves the group, and ends the thread.
  void Stop(base::MonotonicTime deadline);

  // The thread goes round.
  absl::Status CheckAlive() const { return alive_.Check(); }

  // The broker answers.
  absl::Status CheckReady() const;

 private:
  void Run();
  void Turn(std::chrono::milliseconds max_wait);
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
  std::thread thread_;
};

}  // namespace platen::notifier
