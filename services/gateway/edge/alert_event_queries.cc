// Reader's question about events of alerts in the order of the ledger.
#include <algorithm>

#include "platen/event/v1/event.pb.h"

#include "libs/base/status.h"
#include "libs/event/timestamps.h"
#include "services/gateway/edge/query.h"
#include "services/gateway/edge/reader.h"

namespace platen::gateway::edge {
namespace {

namespace fleet = platen::fleet::v1;

// How far one call looks, for most events are readings: a page may end early, and the next call
// goes on.
constexpr std::int64_t kEventsLookedAtMax = 50'000;

}  // namespace

absl::StatusOr<std::int64_t> Reader::FirstPositionSince(std::int64_t receipt_ms) {
  PLATEN_ASSIGN_OR_RETURN(const std::int64_t last, LastPosition());
  std::int64_t low = 1;
  std::int64_t high = last + 1;
  while (low < high) {
    const std::int64_t middle = low + (high - low) / 2;
    PLATEN_ASSIGN_OR_RETURN(
        Statement row,
        database_->Prepare("SELECT seq, receipt_ms FROM events WHERE seq>=? ORDER BY seq LIMIT 1"));
    row.Bind(1, middle);
    PLATEN_ASSIGN_OR_RETURN(const bool found, row.Step());
    if (!found || row.Int(1) >= receipt_ms) {
      high = middle;
    } else {
      low = row.Int(0) + 1;
    }
  }
  return low;
}

absl::StatusOr<Page<fleet::DeviceHistoryRecord>> Reader::ListAlertEvents(
    const AlertEventQuery& query) {
  std::int64_t first = 0;
  if (query.range.after.empty()) {
    PLATEN_ASSIGN_OR_RETURN(first, FirstPositionSince(query.start_ms));
  } else {
    PLATEN_ASSIGN_OR_RETURN(const std::int64_t after, ParsePosition(query.range.after));
    first = after + 1;
  }
  PLATEN_ASSIGN_OR_RETURN(const std::int64_t last, LastPosition());
  const std::int64_t behind = std::min(last, first + kEventsLookedAtMax - 1);
  Query sql(
      "SELECT d.tenant, d.site, d.id, d.serial_number, d.model, e.seq, e.receipt_ms, e.payload"
      " FROM events e CROSS JOIN devices d ON d.number=e.device");
  sql.Where("e.seq>=?", {first})
      .Where("e.seq<=?", {behind})
      .Where("e.kind=?", {std::int64_t{platen::event::v1::Event::kAlert}})
      .Where("e.receipt_ms<?", {query.end_ms});
  sql.InPlace(query.range.place, query.range.tenants).Append(" ORDER BY e.seq");
  PLATEN_ASSIGN_OR_RETURN(Statement rows, sql.Prepare(*database_));
  Page<fleet::DeviceHistoryRecord> page;
  std::int64_t seq = 0;
  while (true) {
    PLATEN_ASSIGN_OR_RETURN(const bool row, rows.Step());
    if (!row) break;
    if (page.items.size() == static_cast<std::size_t>(query.range.limit)) {
      page.next = std::to_string(seq);
      return page;
    }
    seq = rows.Int(5);
    fleet::DeviceHistoryRecord& record = page.items.emplace_back();
    const auto device = base::DeviceId::FromBytes(rows.Bytes(2));
    record.set_device(core::DeviceName({rows.String(0), rows.String(1)},
                                       device.ok() ? *device : base::DeviceId()));
    record.set_serial_number(rows.String(3));
    record.set_model(rows.String(4));
    *record.mutable_receipt_time() = platen::event::ToProto(base::WallFromMillis(rows.Int(6)));
    if (!record.mutable_event()->ParseFromString(rows.String(7))) page.items.pop_back();
  }
  if (behind < last) page.next = std::to_string(behind);
  return page;
}

}  // namespace platen::gateway::edge
