// The gateway's store: one SQLite file, one thread that writes, any number of readers.
//
// What is acknowledged is on the disk. A full disk or an I/O error answers those who wait with a
// transient error, changes nothing, and ends nothing: the next write tries again.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <mutex>
#include <shared_mutex>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "libs/base/time.h"
#include "services/gateway/core/admission.h"
#include "services/gateway/core/registry.h"
#include "services/gateway/edge/device_changes.h"
#include "services/gateway/edge/directive_table.h"
#include "services/gateway/edge/gap_audit.h"
#include "services/gateway/edge/ledger.h"
#include "services/gateway/edge/reader.h"
#include "services/gateway/edge/store_lock.h"
#include "services/gateway/edge/target_table.h"
#include "services/gateway/edge/write_queue.h"

namespace platen::gateway::edge {

// Thread-safe. Callbacks run on the writing thread and must be quick.
class Store {
 public:
  using BatchDone = std::function<void(const absl::StatusOr<BatchOutcome>&)>;
  using RegisterDone = std::function<void(const absl::StatusOr<std::vector<Registered>>&)>;
  using Done = std::function<void(const absl::Status&)>;
  // In order of their positions, after they are durable.
  using AlertListener = std::function<void(const std::vector<AlertChange>&)>;
  // An installation has new directives.
  using DirectiveListener = std::function<void(const std::string& installation)>;

  struct Options {
    std::string file;
    WriteQueue::Options queue;
  };

  // Opens or makes the file. Errors are one line: what is wrong with which file, and what to do.
  // `clock` must outlive this.
  static absl::StatusOr<std::unique_ptr<Store>> Open(const Options& options,
                                                     const base::Clock& clock);
  // Stops. Listeners are not called afterwards.
  ~Store();

  // Set before anything is submitted.
  void SetAlertListener(AlertListener listener) { on_alerts_ = std::move(listener); }

  void SetDirectiveListener(DirectiveListener listener) { on_directives_ = std::move(listener); }

  // Decides about the events of `payload`'s slices against the registry as it stands now.
  core::AdmittedBatch Admit(const std::vector<std::string_view>& events,
                            const core::SenderScope& scope) const;

  // Stores a batch; `payload` holds what its slices point into. kResourceExhausted or kUnavailable
  // at once, `done` is then not called.
  absl::Status StoreBatch(std::shared_ptr<const core::AdmittedBatch> batch,
                          std::shared_ptr<const std::string> payload,
                          std::shared_ptr<OrderGate> gate,
                          BatchDone done);

  absl::Status RegisterTargets(std::vector<Registration> batch,
                               Registering mode,
                               RegisterDone done);
  absl::Status RemoveTarget(core::Place place, base::DeviceId device, Done done);
  // Runs `apply` (device_changes.h, record_table.h) in a transaction, all or nothing, and tells
  // whoever has to know.
  using Apply = std::function<absl::Status(Database&, Changed&)>;
  absl::Status Change(Apply apply, Done done);
  absl::Status AcknowledgeDirective(std::string installation,
                                    std::uint64_t number,
                                    std::string refusal,
                                    Done done);

  // Looks for holes that have stood for long, and tells of them. Asked every few seconds; one that
  // can't be queued is left to the next.
  void Audit();

  absl::StatusOr<std::unique_ptr<Reader>> OpenReader() const { return Reader::Open(file_); }

  struct Status {
    LedgerCounts counts;
    std::uint64_t missing = 0;
    std::uint64_t gaps = 0;      // Told by the audit since the store was made.
    std::uint64_t unbooked = 0;  // As SequenceTable.
    std::size_t queued_bytes = 0;
    // OK, or why the last transaction failed.
    absl::Status last_write;
  };

  Status status() const;

  base::WallTime Now() const { return clock_.WallNow(); }

  // Lets the file grow to this many pages at the most: a full disk.
  absl::Status LimitPagesForTest(int pages);

  // Finishes what waits. Idempotent.
  void Stop() { queue_->Stop(); }

 private:
  class Observer;

  Store(std::string file,
        std::unique_ptr<StoreLock> lock,
        std::unique_ptr<Database> database,
        const base::Clock& clock);

  absl::Status LoadRegistry();
  void OnRegistered(const std::vector<Registered>& registered);
  void OnChanged(const Changed& changed);
  void PublishStatus(const absl::Status& last_write);

  const std::string file_;
  const std::unique_ptr<StoreLock> lock_;
  const base::Clock& clock_;
  std::unique_ptr<Database> database_;
  std::unique_ptr<Ledger> ledger_;
  GapAudit audit_;  // The writing thread's.
  std::unique_ptr<Observer> observer_;
  AlertListener on_alerts_;
  DirectiveListener on_directives_;
  mutable std::shared_mutex registry_mutex_;
  core::Registry registry_;
  mutable std::mutex status_mutex_;
  Status status_;
  std::unique_ptr<WriteQueue> queue_;
};

}  // namespace platen::gateway::edge
