#include "services/gateway/edge/device_rows.h"

#include "libs/base/status.h"
#include "libs/event/identity.h"
#include "libs/event/lanes.h"
#include "libs/event/timestamps.h"

namespace platen::gateway::edge {
namespace {

namespace ev = platen::event::v1;
namespace fleet = platen::fleet::v1;

constexpr char kColumns[] =
    "SELECT d.number, d.id, d.place, d.tenant, d.site, d.address, d.merged_into, d.meters_seq,"
    " t.record, d.serial_key, d.model, d.macs, d.reachability"
    " FROM devices d LEFT JOIN targets t ON t.device=d.number WHERE ";

absl::StatusOr<DeviceRow> FromRow(const Statement& row) {
  DeviceRow device;
  device.number = row.Int(0);
  PLATEN_ASSIGN_OR_RETURN(device.id, base::DeviceId::FromBytes(row.Bytes(1)));
  device.place_number = row.Int(2);
  device.place = {row.String(3), row.String(4)};
  device.address = row.String(5);
  device.merged_into = row.Int(6);
  device.meters_seq = row.Int(7);
  device.has_target = !row.IsNull(8);
  device.evidence = {.serial_key = row.String(9), .model = row.String(10), .macs = row.String(11)};
  const auto reachability = static_cast<ev::Reachability>(row.Int(12));
  device.evidence.answers =
      device.has_target &&
      (reachability == ev::REACHABILITY_UNSPECIFIED || reachability == ev::REACHABILITY_REACHABLE ||
       reachability == ev::REACHABILITY_ASLEEP || reachability == ev::REACHABILITY_SUSPECT);
  fleet::Target target;
  if (device.has_target && target.ParseFromString(row.String(8))) {
    device.evidence.fixed = target.address_is_fixed();
  }
  return device;
}

}  // namespace

absl::StatusOr<DeviceRow> FindDevice(Database& database, const core::DevicePlace& name) {
  PLATEN_ASSIGN_OR_RETURN(
      Statement find,
      database.Prepare(base::StrCat(kColumns, "d.id=? AND d.tenant=? AND d.site=?")));
  find.BindBlob(1, name.device.bytes()).BindText(2, name.place.tenant).BindText(3, name.place.site);
  PLATEN_ASSIGN_OR_RETURN(const bool row, find.Step());
  if (!row) return base::NotFound("there is no device ", core::DeviceName(name.place, name.device));
  return FromRow(find);
}

absl::StatusOr<DeviceRow> FindDevice(Database& database, core::DeviceNumber number) {
  PLATEN_ASSIGN_OR_RETURN(Statement find, database.Prepare(base::StrCat(kColumns, "d.number=?")));
  find.Bind(1, number);
  PLATEN_ASSIGN_OR_RETURN(const bool row, find.Step());
  if (!row) return base::NotFound("there is no device number ", number);
  return FromRow(find);
}

absl::StatusOr<fleet::Target> FindTarget(Database& database, const DeviceRow& device) {
  PLATEN_ASSIGN_OR_RETURN(Statement find,
                          database.Prepare("SELECT record FROM targets WHERE device=?"));
  find.Bind(1, device.number);
  PLATEN_ASSIGN_OR_RETURN(const bool row, find.Step());
  if (!row) {
    return base::NotFound("there is no target ", core::TargetName(device.place, device.id));
  }
  fleet::Target target;
  if (!target.ParseFromString(find.String(0))) {
    return absl::DataLossError("a stored target does not parse: the store is damaged");
  }
  return target;
}

namespace {

absl::StatusOr<base::EventId> Insert(Database& database,
                                     core::DeviceNumber device,
                                     core::PlaceNumber place,
                                     ev::Event& event,
                                     std::int64_t now_ms) {
  event.set_lane(platen::event::LaneOf(event.body_case()));
  event.mutable_source()->set_instance("gateway");
  const auto now = platen::event::ToProto(base::WallFromMillis(now_ms));
  *event.mutable_observation_time() = now;
  *event.mutable_receipt_time() = now;
  PLATEN_ASSIGN_OR_RETURN(const base::EventId id, platen::event::DeriveId(event));
  event.set_id(std::string(id.bytes()));
  const std::string payload = event.SerializeAsString();
  PLATEN_ASSIGN_OR_RETURN(
      Statement add,
      database.Prepare("INSERT OR IGNORE INTO events(id, device, place, lane, kind, occurrence_ms,"
                       " observation_ms, receipt_ms, payload) VALUES(?,?,?,?,?,?,?,?,?)"));
  add.BindBlob(1, id.bytes())
      .Bind(2, device)
      .Bind(3, place)
      .Bind(4, event.lane())
      .Bind(5, event.body_case())
      .Bind(6, base::ToMillis(platen::event::FromProto(event.occurrence_time())))
      .Bind(7, now_ms)
      .Bind(8, now_ms)
      .BindBlob(9, payload);
  PLATEN_RETURN_IF_ERROR(add.Run());
  return id;
}

}  // namespace

absl::Status AddOwnEvent(Database& database, ev::Event event, std::int64_t now_ms) {
  return Insert(database, /*device=*/0, /*place=*/0, event, now_ms).status();
}

absl::StatusOr<base::EventId> AddEvent(Database& database,
                                       const DeviceRow& device,
                                       ev::Event body,
                                       std::int64_t now_ms) {
  body.set_tenant(device.place.tenant);
  body.set_site(device.place.site);
  body.set_device_id(std::string(device.id.bytes()));
  return Insert(database, device.number, device.place_number, body, now_ms);
}

}  // namespace platen::gateway::edge
