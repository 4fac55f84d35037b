// Reader's questions about devices.
#include <utility>

#include "platen/event/v1/event.pb.h"

#include "libs/base/status.h"
#include "libs/event/timestamps.h"
#include "services/gateway/edge/query.h"
#include "services/gateway/edge/reader.h"

namespace platen::gateway::edge {
namespace {

namespace ev = platen::event::v1;
namespace fleet = platen::fleet::v1;

constexpr char kDeviceColumns[] =
    "SELECT id, tenant, site, display_name, customer, location, address, state, total, open_alerts,"
    " create_ms, update_ms, seen_ms, meters_ms, identity_seq, firmware_seq, status_seq, meters_seq,"
    " supplies_seq, serial_number, model,"
    " (SELECT m.id FROM devices m WHERE m.number=devices.merged_into) FROM devices";
constexpr int kFirstSeqColumn = 14;
constexpr int kSeqColumns = 5;
constexpr int kMergedIntoColumn = 21;

enum Part { kIdentity, kFirmware, kStatus, kMeters, kSupplies };

void AddFilter(const core::DeviceFilter& filter, Query& query) {
  if (filter.serial_number.has_value()) query.Where("serial_number=?", {*filter.serial_number});
  if (filter.model.has_value()) query.Where("model=?", {*filter.model});
  if (filter.address.has_value()) query.Where("address=?", {*filter.address});
  if (filter.state.has_value()) query.Where("state=?", {std::int64_t{*filter.state}});
  for (const std::string& text : filter.texts) {
    query.Where(
        "instr(lower(serial_number||char(10)||model||char(10)||address||char(10)||display_name||"
        "char(10)||customer||char(10)||location), lower(?))>0",
        {text});
  }
}

// Takes from `event` the part of a device that it is known to hold: a reading of its own, or a full
// snapshot.
void TakePart(Part part, const ev::Event& event, fleet::Device& device) {
  const bool whole = event.has_device_snapshot();
  switch (part) {
    case kIdentity:
      *device.mutable_identity() =
          whole ? event.device_snapshot().identity() : event.identity_report().identity();
      return;
    case kFirmware:
      *device.mutable_identity()->mutable_firmware() = event.firmware_reading().versions();
      return;
    case kStatus:
      *device.mutable_status() =
          whole ? event.device_snapshot().status() : event.status_change().status();
      return;
    case kMeters:
      *device.mutable_meters() =
          whole ? event.device_snapshot().meters() : event.meter_reading().meters();
      return;
    case kSupplies:
      *device.mutable_supplies() =
          whole ? event.device_snapshot().supplies() : event.supply_reading().supplies();
      return;
  }
}

void SetTime(std::int64_t millis, google::protobuf::Timestamp* time) {
  *time = platen::event::ToProto(base::WallFromMillis(millis));
}

// What stands in the row itself.
fleet::Device FromRow(const Statement& row) {
  fleet::Device device;
  const core::Place place{row.String(1), row.String(2)};
  if (const auto id = base::DeviceId::FromBytes(row.Bytes(0)); id.ok()) {
    device.set_name(core::DeviceName(place, *id));
    device.set_uid(id->ToHex());
  }
  device.set_display_name(row.String(3));
  device.set_customer(row.String(4));
  device.set_location(row.String(5));
  device.set_address(row.String(6));
  device.set_state(static_cast<fleet::Device::State>(row.Int(7)));
  if (!row.IsNull(8)) device.set_total_impressions(static_cast<std::uint64_t>(row.Int(8)));
  device.set_open_alerts(static_cast<std::int32_t>(row.Int(9)));
  SetTime(row.Int(10), device.mutable_create_time());
  if (row.Int(11) != 0) SetTime(row.Int(11), device.mutable_update_time());
  if (row.Int(12) != 0) SetTime(row.Int(12), device.mutable_last_seen_time());
  if (row.Int(13) != 0) SetTime(row.Int(13), device.mutable_meters_read_time());
  if (const auto into = base::DeviceId::FromBytes(row.Bytes(kMergedIntoColumn)); into.ok()) {
    device.set_merged_into(core::DeviceName(place, *into));
  }
  return device;
}

constexpr char kLineColumns[] =
    "SELECT id, tenant, site, display_name, model, serial_number, address, location, state,"
    " total, supplies_low, open_alerts, seen_ms FROM devices";

DeviceLine LineOf(const Statement& row) {
  DeviceLine line{.id = base::HexEncode(row.Bytes(0)),
                  .tenant = row.String(1),
                  .site = row.String(2),
                  .display_name = row.String(3),
                  .model = row.String(4),
                  .serial_number = row.String(5),
                  .address = row.String(6),
                  .location = row.String(7),
                  .state = static_cast<fleet::Device::State>(row.Int(8)),
                  .supplies_low = static_cast<int>(row.Int(10)),
                  .open_alerts = static_cast<int>(row.Int(11)),
                  .seen_ms = row.Int(12)};
  if (!row.IsNull(9)) line.total = row.Int(9);
  return line;
}

}  // namespace

absl::StatusOr<std::string> Reader::Payload(std::int64_t seq) {
  PLATEN_ASSIGN_OR_RETURN(Statement find,
                          database_->Prepare("SELECT payload FROM events WHERE seq=?"));
  find.Bind(1, seq);
  PLATEN_ASSIGN_OR_RETURN(const bool row, find.Step());
  return row ? find.String(0) : std::string();
}

absl::StatusOr<fleet::Device> Reader::MakeDevice(const Statement& row) {
  fleet::Device device = FromRow(row);
  ev::Event event;
  std::int64_t parsed = 0;
  // A snapshot stands for several parts at once: parse it once.
  for (int i = 0; i < kSeqColumns; ++i) {
    const std::int64_t seq = row.Int(kFirstSeqColumn + i);
    if (seq == 0) continue;
    // Firmware read before the identity is part of it already.
    if (i == kFirmware && seq < row.Int(kFirstSeqColumn + kIdentity)) continue;
    if (seq != parsed) {
      PLATEN_ASSIGN_OR_RETURN(const std::string payload, Payload(seq));
      if (!event.ParseFromString(payload)) continue;
      parsed = seq;
    }
    TakePart(static_cast<Part>(i), event, device);
  }
  return device;
}

absl::StatusOr<fleet::Device> Reader::GetDevice(const core::Place& place,
                                                const base::DeviceId& device) {
  Query query(kDeviceColumns);
  query.Where("id=?", {Query::Blob{std::string(device.bytes())}}).InPlace(place, {});
  PLATEN_ASSIGN_OR_RETURN(Statement rows, query.Prepare(*database_));
  PLATEN_ASSIGN_OR_RETURN(const bool row, rows.Step());
  if (!row) return base::NotFound("there is no device ", core::DeviceName(place, device));
  return MakeDevice(rows);
}

absl::StatusOr<Page<fleet::Device>> Reader::ListDevices(const Range& range,
                                                        const core::DeviceFilter& filter) {
  Query query(kDeviceColumns);
  query.Where("merged_into=0").InPlace(range.place, range.tenants);
  AddFilter(filter, query);
  PLATEN_RETURN_IF_ERROR(query.AfterName(range.after, "devices"));
  query.Append(" ORDER BY tenant, site, id LIMIT ?", {std::int64_t{range.limit} + 1});
  PLATEN_ASSIGN_OR_RETURN(Statement rows, query.Prepare(*database_));
  return ReadNamedPage(rows, range.limit, [this](const Statement& row) { return MakeDevice(row); });
}

absl::StatusOr<std::int64_t> Reader::CountDevices(const Range& range,
                                                  const core::DeviceFilter& filter) {
  Query query("SELECT count(*) FROM devices");
  query.Where("merged_into=0").InPlace(range.place, range.tenants);
  AddFilter(filter, query);
  PLATEN_ASSIGN_OR_RETURN(Statement rows, query.Prepare(*database_));
  PLATEN_RETURN_IF_ERROR(rows.Step().status());
  return rows.Int(0);
}

absl::StatusOr<std::vector<DeviceLine>> Reader::ListDeviceLines(const Range& range) {
  Query query(kLineColumns);
  query.Where("merged_into=0")
      .InPlace(range.place, range.tenants)
      .Append(" ORDER BY tenant, site, id LIMIT ?", {std::int64_t{range.limit}});
  PLATEN_ASSIGN_OR_RETURN(Statement rows, query.Prepare(*database_));
  std::vector<DeviceLine> lines;
  while (true) {
    PLATEN_ASSIGN_OR_RETURN(const bool row, rows.Step());
    if (!row) return lines;
    lines.push_back(LineOf(rows));
  }
}

absl::StatusOr<std::optional<DeviceLine>> Reader::FindDeviceLine(const base::DeviceId& device) {
  Query query(kLineColumns);
  query.Where("id=?", {Query::Blob{std::string(device.bytes())}});
  PLATEN_ASSIGN_OR_RETURN(Statement rows, query.Prepare(*database_));
  PLATEN_ASSIGN_OR_RETURN(const bool row, rows.Step());
  if (!row) return std::nullopt;
  return LineOf(rows);
}

absl::StatusOr<std::map<int, std::int64_t>> Reader::CountStates(const Range& range) {
  Query query("SELECT state, count(*) FROM devices");
  query.Where("merged_into=0").InPlace(range.place, range.tenants).Append(" GROUP BY state");
  PLATEN_ASSIGN_OR_RETURN(Statement rows, query.Prepare(*database_));
  std::map<int, std::int64_t> states;
  while (true) {
    PLATEN_ASSIGN_OR_RETURN(const bool row, rows.Step());
    if (!row) return states;
    states[static_cast<int>(rows.Int(0))] = rows.Int(1);
  }
}

}  // namespace platen::gateway::edge
