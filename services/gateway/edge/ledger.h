// Events and what follows from them, within the writer's transactions: the ledger of events, the
// rows of devices and alerts, the numbers seen of each source.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "services/gateway/core/admission.h"
#include "services/gateway/core/alert_projection.h"
#include "services/gateway/core/device_projection.h"
#include "services/gateway/core/facts.h"
#include "services/gateway/edge/sequence_table.h"
#include "services/gateway/edge/sqlite.h"
#include "services/gateway/edge/write_queue.h"

namespace platen::gateway::edge {

// Since the store was made.
struct LedgerCounts {
  std::int64_t stored = 0;
  std::int64_t duplicates = 0;
  std::int64_t conflicts = 0;  // Duplicates by id that say something else.
  std::int64_t refusals = 0;
};

// What became of one batch. Of use once it is committed.
struct BatchOutcome {
  std::uint32_t stored = 0;
  std::uint32_t duplicates = 0;
  // Of those, what came under a number that had come before: sent again, on whatever hop. The
  // others were told again, under another number: by another observer, or in another life.
  std::uint32_t sent_again = 0;
  std::uint32_t conflicts = 0;
};

// An alert's new state, as of the event at `seq`.
struct AlertChange {
  std::int64_t seq = 0;
  std::int64_t update_ms = 0;
  base::DeviceId device;
  core::PlaceNumber place = 0;
  core::Place where;  // The same in words; filled by the Store.
  core::AlertState state;
  std::string payload;  // The serialised event.
};

// Belongs to the writing thread.
class Ledger final : public TransactionObserver {
 public:
  // Reads what is kept in memory: about a hundred bytes a device. `database` must outlive this.
  static absl::StatusOr<std::unique_ptr<Ledger>> Load(Database& database, std::int64_t now_ms);

  // REQUIRES: within a transaction.
  absl::Status Apply(const core::AdmittedBatch& batch,
                     std::int64_t receipt_ms,
                     BatchOutcome& outcome);

  // A device was registered; its row is committed.
  void AddDevice(core::DeviceNumber number, const base::DeviceId& id, core::PlaceNumber place);

  // The device's alerts were ended in the store, by a merge that is committed.
  void EndAlerts(core::DeviceNumber number);

  // Devices of this transaction whose identity was read, or that are not where they were: after
  // BeforeCommit().
  const std::vector<core::DeviceNumber>& identity_news() const { return identity_news_; }

  absl::Status BeforeCommit(Database& database) override;
  void OnCommit() override;
  void OnRollback(const absl::Status& why) override;

  // What the last transaction changed, to publish after its commit. Empties the list.
  std::vector<AlertChange> TakeAlertChanges() { return std::move(committed_alerts_); }

  const LedgerCounts& counts() const { return counts_; }

  const SequenceTable& sequences() const { return sequences_; }

 private:
  struct Resident {
    base::DeviceId id;
    core::PlaceNumber place = 0;
    core::DeviceFacts facts;
  };

  // What a transaction does to one device, written once at its end.
  struct Touched {
    core::DeviceFacts facts;
    std::optional<core::DeviceReport::Identity> identity;
    std::optional<std::uint64_t> total;
    std::optional<int> supplies_low;
    std::int64_t identity_seq = 0;
    std::int64_t firmware_seq = 0;
    std::int64_t status_seq = 0;
    std::int64_t meters_seq = 0;
    std::int64_t supplies_seq = 0;
    std::int64_t seen_ms = 0;
    std::int64_t update_ms = 0;
  };

  struct Statements {
    Statement insert_event;
    Statement find_payload;
    Statement find_alert;
    Statement put_alert;
    Statement touch_device;
    Statement set_identity;
    Statement set_state;
    Statement put_counter;
  };

  Ledger(Database& database, Statements statements, SequenceTable sequences);

  absl::Status ReadDevices();
  absl::Status ReadCounts();
  absl::StatusOr<bool> InsertEvent(const core::AdmittedEvent& event, std::int64_t receipt_ms);
  absl::StatusOr<bool> IsConflict(const core::AdmittedEvent& event);
  Touched& Touch(core::DeviceNumber number);
  void ApplyReport(const core::AdmittedEvent& event, std::int64_t seq, Touched& touched);
  absl::Status ApplyAlert(const core::AdmittedEvent& event,
                          std::int64_t seq,
                          std::int64_t receipt_ms,
                          Touched& touched);
  absl::StatusOr<std::optional<core::AlertState>> FindAlert(const core::AdmittedEvent& event);
  absl::Status WriteDevice(core::DeviceNumber number, Touched& touched);
  absl::Status WriteCounts();

  Database& database_;
  Statements statements_;
  SequenceTable sequences_;
  std::vector<Resident> devices_;  // By number; 0 is nobody.
  absl::flat_hash_map<core::DeviceNumber, Touched> touched_;
  std::vector<core::DeviceNumber> identity_news_;
  std::vector<AlertChange> pending_alerts_;
  std::vector<AlertChange> committed_alerts_;
  LedgerCounts counts_;
  LedgerCounts pending_counts_;
};

}  // namespace platen::gateway::edge
