// The spool: events and states that are durable here until Kafka has them
// (docs/decisions/0007-spool.md).
//
// What is added waits in memory until Flush() has written it with all that came beside it, in one
// transaction; then its token has ended. Events leave when they were delivered, states when they
// were shared. Full: core/spool_order.h says who gives way. What gives way is remembered as a gap,
// in the same transaction, until the event that reports the gap is itself in the spool.
//
// Where the file can't be written, nothing ends: what was added stays in memory, up to a bound, and
// gives way beyond it. A damaged file is renamed, and what can be read of it is taken over.
#pragma once

#include <array>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/container/btree_map.h"
#include "absl/container/btree_set.h"
#include "absl/container/flat_hash_map.h"
#include "absl/container/flat_hash_set.h"
#include "services/collector/core/overtaken.h"
#include "services/collector/core/seams.h"
#include "services/collector/core/spool_order.h"
#include "services/collector/edge/spool_store.h"

namespace platen::collector::edge {

struct SpoolLogOptions {
  std::string file;
  // Whose spool it is: gaps are reported under this name.
  std::string instance;
  // Of events and states in the file.
  std::uint64_t bytes_max = 1u << 30;
  // Of what waits to be written.
  std::uint64_t memory_bytes_max = 16u << 20;
};

// Why an event was given up.
enum class SpoolLoss : std::uint8_t {
  kFull,       // The spool's bound.
  kMemory,     // The file can't be written, and memory's bound.
  kOvertaken,  // No loss: another collector says what still holds of it.
  kDamaged,    // The file gave back other bytes.
  kRefused,    // By Kafka, for good.
};
inline constexpr std::size_t kSpoolLosses = 5;

// The one number of the event, missing.
core::SpoolGap GapOf(const SpoolRow& row, SpoolLoss loss);

struct SpoolLogFigures {
  std::uint64_t bytes = 0;
  std::uint64_t states = 0;
  std::array<std::uint64_t, core::kLaneCount> records{};
  std::array<std::array<std::uint64_t, kSpoolLosses>, core::kLaneCount> lost{};
  std::uint64_t written = 0;
  std::uint64_t failed_writes = 0;
  std::uint64_t set_aside = 0;
  // Of the oldest event; the epoch where there is none.
  base::WallTime oldest;
};

// Thread-confined.
class SpoolLog {
 public:
  // What is left of a life before is there again. Errors: kUnavailable (another process has the
  // file, or it can't be made), kFailedPrecondition (a newer program's).
  static absl::StatusOr<std::unique_ptr<SpoolLog>> Open(const SpoolLogOptions& options,
                                                        base::WallTime now);

  // --- Taking in ------------------------------------------------------------------------------

  // A stamped event; `token` ends in Flush().
  void Add(const event::v1::Event& event, std::int32_t partition, std::uint64_t token);
  // The newest state of a device: the one before is forgotten.
  void AddState(SpoolState state, std::uint64_t token);

  struct Ended {
    std::vector<core::Published> events;
    std::vector<core::StatePut> states;
  };

  // Writes what is due: what was added, and what is to be forgotten once there is enough of it.
  // Appends what has ended.
  void Flush(base::MonotonicTime now, base::WallTime wall, Ended& ended);

  // Gives up what waits in memory; it ends with kCancelled.
  void Purge(Ended& ended);

  // --- Giving out -----------------------------------------------------------------------------

  // The lane's next events that are not given out yet, at most `limit`, but those of partitions
  // with unshared states.
  absl::Status Take(event::v1::Lane lane, std::size_t limit, std::vector<SpoolRow>& rows);
  // It leaves the spool.
  void Delivered(std::int64_t id);
  // It leaves the spool, and is a gap.
  void Lose(const SpoolRow& row, SpoolLoss loss);
  // What is given out and has not left is to be given out again.
  void TakeBack();
  void TakeBack(std::int64_t id);

  std::size_t given_out() const { return given_out_.size(); }

  // Whether the file has an event that is not given out.
  bool HasRows() const;

  // Nothing is here, nor on its way here, and no gap is to be told.
  bool IsEmpty() const;

  // Whether an event of the lane is in the spool or on its way there, and not given out.
  bool IsWaiting(event::v1::Lane lane) const;

  // --- States ---------------------------------------------------------------------------------

  struct KeptState {
    std::uint64_t size = 0;
    std::uint64_t term = 0;
    // Grows with each newer state.
    std::uint64_t version = 0;
  };

  // Ordered: the same inputs are written in the same order.
  using KeptStates = absl::btree_map<std::string, KeptState>;

  // By partition; none of them is empty. Written ones only.
  const std::map<std::int32_t, KeptStates>& states() const { return states_; }

  // Whether a state of the device, or of any of the partition, is in the spool or on its way there.
  // One that may go still counts until the file has forgotten it: the next life would write it over
  // a newer one.
  bool HoldsState(std::int32_t partition, std::string_view key) const;
  bool HoldsStates(std::int32_t partition) const;

  // The same of any partition.
  bool HoldsStates() const { return !states_.empty() || !added_states_.empty(); }

  // nullopt where it is damaged: forgotten then.
  absl::StatusOr<std::optional<SpoolState>> ReadState(std::int32_t partition,
                                                      const std::string& key);
  // Events of the device that rest on its state and have not left: a DeviceState's outbox,
  // serialised, of little more than `bytes_max` at the most. Before the state that is written to
  // Kafka, it lets the next owner say them, should the spool not come to it.
  absl::StatusOr<std::string> OutboxOf(std::int32_t partition,
                                       const std::string& key,
                                       std::uint64_t bytes_max);
  // The state may go, unless there is a newer one by now.
  void Shared(std::int32_t partition, const std::string& key, std::uint64_t version);
  // The partition has another owner: its states go. What becomes of the events of their devices
  // core/overtaken.h says. To be called again where it fails.
  absl::Status Overtaken(std::int32_t partition, const core::Overtaking& by);

  // --- Gaps -----------------------------------------------------------------------------------

  // What is to be said about gaps, each once in a life and to be stamped. The event takes the gap's
  // place in the spool when it is added.
  std::vector<event::v1::Event> TakeGaps(base::WallTime now);

  // Whether the event is such a report.
  bool IsReport(const event::v1::Event& event) const { return FindReported(event) != 0; }

  // ---------------------------------------------------------------------------------------------

  // OK, or why nothing can be written.
  const absl::Status& trouble() const { return trouble_; }

  SpoolLogFigures figures();

 private:
  struct Lane {
    std::int64_t last_id = 0;
    std::uint64_t records = 0;
    std::uint64_t given_out = 0;
    // Waiting in memory.
    std::size_t added = 0;
    // Rows of the file that are to be deleted.
    std::uint64_t forgotten = 0;
    // Up to where Take() has looked; partitions whose events it has passed over since it began
    // anew. They stay passed over until it begins anew, so that order is kept.
    std::int64_t seen = 0;
    absl::flat_hash_set<std::int32_t> passed;
  };

  struct Added {
    SpoolRow row;
    std::uint64_t token = 0;
    // Reports a gap, whose row it replaces.
    std::int64_t gap = 0;
  };

  struct AddedState {
    SpoolState state;
    std::uint64_t token = 0;
    std::uint64_t version = 0;
  };

  // What a transaction changes here once it is committed.
  struct Writing {
    std::array<std::int64_t, core::kLaneCount> records{};
    std::int64_t bytes = 0;
    std::vector<std::pair<event::v1::Lane, SpoolLoss>> lost;
    std::vector<SpoolGapRow> gaps;
  };

  // What became of events whose partition has another owner.
  struct Spared {
    std::vector<std::pair<SpoolRow, SpoolLoss>> given_up;  // Without bytes.
    std::int64_t bytes = 0;                                // By which others have grown.
  };

  explicit SpoolLog(const SpoolLogOptions& options) : options_(options) {}

  Lane& lane(event::v1::Lane lane) { return lanes_[core::PlaceOf(lane)]; }

  std::int64_t FindReported(const event::v1::Event& event) const;
  absl::Status OpenStore(base::WallTime now);
  absl::Status Load();
  absl::Status SetAside(const absl::Status& why, base::WallTime now);
  std::size_t TakeOver(const std::string& damaged);
  absl::Status Write(Writing& writing);
  absl::Status WriteForgotten(Writing& writing);
  absl::Status WriteAdded(Writing& writing);
  absl::StatusOr<bool> MakeRoom(event::v1::Lane lane, std::uint64_t size, Writing& writing);
  absl::StatusOr<bool> GiveUpOldest(event::v1::Lane lane, Writing& writing);
  void Apply(Writing& writing, Ended& ended);
  void Failed(const absl::Status& status, base::MonotonicTime now, base::WallTime wall);
  void BoundMemory(event::v1::Lane incoming, std::uint64_t size);
  void Count(event::v1::Lane lane, SpoolLoss loss);
  absl::Status Spare(std::int32_t partition, const core::Overtaking& by, Spared& spared);
  void MergeGap(const core::SpoolGap& gap, std::vector<SpoolGapRow>& gaps);
  void Forget(std::int64_t id, std::uint64_t size);
  bool IsDue(base::MonotonicTime now) const;

  const SpoolLogOptions options_;
  std::unique_ptr<SpoolStore> store_;
  std::array<Lane, core::kLaneCount> lanes_;
  std::uint64_t bytes_ = 0;
  std::map<std::int32_t, KeptStates> states_;
  std::vector<Added> added_;
  std::vector<AddedState> added_states_;
  std::uint64_t added_bytes_ = 0;
  // Events whose waiting in memory was ended by its bound.
  std::vector<std::uint64_t> ended_early_;
  absl::flat_hash_set<std::pair<std::int32_t, std::string>> added_keys_;
  // Events by id, with their size; and those that are to be deleted, with states that are.
  absl::flat_hash_map<std::int64_t, std::uint64_t> given_out_;
  absl::btree_map<std::int64_t, std::uint64_t> forgotten_;
  absl::btree_set<std::pair<std::int32_t, std::string>> forgotten_states_;
  std::vector<SpoolGapRow> gaps_;
  // Gaps have changed that the file does not know of.
  bool gaps_changed_ = false;
  std::int64_t last_gap_ = 0;
  std::uint64_t last_version_ = 0;
  absl::Status trouble_;
  base::MonotonicTime retry_at_;
  base::MonotonicTime last_write_;
  SpoolLogFigures figures_;
};

}  // namespace platen::collector::edge
