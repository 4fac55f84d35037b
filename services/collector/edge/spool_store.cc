#include "services/collector/edge/spool_store.h"

#include <algorithm>
#include <utility>

#include "libs/base/field_digest.h"
#include "libs/base/status.h"

namespace platen::collector::edge {
namespace {

constexpr int kLaneShift = 56;
constexpr std::int64_t kVersion = 1;
constexpr std::int64_t kPageBytes = 4096;
// What a row costs beside its bytes, about.
constexpr std::uint64_t kRowOverhead = 96;

constexpr std::string_view kSchema = R"(
CREATE TABLE events(id INTEGER PRIMARY KEY, device_partition INTEGER NOT NULL, device BLOB NOT NULL,
  counted INTEGER NOT NULL, epoch INTEGER NOT NULL, sequence INTEGER NOT NULL, route TEXT NOT NULL,
  time INTEGER NOT NULL, digest INTEGER NOT NULL, bytes BLOB NOT NULL);
CREATE TABLE states(device_partition INTEGER NOT NULL, key BLOB NOT NULL, term INTEGER NOT NULL,
  digest INTEGER NOT NULL, value BLOB, PRIMARY KEY(device_partition, key));
CREATE TABLE gaps(id INTEGER PRIMARY KEY, reason INTEGER NOT NULL, epoch INTEGER NOT NULL,
  lane INTEGER NOT NULL, route TEXT NOT NULL, first INTEGER NOT NULL, last INTEGER NOT NULL,
  detail TEXT NOT NULL);
PRAGMA user_version=1;
)";

// SQLite has no checksum of its own: a page whose bits fell over would come back as it is.
std::int64_t DigestOf(std::string_view bytes) {
  base::FieldDigest digest;
  digest.Text(bytes);
  const auto sha = digest.Sha256();
  std::uint64_t number = 0;
  for (int i = 0; i < 8; ++i) number = number << 8 | sha[static_cast<std::size_t>(i)];
  return static_cast<std::int64_t>(number);
}

// Columns of a SELECT over events, as Scan() and CountedOf() name them.
SpoolRow RowOf(const sqlite::Statement& at) {
  SpoolRow row;
  row.id = at.Int(0);
  row.partition = static_cast<std::int32_t>(at.Int(1));
  row.device = at.String(2);
  row.counted = at.Int(3) != 0;
  row.epoch = static_cast<std::uint64_t>(at.Int(4));
  row.sequence = static_cast<std::uint64_t>(at.Int(5));
  row.route = at.String(6);
  row.time = base::WallFromMillis(at.Int(7));
  row.size = SpoolSizeOf(static_cast<std::uint64_t>(at.Int(8)));
  return row;
}

constexpr std::string_view kColumns =
    "id, device_partition, device, counted, epoch, sequence, route, time, length(bytes)";

}  // namespace

std::int64_t LaneBase(event::v1::Lane lane) {
  return static_cast<std::int64_t>(core::PlaceOf(lane) + 1) << kLaneShift;
}

std::uint64_t SpoolSizeOf(std::size_t bytes) {
  return bytes + kRowOverhead;
}

event::v1::Lane SpoolRow::lane() const {
  const std::size_t place = static_cast<std::size_t>(id >> kLaneShift) - 1;
  return event::kLanes[std::min(place, core::kLaneCount - 1)];
}

absl::StatusOr<std::unique_ptr<SpoolStore>> SpoolStore::Open(const std::string& file,
                                                             std::uint64_t file_bytes_max) {
  auto store = std::unique_ptr<SpoolStore>(new SpoolStore());
  PLATEN_ASSIGN_OR_RETURN(store->database_,
                          sqlite::Database::Open(file,
                                                 {.exclusive = true,
                                                  .busy_timeout = std::chrono::milliseconds(1000),
                                                  .cache_bytes = 8 << 20,
                                                  .named_by = "state_dir"}));
  PLATEN_ASSIGN_OR_RETURN(const auto version, store->database_->QueryInt("PRAGMA user_version"));
  if (version.value_or(0) == 0) {
    PLATEN_RETURN_IF_ERROR(store->database_->Execute(base::StrCat("BEGIN;", kSchema, "COMMIT;")));
  } else if (*version != kVersion) {
    return base::FailedPrecondition(file,
                                    " was made by a newer program: let that one empty it first");
  } else {
    PLATEN_ASSIGN_OR_RETURN(sqlite::Statement check,
                            store->database_->Prepare("PRAGMA quick_check(1)"));
    PLATEN_ASSIGN_OR_RETURN(const bool row, check.Step());
    if (!row || check.Bytes(0) != "ok")
      return base::Error(absl::StatusCode::kDataLoss, file, ": ", check.String(0));
  }
  PLATEN_RETURN_IF_ERROR(store->database_->Execute(
      "CREATE INDEX IF NOT EXISTS events_counted ON events(device) WHERE counted"));
  PLATEN_RETURN_IF_ERROR(store->database_->Execute(base::StrCat(
      "PRAGMA max_page_count=", static_cast<std::int64_t>(file_bytes_max) / kPageBytes)));
  PLATEN_RETURN_IF_ERROR(store->Prepare());
  return store;
}

absl::StatusOr<std::unique_ptr<SpoolStore>> SpoolStore::OpenDamaged(const std::string& file) {
  auto store = std::unique_ptr<SpoolStore>(new SpoolStore());
  PLATEN_ASSIGN_OR_RETURN(
      store->database_, sqlite::Database::Open(file, {.read_only = true, .cache_bytes = 1 << 20}));
  PLATEN_RETURN_IF_ERROR(store->Prepare());
  return store;
}

absl::Status SpoolStore::Prepare() {
  const auto prepare = [this](sqlite::Statement& into, std::string_view sql) -> absl::Status {
    PLATEN_ASSIGN_OR_RETURN(into, database_->Prepare(sql));
    return absl::OkStatus();
  };
  PLATEN_RETURN_IF_ERROR(
      prepare(add_event_, "INSERT INTO events VALUES(?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10)"));
  PLATEN_RETURN_IF_ERROR(prepare(delete_event_, "DELETE FROM events WHERE id = ?1"));
  PLATEN_RETURN_IF_ERROR(
      prepare(put_state_, "INSERT OR REPLACE INTO states VALUES(?1, ?2, ?3, ?4, ?5)"));
  PLATEN_RETURN_IF_ERROR(
      prepare(delete_state_, "DELETE FROM states WHERE device_partition = ?1 AND key = ?2"));
  PLATEN_RETURN_IF_ERROR(
      prepare(read_state_,
              "SELECT term, digest, value FROM states WHERE device_partition = ?1 AND key = ?2"));
  PLATEN_RETURN_IF_ERROR(
      prepare(counted_of_,
              base::StrCat("SELECT ",
                           kColumns,
                           ", digest, bytes FROM events WHERE counted AND device = ?1 "
                           "AND device_partition = ?2 ORDER BY id")));
  return prepare(scan_,
                 base::StrCat("SELECT ",
                              kColumns,
                              ", digest, bytes FROM events WHERE id > ?1 AND id <= ?2 "
                              "ORDER BY id LIMIT ?3"));
}

absl::Status SpoolStore::AddEvent(const SpoolRow& row) {
  return add_event_.Bind(1, row.id)
      .Bind(2, row.partition)
      .BindBlob(3, row.device)
      .Bind(4, row.counted ? 1 : 0)
      .Bind(5, static_cast<std::int64_t>(row.epoch))
      .Bind(6, static_cast<std::int64_t>(row.sequence))
      .BindText(7, row.route)
      .Bind(8, base::ToMillis(row.time))
      .Bind(9, DigestOf(row.bytes))
      .BindBlob(10, row.bytes)
      .Run();
}

absl::Status SpoolStore::DeleteEvent(std::int64_t id) {
  return delete_event_.Bind(1, id).Run();
}

absl::Status SpoolStore::ReplaceEvent(const SpoolRow& row) {
  PLATEN_ASSIGN_OR_RETURN(
      sqlite::Statement replace,
      database_->Prepare("UPDATE events SET counted = 0, digest = ?2, bytes = ?3 WHERE id = ?1"));
  return replace.Bind(1, row.id).Bind(2, DigestOf(row.bytes)).BindBlob(3, row.bytes).Run();
}

absl::Status SpoolStore::PutState(const SpoolState& state) {
  put_state_.Bind(1, state.partition)
      .BindBlob(2, state.key)
      .Bind(3, static_cast<std::int64_t>(state.term))
      .Bind(4, DigestOf(state.value.value_or("")));
  if (state.value.has_value()) {
    put_state_.BindBlob(5, *state.value);
  } else {
    put_state_.BindNull(5);
  }
  return put_state_.Run();
}

absl::Status SpoolStore::DeleteState(std::int32_t partition, std::string_view key) {
  return delete_state_.Bind(1, partition).BindBlob(2, key).Run();
}

absl::Status SpoolStore::PutGap(const SpoolGapRow& row) {
  PLATEN_ASSIGN_OR_RETURN(
      sqlite::Statement put,
      database_->Prepare("INSERT OR REPLACE INTO gaps VALUES(?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)"));
  const core::SpoolGap& gap = row.gap;
  return put.Bind(1, row.id)
      .Bind(2, gap.reason)
      .Bind(3, static_cast<std::int64_t>(gap.epoch))
      .Bind(4, gap.lane)
      .BindText(5, gap.route)
      .Bind(6, static_cast<std::int64_t>(gap.first))
      .Bind(7, static_cast<std::int64_t>(gap.last))
      .BindText(8, gap.detail)
      .Run();
}

absl::Status SpoolStore::DeleteGap(std::int64_t id) {
  PLATEN_ASSIGN_OR_RETURN(sqlite::Statement erase,
                          database_->Prepare("DELETE FROM gaps WHERE id = ?1"));
  return erase.Bind(1, id).Run();
}

absl::Status SpoolStore::Scan(event::v1::Lane lane,
                              std::int64_t after,
                              std::size_t limit,
                              bool with_bytes,
                              const std::function<bool(SpoolRow&)>& see) {
  const std::int64_t end = LaneBase(lane) + (std::int64_t{1} << kLaneShift) - 1;
  scan_.Bind(1, std::max(after, LaneBase(lane)))
      .Bind(2, end)
      .Bind(3, static_cast<std::int64_t>(limit));
  for (;;) {
    PLATEN_ASSIGN_OR_RETURN(const bool found, scan_.Step());
    if (!found) break;
    SpoolRow row = RowOf(scan_);
    if (with_bytes) {
      row.bytes = scan_.String(10);
      if (DigestOf(row.bytes) != scan_.Int(9)) row.bytes.clear();
    }
    if (!see(row)) break;
  }
  scan_.Reset();
  return absl::OkStatus();
}

absl::StatusOr<std::optional<SpoolState>> SpoolStore::ReadState(std::int32_t partition,
                                                                std::string_view key) {
  read_state_.Bind(1, partition).BindBlob(2, key);
  PLATEN_ASSIGN_OR_RETURN(const bool found, read_state_.Step());
  std::optional<SpoolState> state;
  if (found && DigestOf(read_state_.Bytes(2)) == read_state_.Int(1)) {
    state.emplace();
    state->partition = partition;
    state->key = std::string(key);
    state->term = static_cast<std::uint64_t>(read_state_.Int(0));
    if (!read_state_.IsNull(2)) state->value = read_state_.String(2);
    state->size = SpoolSizeOf(read_state_.Bytes(2).size());
  }
  read_state_.Reset();
  return state;
}

absl::StatusOr<std::vector<SpoolState>> SpoolStore::States() {
  PLATEN_ASSIGN_OR_RETURN(
      sqlite::Statement read,
      database_->Prepare("SELECT device_partition, key, term, ifnull(length(value), 0) "
                         "FROM states"));
  std::vector<SpoolState> states;
  for (;;) {
    PLATEN_ASSIGN_OR_RETURN(const bool found, read.Step());
    if (!found) return states;
    SpoolState& state = states.emplace_back();
    state.partition = static_cast<std::int32_t>(read.Int(0));
    state.key = read.String(1);
    state.term = static_cast<std::uint64_t>(read.Int(2));
    state.size = SpoolSizeOf(static_cast<std::uint64_t>(read.Int(3)));
  }
}

absl::StatusOr<std::vector<SpoolGapRow>> SpoolStore::Gaps() {
  PLATEN_ASSIGN_OR_RETURN(
      sqlite::Statement read,
      database_->Prepare("SELECT id, reason, epoch, lane, route, first, last, detail FROM gaps"));
  std::vector<SpoolGapRow> gaps;
  for (;;) {
    PLATEN_ASSIGN_OR_RETURN(const bool found, read.Step());
    if (!found) return gaps;
    SpoolGapRow& row = gaps.emplace_back();
    row.id = read.Int(0);
    row.gap.reason = static_cast<event::v1::Gap::Reason>(read.Int(1));
    row.gap.epoch = static_cast<std::uint64_t>(read.Int(2));
    row.gap.lane = static_cast<event::v1::Lane>(read.Int(3));
    row.gap.route = read.String(4);
    row.gap.first = static_cast<std::uint64_t>(read.Int(5));
    row.gap.last = static_cast<std::uint64_t>(read.Int(6));
    row.gap.detail = read.String(7);
  }
}

absl::StatusOr<std::vector<SpoolRow>> SpoolStore::CountedOf(std::int32_t partition,
                                                            std::string_view device,
                                                            std::uint64_t bytes_max) {
  counted_of_.BindBlob(1, device).Bind(2, partition);
  std::vector<SpoolRow> rows;
  for (std::uint64_t bytes = 0; bytes <= bytes_max;) {
    PLATEN_ASSIGN_OR_RETURN(const bool found, counted_of_.Step());
    if (!found) break;
    SpoolRow& row = rows.emplace_back(RowOf(counted_of_));
    row.bytes = counted_of_.String(10);
    if (DigestOf(row.bytes) != counted_of_.Int(9)) row.bytes.clear();
    bytes += row.size;
  }
  counted_of_.Reset();
  return rows;
}

absl::StatusOr<SpoolStore::LaneTotal> SpoolStore::Total(event::v1::Lane lane) {
  PLATEN_ASSIGN_OR_RETURN(
      sqlite::Statement read,
      database_->Prepare("SELECT count(*), ifnull(sum(length(bytes)), 0), ifnull(max(id), ?1) "
                         "FROM events WHERE id > ?1 AND id <= ?2"));
  read.Bind(1, LaneBase(lane)).Bind(2, LaneBase(lane) + (std::int64_t{1} << kLaneShift) - 1);
  PLATEN_ASSIGN_OR_RETURN(const bool found, read.Step());
  if (!found) return base::Error(absl::StatusCode::kDataLoss, "the spool can't be counted");
  LaneTotal total;
  total.records = static_cast<std::uint64_t>(read.Int(0));
  total.bytes = static_cast<std::uint64_t>(read.Int(1)) + total.records * kRowOverhead;
  total.last_id = read.Int(2);
  return total;
}

}  // namespace platen::collector::edge
