// The spool's file: events, states and gaps as rows of one SQLite database.
//
// An event's id says its lane and, within it, its place: FIFO is the order of ids. What was written
// is durable when Commit() returns. Errors are those of libs/sqlite/sqlite.h; kDataLoss: the file
// is damaged.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "libs/base/time.h"
#include "libs/sqlite/sqlite.h"
#include "services/collector/core/spool_order.h"

namespace platen::collector::edge {

// An event in the spool.
struct SpoolRow {
  std::int64_t id = 0;
  // Of device-state; -1 for what is about no device.
  std::int32_t partition = -1;
  std::string device;
  // core::RestsOnState().
  bool counted = false;
  std::uint64_t epoch = 0;
  std::uint64_t sequence = 0;
  std::string route;
  base::WallTime time;
  // The serialised event; empty where the file gives back other bytes than it was given.
  std::string bytes;
  // What it counts for the spool's bound, also where `bytes` was not read.
  std::uint64_t size = 0;

  event::v1::Lane lane() const;
};

// The newest state of a device.
struct SpoolState {
  std::int32_t partition = 0;
  std::string key;
  std::uint64_t term = 0;
  std::optional<std::string> value;
  std::uint64_t size = 0;
};

// A gap that has not been reported.
struct SpoolGapRow {
  std::int64_t id = 0;
  core::SpoolGap gap;
  // Its report is on its way, so it grows no more.
  bool said = false;
};

// The lowest id that an event of the lane may have, less one.
std::int64_t LaneBase(event::v1::Lane lane);

// What an event or a state of so many bytes counts.
std::uint64_t SpoolSizeOf(std::size_t bytes);

// Thread-confined.
class SpoolStore {
 public:
  // Opens or makes the file, for this process alone. `file_bytes_max`: what it may grow to on disk.
  // kFailedPrecondition: a newer program has made it.
  static absl::StatusOr<std::unique_ptr<SpoolStore>> Open(const std::string& file,
                                                          std::uint64_t file_bytes_max);
  // The same for a damaged file: only to be read, as far as that goes.
  static absl::StatusOr<std::unique_ptr<SpoolStore>> OpenDamaged(const std::string& file);

  // All changes are between Begin() and Commit() or Rollback().
  absl::Status Begin() { return database_->Execute("BEGIN IMMEDIATE"); }

  absl::Status Commit() { return database_->Execute("COMMIT"); }

  void Rollback() { database_->Execute("ROLLBACK").IgnoreError(); }

  absl::Status AddEvent(const SpoolRow& row);
  absl::Status DeleteEvent(std::int64_t id);
  // The row's event is another by now, which rests on nothing.
  absl::Status ReplaceEvent(const SpoolRow& row);
  absl::Status PutState(const SpoolState& state);
  absl::Status DeleteState(std::int32_t partition, std::string_view key);
  absl::Status PutGap(const SpoolGapRow& gap);
  absl::Status DeleteGap(std::int64_t id);

  // Calls `see` with the lane's rows behind `after`, in order, at most `limit` times, until it says
  // false. With their bytes, or without.
  absl::Status Scan(event::v1::Lane lane,
                    std::int64_t after,
                    std::size_t limit,
                    bool with_bytes,
                    const std::function<bool(SpoolRow&)>& see);

  // nullopt: there is none, or it is damaged.
  absl::StatusOr<std::optional<SpoolState>> ReadState(std::int32_t partition, std::string_view key);
  // Without their values.
  absl::StatusOr<std::vector<SpoolState>> States();
  absl::StatusOr<std::vector<SpoolGapRow>> Gaps();
  // Counted events of one device, oldest first, until their bytes are more than `bytes_max`.
  absl::StatusOr<std::vector<SpoolRow>> CountedOf(std::int32_t partition,
                                                  std::string_view device,
                                                  std::uint64_t bytes_max);

  struct LaneTotal {
    std::uint64_t records = 0;
    std::uint64_t bytes = 0;
    std::int64_t last_id = 0;
  };

  absl::StatusOr<LaneTotal> Total(event::v1::Lane lane);

 private:
  SpoolStore() = default;
  absl::Status Prepare();

  std::unique_ptr<sqlite::Database> database_;
  sqlite::Statement add_event_;
  sqlite::Statement delete_event_;
  sqlite::Statement put_state_;
  sqlite::Statement delete_state_;
  sqlite::Statement read_state_;
  sqlite::Statement scan_;
  sqlite::Statement counted_of_;
};

}  // namespace platen::collector::edge
