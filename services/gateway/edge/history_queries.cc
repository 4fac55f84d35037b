// Reader's question about what became of devices, and where questions about events look.
#include "platen/event/v1/event.pb.h"

#include "libs/base/status.h"
#include "libs/event/timestamps.h"
#include "services/gateway/edge/query.h"
#include "services/gateway/edge/reader.h"
#include "services/gateway/edge/schema.h"

namespace platen::gateway::edge {
namespace {

namespace ev = platen::event::v1;
namespace fleet = platen::fleet::v1;

// How far back one call looks: a page may end early, and the next call goes on.
constexpr std::int64_t kEventsLookedAtMax = 50'000;

// Events `e` of a device and of those that were merged into it; binds its id twice.
constexpr char kWithMerged[] =
    "e.device IN (SELECT number FROM devices WHERE id=? UNION ALL SELECT number FROM devices WHERE"
    " merged_into<>0 AND merged_into=(SELECT number FROM devices WHERE id=?))";

}  // namespace

absl::StatusOr<std::string> Reader::WhereEvents(const Range& range,
                                                const base::DeviceId& device,
                                                Query& sql) {
  PLATEN_ASSIGN_OR_RETURN(const std::int64_t before, ParsePosition(range.after));
  sql.InPlace(range.place, range.tenants).Where("e.seq<?", {before});
  PLATEN_ASSIGN_OR_RETURN(const std::int64_t last, LastPosition());
  const std::int64_t from = std::min(before, last + 1) - kEventsLookedAtMax;
  if (device.is_none()) {
    sql.Where("e.seq>=?", {from});
    return from > 1 ? std::to_string(from) : std::string();
  }
  const Query::Blob id{std::string(device.bytes())};
  sql.Where(kWithMerged, {id, id});
  return std::string();
}

absl::StatusOr<Page<fleet::DeviceHistoryRecord>> Reader::ListDeviceHistory(
    const HistoryQuery& query) {
  Query sql(
      "SELECT d.tenant, d.site, d.id, d.serial_number, d.model, e.seq, e.receipt_ms, e.payload,"
      " e.kind FROM events e JOIN devices d ON d.number=e.device");
  sql.Where(kHistoryEvents);
  PLATEN_ASSIGN_OR_RETURN(const std::string further, WhereEvents(query.range, query.device, sql));
  sql.Append(" ORDER BY e.seq DESC");
  PLATEN_ASSIGN_OR_RETURN(Statement rows, sql.Prepare(*database_));
  Page<fleet::DeviceHistoryRecord> page;
  std::int64_t seq = 0;
  while (true) {
    PLATEN_ASSIGN_OR_RETURN(const bool row, rows.Step());
    if (!row) break;
    const bool wanted = query.kinds.empty() || query.kinds.contains(static_cast<int>(rows.Int(8)));
    if (wanted && page.items.size() == static_cast<std::size_t>(query.range.limit)) {
      page.next = std::to_string(seq);
      return page;
    }
    seq = rows.Int(5);
    if (!wanted) continue;
    fleet::DeviceHistoryRecord& record = page.items.emplace_back();
    const auto device = base::DeviceId::FromBytes(rows.Bytes(2));
    record.set_device(core::DeviceName({rows.String(0), rows.String(1)},
                                       device.ok() ? *device : base::DeviceId()));
    record.set_serial_number(rows.String(3));
    record.set_model(rows.String(4));
    *record.mutable_receipt_time() = platen::event::ToProto(base::WallFromMillis(rows.Int(6)));
    if (!record.mutable_event()->ParseFromString(rows.String(7))) page.items.pop_back();
  }
  page.next = further;
  return page;
}

}  // namespace platen::gateway::edge
