#include "services/notifier/pipeline_thread.h"

#include <algorithm>
#include <utility>

#include "libs/base/status.h"
#include "libs/service/log.h"

namespace platen::notifier {
namespace {

constexpr std::chrono::milliseconds kTurnMax{50};
// After a turn that failed at once, so that a broker that is away does not cost a core.
constexpr std::chrono::milliseconds kTroublePause{100};
constexpr base::Duration kAliveWithin = std::chrono::seconds(30);
// Of the time to stop, what leaving the group may take.
constexpr std::chrono::milliseconds kCloseMax{2000};

}  // namespace

PipelineThread::PipelineThread(std::string name, Pipeline& pipeline, const base::Clock& clock)
    : name_(std::move(name)),
      pipeline_(pipeline),
      clock_(clock),
      alive_(clock, kAliveWithin),
      trouble_(base::Unavailable("not yet connected")) {}

void PipelineThread::Start() {
  thread_ = std::thread([this] { Run(); });
}

void PipelineThread::Stop(base::MonotonicTime deadline) {
  {
    const std::lock_guard lock(mutex_);
    deadline_ = deadline;
  }
  stopping_.notify_all();
  thread_.join();
}

void PipelineThread::Run() {
  while (!deadline().has_value()) Turn(kTurnMax);
  pipeline_.BeginDrain();
  const base::MonotonicTime until = *deadline() - kCloseMax;
  while (!pipeline_.is_drained() && clock_.Now() < until) Turn(std::chrono::milliseconds(5));
  if (!pipeline_.is_drained()) {
    service::LogWarning("the time to drain is over; what is in flight is said again",
                        {{"stage", name_}});
  }
  pipeline_.Close(
      std::max(kCloseMax,
               std::chrono::duration_cast<std::chrono::milliseconds>(*deadline() - clock_.Now())));
}

void PipelineThread::Call(const std::function<void()>& task) {
  std::unique_lock lock(mutex_);
  task_ = &task;
  task_done_.wait(lock, [this] { return task_ == nullptr; });
}

void PipelineThread::RunTask() {
  const std::function<void()>* task = nullptr;
  {
    const std::lock_guard lock(mutex_);
    task = task_;
  }
  if (task == nullptr) return;
  (*task)();
  {
    const std::lock_guard lock(mutex_);
    task_ = nullptr;
  }
  task_done_.notify_all();
}

void PipelineThread::Turn(std::chrono::milliseconds max_wait) {
  RunTask();
  const absl::Status status = pipeline_.Step(max_wait);
  alive_.Beat();
  Note(status);
  if (!status.ok()) Pause(kTroublePause);
}

void PipelineThread::Pause(std::chrono::milliseconds duration) {
  std::unique_lock lock(mutex_);
  stopping_.wait_for(lock, duration, [this] { return deadline_.has_value(); });
}

// The same trouble is logged when it begins and when it ends, not at each turn.
void PipelineThread::Note(const absl::Status& status) {
  const std::lock_guard lock(mutex_);
  if (status == trouble_) return;
  if (status.ok()) {
    service::LogInfo("kafka answers", {{"stage", name_}});
  } else {
    service::LogWarning("kafka", {{"stage", name_}, {"trouble", base::ToStd(status.message())}});
  }
  trouble_ = status;
}

absl::Status PipelineThread::CheckReady() const {
  const std::lock_guard lock(mutex_);
  return trouble_;
}

std::optional<base::MonotonicTime> PipelineThread::deadline() const {
  const std::lock_guard lock(mutex_);
  return deadline_;
}

}  // namespace platen::notifier
