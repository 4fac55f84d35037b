// Reader's questions about meter readings, and what the store says of itself.
#include <utility>

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

// 22: meter_reading, 29: device_snapshot (events_meters, schema.cc).
constexpr char kReadingColumns[] =
    "SELECT d.tenant, d.site, d.id, d.serial_number, d.model, e.seq, e.id, e.receipt_ms, e.payload"
    " FROM ";

// False where the event is a snapshot without meters.
bool MakeReading(const Statement& row, fleet::MeterReadingRecord& record) {
  const auto device = base::DeviceId::FromBytes(row.Bytes(2));
  record.set_device(
      core::DeviceName({row.String(0), row.String(1)}, device.ok() ? *device : base::DeviceId()));
  record.set_serial_number(row.String(3));
  record.set_model(row.String(4));
  record.set_event_id(base::HexEncode(row.Bytes(6)));
  *record.mutable_receipt_time() = platen::event::ToProto(base::WallFromMillis(row.Int(7)));
  ev::Event event;
  if (!event.ParseFromString(row.String(8))) return false;
  ev::MeterReading& reading = *record.mutable_reading();
  if (!event.has_device_snapshot()) {
    reading = std::move(*event.mutable_meter_reading());
    return true;
  }
  ev::DeviceSnapshot& snapshot = *event.mutable_device_snapshot();
  reading.set_set(ev::METER_SET_BILLING);
  *reading.mutable_meters() = std::move(*snapshot.mutable_meters());
  *reading.mutable_read_time() = snapshot.read_time();
  reading.set_profile(snapshot.profile());
  return !reading.meters().empty();
}

void AddTimes(const MeterQuery& query, Query& sql) {
  if (query.start_ms.has_value()) sql.Where("e.observation_ms>=?", {*query.start_ms});
  if (query.end_ms.has_value()) sql.Where("e.observation_ms<?", {*query.end_ms});
}

}  // namespace

absl::StatusOr<Page<fleet::MeterReadingRecord>> Reader::ListMeterReadings(const MeterQuery& query) {
  if (query.latest_only) return ListLatestReadings(query);
  Query sql(kReadingColumns);
  sql.Append("events e JOIN devices d ON d.number=e.device");
  sql.Where(kMeterEvents);
  PLATEN_ASSIGN_OR_RETURN(const std::string further, WhereEvents(query.range, query.device, sql));
  AddTimes(query, sql);
  sql.Append(" ORDER BY e.seq DESC LIMIT ?", {std::int64_t{query.range.limit} + 1});
  PLATEN_ASSIGN_OR_RETURN(Statement rows, sql.Prepare(*database_));
  Page<fleet::MeterReadingRecord> page;
  std::int64_t seq = 0;
  for (int taken = 0;; ++taken) {
    PLATEN_ASSIGN_OR_RETURN(const bool row, rows.Step());
    if (!row) break;
    if (taken == query.range.limit) {
      page.next = std::to_string(seq);
      return page;
    }
    seq = rows.Int(5);
    if (!MakeReading(rows, page.items.emplace_back())) page.items.pop_back();
  }
  page.next = further;
  return page;
}

absl::StatusOr<Page<fleet::MeterReadingRecord>> Reader::ListLatestReadings(
    const MeterQuery& query) {
  Query sql(kReadingColumns);
  sql.Append("devices d JOIN events e ON e.seq=d.meters_seq");
  if (query.device.is_none()) sql.Where("d.merged_into=0");
  sql.InPlace(query.range.place, query.range.tenants);
  if (!query.device.is_none()) {
    sql.Where("d.id=?", {Query::Blob{std::string(query.device.bytes())}});
  }
  AddTimes(query, sql);
  if (!query.range.after.empty()) {
    PLATEN_ASSIGN_OR_RETURN(
        const core::DevicePlace last,
        core::ParseDevicePlace(query.range.after, "devices", core::Wildcards::kRefused));
    sql.Where("(d.tenant, d.site, d.id) > (?,?,?)",
              {last.place.tenant, last.place.site, Query::Blob{std::string(last.device.bytes())}});
  }
  sql.Append(" ORDER BY d.tenant, d.site, d.id LIMIT ?", {std::int64_t{query.range.limit} + 1});
  PLATEN_ASSIGN_OR_RETURN(Statement rows, sql.Prepare(*database_));
  Page<fleet::MeterReadingRecord> page;
  while (true) {
    PLATEN_ASSIGN_OR_RETURN(const bool row, rows.Step());
    if (!row) return page;
    if (page.items.size() == static_cast<std::size_t>(query.range.limit)) {
      page.next = page.items.back().device();
      return page;
    }
    if (!MakeReading(rows, page.items.emplace_back())) page.items.pop_back();
  }
}

absl::StatusOr<std::unique_ptr<Reader>> Reader::Open(const std::string& file) {
  PLATEN_ASSIGN_OR_RETURN(std::unique_ptr<Database> database,
                          Database::Open(file, {.read_only = true, .named_by = kStoreOption}));
  return std::unique_ptr<Reader>(new Reader(std::move(database)));
}

absl::StatusOr<std::string> Reader::StoreId() {
  PLATEN_ASSIGN_OR_RETURN(Statement find,
                          database_->Prepare("SELECT value FROM meta WHERE name='store_id'"));
  PLATEN_RETURN_IF_ERROR(find.Step().status());
  return base::HexEncode(find.Bytes(0));
}

absl::StatusOr<std::int64_t> Reader::DatabaseBytes() {
  PLATEN_ASSIGN_OR_RETURN(const auto pages, database_->QueryInt("PRAGMA page_count"));
  PLATEN_ASSIGN_OR_RETURN(const auto bytes, database_->QueryInt("PRAGMA page_size"));
  return pages.value_or(0) * bytes.value_or(0);
}

}  // namespace platen::gateway::edge
