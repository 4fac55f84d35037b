// Reader's questions about alerts.
#include <charconv>
#include <utility>

#include "platen/event/v1/event.pb.h"

#include "libs/base/status.h"
#include "libs/event/timestamps.h"
#include "services/gateway/edge/query.h"
#include "services/gateway/edge/reader.h"

namespace platen::gateway::edge {
namespace {

namespace fleet = platen::fleet::v1;

constexpr char kAlertColumns[] =
    "SELECT a.tenant, a.site, d.id, a.open, a.raise_ms, a.end_ms, a.update_ms, a.update_seq,"
    " e.payload FROM (SELECT * FROM alerts";
// Alerts that a filter may pass over for one page.
constexpr std::int64_t kFilteredMax = 5000;
constexpr char kAlertJoins[] =
    ") a JOIN devices d ON d.number=a.device LEFT JOIN events e ON e.seq=a.update_seq";

fleet::AlertRecord FromRow(const Statement& row) {
  const auto device = base::DeviceId::FromBytes(row.Bytes(2));
  return MakeAlertRecord({row.String(0), row.String(1)},
                         device.ok() ? *device : base::DeviceId(),
                         row.Int(3) != 0,
                         row.Int(4),
                         row.Int(5),
                         row.Int(6),
                         row.Bytes(8));
}

// A cursor is "OPEN/POSITION" of the last alert.
absl::Status AddCursor(const std::string& after, Query& query) {
  if (after.empty()) return absl::OkStatus();
  std::int64_t position = 0;
  const char* end = after.data() + after.size();
  if (after.size() < 3 || (after[0] != '0' && after[0] != '1') || after[1] != '/' ||
      std::from_chars(after.data() + 2, end, position).ptr != end) {
    return base::InvalidArgument("page_token is damaged");
  }
  query.Where("(open, update_seq) < (?,?)", {std::int64_t{after[0] - '0'}, position});
  return absl::OkStatus();
}

}  // namespace

fleet::AlertRecord MakeAlertRecord(const core::Place& place,
                                   const base::DeviceId& device,
                                   bool open,
                                   std::int64_t raise_ms,
                                   std::int64_t end_ms,
                                   std::int64_t update_ms,
                                   std::string_view payload) {
  fleet::AlertRecord record;
  platen::event::v1::Event event;
  if (event.ParseFromArray(payload.data(), static_cast<int>(payload.size()))) {
    *record.mutable_alert() = std::move(*event.mutable_alert());
  }
  record.set_name(core::AlertName(place, device, record.alert().alert_id()));
  record.set_open(open);
  if (raise_ms != 0)
    *record.mutable_raise_time() = platen::event::ToProto(base::WallFromMillis(raise_ms));
  if (!open && end_ms != 0)
    *record.mutable_end_time() = platen::event::ToProto(base::WallFromMillis(end_ms));
  *record.mutable_update_time() = platen::event::ToProto(base::WallFromMillis(update_ms));
  return record;
}

absl::StatusOr<Page<fleet::AlertRecord>> Reader::ListAlerts(const AlertQuery& query) {
  Query sql(kAlertColumns);
  sql.InPlace(query.range.place, query.range.tenants);
  if (!query.device.is_none()) {
    sql.Where("device=(SELECT number FROM devices WHERE id=?)",
              {Query::Blob{std::string(query.device.bytes())}});
  }
  if (query.open_only) sql.Where("open=1");
  PLATEN_RETURN_IF_ERROR(AddCursor(query.range.after, sql));
  const std::int64_t most = query.filter.has_value() ? kFilteredMax : query.range.limit;
  sql.Append(" ORDER BY open DESC, update_seq DESC LIMIT ?", {most + 1})
      .Append(kAlertJoins)
      .Append(" ORDER BY a.open DESC, a.update_seq DESC");
  PLATEN_ASSIGN_OR_RETURN(Statement rows, sql.Prepare(*database_));
  Page<fleet::AlertRecord> page;
  std::string cursor;
  for (std::int64_t seen = 0;; ++seen) {
    PLATEN_ASSIGN_OR_RETURN(const bool row, rows.Step());
    if (!row) return page;
    if (seen == most || page.items.size() == static_cast<std::size_t>(query.range.limit)) {
      page.next = cursor;
      return page;
    }
    fleet::AlertRecord record = FromRow(rows);
    if (!query.filter.has_value() || query.filter->Matches(record)) {
      page.items.push_back(std::move(record));
    }
    cursor = base::StrCat(rows.Int(3), "/", rows.Int(7));
  }
}

absl::StatusOr<std::int64_t> Reader::CountOpenAlerts(const Range& range) {
  Query query("SELECT count(*) FROM alerts");
  query.Where("open=1").InPlace(range.place, range.tenants);
  PLATEN_ASSIGN_OR_RETURN(Statement rows, query.Prepare(*database_));
  PLATEN_RETURN_IF_ERROR(rows.Step().status());
  return rows.Int(0);
}

absl::StatusOr<std::vector<Reader::PositionedAlert>> Reader::AlertsAfter(const Range& range,
                                                                         std::int64_t position,
                                                                         bool open_only) {
  Query query(kAlertColumns);
  // Both values of `open` are named so that the one index on (open, update_seq) serves.
  query.Where(open_only ? "open=1 AND update_seq>?" : "open IN (0, 1) AND update_seq>?", {position})
      .InPlace(range.place, range.tenants);
  query.Append(" ORDER BY update_seq LIMIT ?", {std::int64_t{range.limit}})
      .Append(kAlertJoins)
      .Append(" ORDER BY a.update_seq");
  PLATEN_ASSIGN_OR_RETURN(Statement rows, query.Prepare(*database_));
  std::vector<PositionedAlert> alerts;
  while (true) {
    PLATEN_ASSIGN_OR_RETURN(const bool row, rows.Step());
    if (!row) return alerts;
    alerts.push_back({.position = rows.Int(7), .record = FromRow(rows)});
  }
}

absl::StatusOr<std::int64_t> Reader::LastPosition() {
  PLATEN_ASSIGN_OR_RETURN(const auto last, database_->QueryInt("SELECT max(seq) FROM events"));
  return last.value_or(0);
}

}  // namespace platen::gateway::edge
