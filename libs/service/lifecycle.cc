#include "libs/service/lifecycle.h"

#include <algorithm>
#include <atomic>
#include <csignal>
#include <cstdlib>
#include <memory>
#include <mutex>
#include <thread>
#include <utility>

#include <poll.h>
#include <pthread.h>
#include <sys/eventfd.h>
#include <sys/signalfd.h>
#include <unistd.h>

#include "libs/base/status.h"
#include "libs/service/log.h"

namespace platen::service {
namespace {

constexpr int kExitInterrupted = 130;  // As a shell reports a process that SIGINT ended.

sigset_t HandledSignals() {
  sigset_t set;
  sigemptyset(&set);
  sigaddset(&set, SIGTERM);
  sigaddset(&set, SIGINT);
  sigaddset(&set, SIGHUP);
  return set;
}

// An eventfd that can be raised from any thread.
class Wakeup {
 public:
  Wakeup() : fd_(eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK)) {}

  ~Wakeup() { close(fd_); }

  Wakeup(const Wakeup&) = delete;
  Wakeup& operator=(const Wakeup&) = delete;

  void Raise() const {
    const std::uint64_t one = 1;
    // Fails only where the counter is full, which is as good as raised.
    [[maybe_unused]] const ssize_t written = write(fd_, &one, sizeof one);
  }

  int fd() const { return fd_; }

 private:
  const int fd_;
};

}  // namespace

HeldSignals::HeldSignals() {
  const sigset_t handled = HandledSignals();
  pthread_sigmask(SIG_BLOCK, &handled, &previous_mask_);
}

HeldSignals::~HeldSignals() {
  // Held back before, they stay for whoever did that.
  sigset_t unread = HandledSignals();
  for (const int signal : {SIGTERM, SIGINT, SIGHUP}) {
    if (sigismember(&previous_mask_, signal) == 1) sigdelset(&unread, signal);
  }
  const timespec at_once{};
  while (sigtimedwait(&unread, nullptr, &at_once) > 0) {
  }
  pthread_sigmask(SIG_SETMASK, &previous_mask_, nullptr);
}

class Lifecycle::Impl {
 public:
  Impl(LifecycleOptions options, const base::Clock& clock);
  ~Impl();

  absl::Status Run();
  void Finish(absl::Status why);
  bool stop_requested() const;

  std::vector<Part> parts;
  std::function<void()> reload;
  std::atomic<bool> draining{false};
  std::atomic<bool> told{false};
  std::atomic<bool> started{false};

 private:
  // The next signal, or 0 when `wakeup` was raised or `deadline` has passed.
  int WaitForSignal(const Wakeup& wakeup, const base::MonotonicTime* deadline);
  absl::Status StartParts();
  void WaitForEnd();
  void StopParts();
  // Runs beside the stopping parts: ends the process on a second signal, or past the deadline.
  void WatchDrain(base::MonotonicTime deadline);

  const LifecycleOptions options_;
  const base::Clock& clock_;
  const HeldSignals held_;
  int signal_fd_ = -1;
  Wakeup stop_requested_;
  Wakeup drained_;
  std::size_t parts_started_ = 0;
  std::mutex mutex_;
  absl::Status outcome_;
  std::string stopping_;  // The part whose stop is running.
};

Lifecycle::Impl::Impl(LifecycleOptions options, const base::Clock& clock)
    : options_(std::move(options)), clock_(clock) {
  const sigset_t handled = HandledSignals();
  signal_fd_ = signalfd(-1, &handled, SFD_CLOEXEC | SFD_NONBLOCK);
  // A peer that closes its socket is an error of that write, not the end of the process.
  std::signal(SIGPIPE, SIG_IGN);
}

Lifecycle::Impl::~Impl() {
  close(signal_fd_);
}

int Lifecycle::Impl::WaitForSignal(const Wakeup& wakeup, const base::MonotonicTime* deadline) {
  for (;;) {
    int wait_ms = -1;
    if (deadline != nullptr) {
      const auto left = std::chrono::ceil<std::chrono::milliseconds>(*deadline - clock_.Now());
      if (left.count() <= 0) return 0;
      wait_ms = static_cast<int>(std::min<std::int64_t>(left.count(), 60'000));
    }
    pollfd fds[2] = {{signal_fd_, POLLIN, 0}, {wakeup.fd(), POLLIN, 0}};
    if (poll(fds, 2, wait_ms) <= 0) continue;
    if ((fds[1].revents & POLLIN) != 0) return 0;
    signalfd_siginfo info{};
    if (read(signal_fd_, &info, sizeof info) == sizeof info)
      return static_cast<int>(info.ssi_signo);
  }
}

bool Lifecycle::Impl::stop_requested() const {
  if (told) return true;
  sigset_t pending;
  sigpending(&pending);
  return sigismember(&pending, SIGTERM) == 1 || sigismember(&pending, SIGINT) == 1;
}

absl::Status Lifecycle::Impl::StartParts() {
  for (const Part& part : parts) {
    if (stop_requested()) return absl::OkStatus();
    if (part.start != nullptr) {
      if (const absl::Status status = part.start(); !status.ok()) {
        return base::Annotate(status, "starting " + part.name);
      }
    }
    ++parts_started_;
    LogDebug("part started", {{"part", part.name}});
  }
  started = true;
  return absl::OkStatus();
}

void Lifecycle::Impl::WaitForEnd() {
  for (;;) {
    const int signal = WaitForSignal(stop_requested_, nullptr);
    if (signal == SIGHUP) {
      if (reload != nullptr) reload();
      continue;
    }
    if (signal == 0) return;
    told = true;
    LogInfo("stopping", {{"signal", signal == SIGTERM ? "SIGTERM" : "SIGINT"}});
    return;
  }
}

void Lifecycle::Impl::WatchDrain(base::MonotonicTime deadline) {
  for (;;) {
    const int signal = WaitForSignal(drained_, &deadline);
    if (signal == SIGHUP) continue;
    if (signal != 0) {
      LogWarning("a second signal: ending at once, without draining");
      options_.exit_now(kExitInterrupted);
      return;
    }
    if (clock_.Now() < deadline) return;  // Drained.
    std::string part;
    {
      const std::lock_guard lock(mutex_);
      part = stopping_;
    }
    LogError("drain deadline passed: ending at once; see drain_timeout in the configuration",
             {{"part", part}});
    options_.exit_now(EXIT_FAILURE);
    return;
  }
}

void Lifecycle::Impl::StopParts() {
  draining = true;
  const base::MonotonicTime deadline = clock_.Now() + options_.drain_timeout;
  std::thread watch([this, deadline] { WatchDrain(deadline); });
  for (; parts_started_ > 0; --parts_started_) {
    const Part& part = parts[parts_started_ - 1];
    {
      const std::lock_guard lock(mutex_);
      stopping_ = part.name;
    }
    if (part.stop != nullptr) part.stop(deadline);
    LogDebug("part stopped", {{"part", part.name}});
  }
  drained_.Raise();
  watch.join();
}

absl::Status Lifecycle::Impl::Run() {
  if (absl::Status status = StartParts(); !status.ok()) {
    Finish(std::move(status));
  } else {
    WaitForEnd();
  }
  StopParts();
  const std::lock_guard lock(mutex_);
  return outcome_;
}

void Lifecycle::Impl::Finish(absl::Status why) {
  {
    const std::lock_guard lock(mutex_);
    if (outcome_.ok()) outcome_ = std::move(why);
  }
  stop_requested_.Raise();
}

Lifecycle::Lifecycle(LifecycleOptions options, const base::Clock& clock) {
  // The one place besides main that may end the process: a drain that hangs must not.
  if (options.exit_now == nullptr) options.exit_now = [](int code) { std::_Exit(code); };
  impl_ = std::make_unique<Impl>(std::move(options), clock);
}

Lifecycle::~Lifecycle() = default;

void Lifecycle::AddPart(Part part) {
  impl_->parts.push_back(std::move(part));
}

void Lifecycle::OnReload(std::function<void()> reload) {
  impl_->reload = std::move(reload);
}

absl::Status Lifecycle::Run() {
  return impl_->Run();
}

void Lifecycle::RequestStop() {
  impl_->told = true;
  impl_->Finish(absl::OkStatus());
}

void Lifecycle::Fail(absl::Status why) {
  impl_->Finish(std::move(why));
}

bool Lifecycle::draining() const {
  return impl_->draining;
}

bool Lifecycle::stop_requested() const {
  return impl_->stop_requested();
}

bool Lifecycle::started() const {
  return impl_->started;
}

}  // namespace platen::service
