// How a process lives: its parts start in order, run until a signal, and stop in the reverse order,
// within a deadline.
//
// SIGTERM and SIGINT drain; a second one ends the process at once. SIGHUP reloads. The signals are
// blocked in every thread and read by Run() on the main thread, so that no code of ours runs inside
// a signal handler.
#pragma once

#include <csignal>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "libs/base/time.h"

namespace platen::service {

struct LifecycleOptions {
  // From the first signal to the last part's stop. Beyond it the process ends with exit code 1.
  base::Duration drain_timeout =
      std::chrono::seconds(25);  // Below Kubernetes' default grace period of 30 s.
  // Ends the process at once. Tests replace it.
  std::function<void(int exit_code)> exit_now;
};

// A named part of a process. Either function may be empty.
struct Part {
  std::string name;
  // Returns when the part takes work, or says why it cannot.
  std::function<absl::Status()> start;
  // Takes no more work, finishes or hands back what is in flight, and returns, by `deadline` at the
  // latest. Called only if start returned OK.
  std::function<void(base::MonotonicTime deadline)> stop;
};

// Holds the signals back while it lives, so that none of them ends the process before Run() reads
// it. What came and nobody has read is forgotten at its end. REQUIRES: as Lifecycle.
class HeldSignals {
 public:
  HeldSignals();
  ~HeldSignals();
  HeldSignals(const HeldSignals&) = delete;
  HeldSignals& operator=(const HeldSignals&) = delete;

 private:
  sigset_t previous_mask_{};
};

// REQUIRES: constructed on the main thread before any other thread exists (threads inherit what it
// blocks). AddPart(), OnReload() and Run() belong to the main thread; the others are thread-safe.
class Lifecycle {
 public:
  // Blocks the signals. `clock` must outlive this.
  Lifecycle(LifecycleOptions options, const base::Clock& clock);
  ~Lifecycle();
  Lifecycle(const Lifecycle&) = delete;
  Lifecycle& operator=(const Lifecycle&) = delete;

  void AddPart(Part part);

  // Called by Run() on the main thread at each SIGHUP.
  void OnReload(std::function<void()> reload);

  // Starts the parts, waits, drains. OK after a signal or RequestStop(), also where they come
  // between two starts: then no other part is started. Otherwise the first failure: of a start
  // (parts already started are stopped), or the one given to Fail().
  absl::Status Run();

  // Begins the drain as SIGTERM would.
  void RequestStop();

  // A part cannot go on: drains, and Run() returns `why`. The first one counts.
  void Fail(absl::Status why);

  // True from the beginning of the drain: readiness says no.
  bool draining() const;
  // True once a signal or RequestStop() has told the process to stop, also before Run() was called
  // or has noticed: what is slow to start asks. A failure is no such wish.
  bool stop_requested() const;
  // True once all parts have started.
  bool started() const;

 private:
  class Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace platen::service
