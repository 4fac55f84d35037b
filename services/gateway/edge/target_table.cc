#include "services/gateway/edge/target_table.h"

#include <optional>

#include "platen/ingest/v1/ingest.pb.h"

#include "libs/base/sha256.h"
#include "libs/base/status.h"
#include "libs/event/serial_number.h"
#include "libs/event/timestamps.h"
#include "services/gateway/core/target_check.h"
#include "services/gateway/edge/directive_table.h"

namespace platen::gateway::edge {
namespace {

namespace fleet = platen::fleet::v1;
namespace ingest = platen::ingest::v1;

constexpr std::int64_t kRequestLifeMs = 7LL * 24 * 3600 * 1000;

// What a repeated request_id must repeat.
std::string Fingerprint(const Registration& registration) {
  return base::Sha256String(core::PlaceName(registration.place) + '\0' +
                            registration.target.SerializeAsString());
}

absl::StatusOr<core::PlaceNumber> NumberOf(Database& database, const core::Place& place) {
  PLATEN_ASSIGN_OR_RETURN(
      Statement add, database.Prepare("INSERT OR IGNORE INTO places(tenant, site) VALUES(?,?)"));
  add.BindText(1, place.tenant).BindText(2, place.site);
  PLATEN_RETURN_IF_ERROR(add.Run());
  PLATEN_ASSIGN_OR_RETURN(Statement find,
                          database.Prepare("SELECT number FROM places WHERE tenant=? AND site=?"));
  find.BindText(1, place.tenant).BindText(2, place.site);
  PLATEN_RETURN_IF_ERROR(find.Step().status());
  return find.Int(0);
}

// Absent where this request was not made before.
absl::StatusOr<std::optional<Registered>> FindRequest(Database& database,
                                                      const Registration& registration) {
  if (registration.request_key.empty()) return std::nullopt;
  PLATEN_ASSIGN_OR_RETURN(
      Statement find,
      database.Prepare("SELECT r.fingerprint, r.device, t.record FROM requests r"
                       " LEFT JOIN targets t ON t.id = r.device WHERE r.request_id=?"));
  find.BindText(1, registration.request_key);
  PLATEN_ASSIGN_OR_RETURN(const bool row, find.Step());
  if (!row) return std::nullopt;
  if (find.Bytes(0) != Fingerprint(registration)) {
    return base::InvalidArgument("request_id was used for another target: take a fresh UUID");
  }
  Registered registered{.place = registration.place, .fresh = false};
  PLATEN_ASSIGN_OR_RETURN(registered.device, base::DeviceId::FromBytes(find.Bytes(1)));
  if (find.IsNull(2) || !registered.target.ParseFromString(find.String(2))) {
    return base::NotFound("the target of this request_id was removed meanwhile");
  }
  return registered;
}

// `except`: the device that may have the address and serial number; 0: none.
absl::Status CheckFree(Database& database,
                       const Registration& registration,
                       core::DeviceNumber except) {
  const fleet::Target& target = registration.target;
  // Two looks, each with an index of its own: an OR of both would read all targets of the site.
  PLATEN_ASSIGN_OR_RETURN(
      Statement find,
      database.Prepare("SELECT id, 1 FROM targets WHERE tenant=?1 AND site=?2 AND address=?3 AND"
                       " port=?4 AND device<>?6 UNION ALL SELECT id, 0 FROM targets WHERE"
                       " tenant=?1 AND site=?2 AND expected_serial=?5 AND expected_serial<>'' AND"
                       " device<>?6"));
  find.BindText(1, registration.place.tenant)
      .BindText(2, registration.place.site)
      .BindText(3, target.address())
      .Bind(4, target.snmp().port())
      .BindText(5, target.expected_serial())
      .Bind(6, except);
  PLATEN_ASSIGN_OR_RETURN(const bool row, find.Step());
  if (!row) return absl::OkStatus();
  return base::Error(absl::StatusCode::kAlreadyExists,
                     find.Int(1) != 0 ? "address " + target.address()
                                      : "serial number " + target.expected_serial(),
                     " is registered at ",
                     core::PlaceName(registration.place),
                     " as target ",
                     base::HexEncode(find.Bytes(0)));
}

absl::StatusOr<core::DeviceNumber> InsertDevice(Database& database,
                                                const Registration& registration,
                                                core::PlaceNumber place,
                                                std::int64_t now_ms) {
  PLATEN_ASSIGN_OR_RETURN(
      Statement add,
      database.Prepare("INSERT INTO devices(id, place, tenant, site, address, display_name,"
                       " customer, location, create_ms) VALUES(?,?,?,?,?,?,?,?,?)"));
  const fleet::Target& target = registration.target;
  add.BindBlob(1, registration.device.bytes())
      .Bind(2, place)
      .BindText(3, registration.place.tenant)
      .BindText(4, registration.place.site)
      .BindText(5, target.address())
      .BindText(6, target.display_name())
      .BindText(7, target.customer())
      .BindText(8, target.location())
      .Bind(9, now_ms);
  PLATEN_RETURN_IF_ERROR(add.Run());
  return database.last_insert_rowid();
}

absl::Status InsertTarget(Database& database,
                          const core::Place& place,
                          const base::DeviceId& device,
                          core::DeviceNumber device_number,
                          const fleet::Target& target,
                          std::int64_t directive,
                          std::int64_t now_ms) {
  PLATEN_ASSIGN_OR_RETURN(
      Statement add,
      database.Prepare("INSERT INTO targets(device, id, tenant, site, address, port,"
                       " expected_serial, installation, directive, create_ms, update_ms, record)"
                       " VALUES(?,?,?,?,?,?,?,?,?,?,?,?)"));
  const std::string record = target.SerializeAsString();
  add.Bind(1, device_number)
      .BindBlob(2, device.bytes())
      .BindText(3, place.tenant)
      .BindText(4, place.site)
      .BindText(5, target.address())
      .Bind(6, target.snmp().port())
      .BindText(7, target.expected_serial())
      .BindText(8, target.installation())
      .Bind(9, directive)
      .Bind(10, now_ms)
      .Bind(11, now_ms)
      .BindBlob(12, record);
  return add.Run();
}

// The order for a target, with what a person has ordered about the device's epochs.
absl::StatusOr<std::int64_t> AddOrder(Database& database,
                                      const core::Place& place,
                                      const base::DeviceId& device,
                                      core::DeviceNumber number,
                                      const fleet::Target& target,
                                      std::int64_t now_ms) {
  ingest::Directive directive;
  *directive.mutable_create_time() = platen::event::ToProto(base::WallFromMillis(now_ms));
  directive.set_key(std::string(device.bytes()));
  *directive.mutable_target() = core::MakeOrder(target, place, device);
  PLATEN_ASSIGN_OR_RETURN(Statement find,
                          database.Prepare("SELECT epoch_order FROM devices WHERE number=?"));
  find.Bind(1, number);
  PLATEN_ASSIGN_OR_RETURN(const bool row, find.Step());
  platen::event::v1::EpochOrder epochs;
  if (row && epochs.ParseFromString(find.String(0)) && epochs.number() != 0) {
    *directive.mutable_target()->mutable_epoch_order() = std::move(epochs);
  }
  find.Reset();
  return AddDirective(database, target.installation(), {.device = number}, std::move(directive));
}

// A device that is known by the serial number that is expected, and is polled nowhere: it comes
// back, with its history. 0 where there is none.
absl::StatusOr<core::DeviceNumber> FindReturning(Database& database, Registered& registered) {
  const std::string key = platen::event::SerialEvidence({}, registered.target.expected_serial());
  if (key.empty()) return 0;
  PLATEN_ASSIGN_OR_RETURN(
      Statement find,
      database.Prepare("SELECT d.number, d.id FROM devices d LEFT JOIN targets t ON"
                       " t.device=d.number WHERE d.tenant=? AND d.serial_key=? AND"
                       " d.serial_key<>'' AND d.place=? AND d.merged_into=0 AND t.device IS NULL"));
  find.BindText(1, registered.place.tenant).BindText(2, key).Bind(3, registered.place_number);
  PLATEN_ASSIGN_OR_RETURN(const bool row, find.Step());
  if (!row) return 0;
  const core::DeviceNumber number = find.Int(0);
  PLATEN_ASSIGN_OR_RETURN(registered.device, base::DeviceId::FromBytes(find.Bytes(1)));
  find.Reset();
  PLATEN_ASSIGN_OR_RETURN(Statement move,
                          database.Prepare("UPDATE devices SET address=?2 WHERE number=?1"));
  move.Bind(1, number).BindText(2, registered.target.address());
  PLATEN_RETURN_IF_ERROR(move.Run());
  return number;
}

absl::Status RememberRequest(Database& database,
                             const Registration& registration,
                             const base::DeviceId& device,
                             std::int64_t now_ms) {
  if (registration.request_key.empty()) return absl::OkStatus();
  PLATEN_ASSIGN_OR_RETURN(Statement forget,
                          database.Prepare("DELETE FROM requests WHERE create_ms < ?"));
  forget.Bind(1, now_ms - kRequestLifeMs);
  PLATEN_RETURN_IF_ERROR(forget.Run());
  const std::string fingerprint = Fingerprint(registration);
  PLATEN_ASSIGN_OR_RETURN(Statement add, database.Prepare("INSERT INTO requests VALUES(?,?,?,?)"));
  add.BindText(1, registration.request_key)
      .BindBlob(2, fingerprint)
      .BindBlob(3, device.bytes())
      .Bind(4, now_ms);
  return add.Run();
}

absl::StatusOr<Registered> RegisterOne(Database& database,
                                       const Registration& registration,
                                       std::int64_t now_ms) {
  PLATEN_ASSIGN_OR_RETURN(std::optional<Registered> before, FindRequest(database, registration));
  if (before.has_value()) return *std::move(before);
  PLATEN_RETURN_IF_ERROR(CheckFree(database, registration, 0));

  Registered registered{
      .target = registration.target, .device = registration.device, .place = registration.place};
  PLATEN_ASSIGN_OR_RETURN(registered.place_number, NumberOf(database, registration.place));
  PLATEN_ASSIGN_OR_RETURN(registered.number, FindReturning(database, registered));
  if (registered.number == 0) {
    PLATEN_ASSIGN_OR_RETURN(registered.number,
                            InsertDevice(database, registration, registered.place_number, now_ms));
  }
  PLATEN_RETURN_IF_ERROR(AttachTarget(
      database, registered.place, registered.device, registered.number, registered.target, now_ms));
  PLATEN_RETURN_IF_ERROR(RememberRequest(database, registration, registered.device, now_ms));
  return registered;
}

}  // namespace

absl::Status AttachTarget(Database& database,
                          const core::Place& place,
                          const base::DeviceId& device,
                          core::DeviceNumber number,
                          fleet::Target& target,
                          std::int64_t now_ms) {
  target.set_name(core::TargetName(place, device));
  target.set_uid(device.ToHex());
  *target.mutable_create_time() = platen::event::ToProto(base::WallFromMillis(now_ms));
  *target.mutable_update_time() = platen::event::ToProto(base::WallFromMillis(now_ms));
  PLATEN_ASSIGN_OR_RETURN(const std::int64_t directive,
                          AddOrder(database, place, device, number, target, now_ms));
  return InsertTarget(database, place, device, number, target, directive, now_ms);
}

absl::Status ChangeTarget(Database& database,
                          const core::Place& place,
                          const base::DeviceId& device,
                          fleet::Target target,
                          std::int64_t now_ms) {
  PLATEN_ASSIGN_OR_RETURN(Statement find,
                          database.Prepare("SELECT device FROM targets WHERE id=?"));
  find.BindBlob(1, device.bytes());
  PLATEN_ASSIGN_OR_RETURN(const bool row, find.Step());
  if (!row) return base::NotFound("there is no target ", core::TargetName(place, device));
  const core::DeviceNumber number = find.Int(0);
  find.Reset();
  PLATEN_RETURN_IF_ERROR(CheckFree(database, {.place = place, .target = target}, number));
  *target.mutable_update_time() = platen::event::ToProto(base::WallFromMillis(now_ms));
  PLATEN_ASSIGN_OR_RETURN(const std::int64_t directive,
                          AddOrder(database, place, device, number, target, now_ms));
  PLATEN_ASSIGN_OR_RETURN(
      Statement change,
      database.Prepare("UPDATE targets SET address=?2, port=?3, expected_serial=?4, directive=?5,"
                       " delivered=0, update_ms=?6, record=?7 WHERE device=?1"));
  const std::string record = target.SerializeAsString();
  change.Bind(1, number)
      .BindText(2, target.address())
      .Bind(3, target.snmp().port())
      .BindText(4, target.expected_serial())
      .Bind(5, directive)
      .Bind(6, now_ms)
      .BindBlob(7, record);
  PLATEN_RETURN_IF_ERROR(change.Run());
  PLATEN_ASSIGN_OR_RETURN(Statement move,
                          database.Prepare("UPDATE devices SET address=?2 WHERE number=?1"));
  move.Bind(1, number).BindText(2, target.address());
  return move.Run();
}

absl::StatusOr<std::vector<Registered>> RegisterTargets(Database& database,
                                                        const std::vector<Registration>& batch,
                                                        Registering mode,
                                                        std::int64_t now_ms) {
  PLATEN_RETURN_IF_ERROR(database.Execute("SAVEPOINT registration"));
  std::vector<Registered> registered;
  absl::Status status;
  for (std::size_t i = 0; i < batch.size() && status.ok(); ++i) {
    absl::StatusOr<Registered> one = RegisterOne(database, batch[i], now_ms);
    if (one.ok()) {
      registered.push_back(*std::move(one));
    } else {
      status = batch.size() == 1 ? one.status()
                                 : base::Annotate(one.status(), base::StrCat("requests[", i, "]"));
    }
  }
  if (IsStoreFailure(status)) return status;
  if (!status.ok() || mode == Registering::kCheckOnly) {
    PLATEN_RETURN_IF_ERROR(database.Execute("ROLLBACK TO registration"));
    for (Registered& one : registered) {
      one.fresh = false;
      one.target.clear_name();
      one.target.clear_uid();
    }
  }
  PLATEN_RETURN_IF_ERROR(database.Execute("RELEASE registration"));
  if (!status.ok()) return status;
  return registered;
}

absl::StatusOr<std::string> RemoveTarget(Database& database,
                                         const core::Place& place,
                                         const base::DeviceId& device,
                                         std::int64_t now_ms) {
  PLATEN_ASSIGN_OR_RETURN(Statement find,
                          database.Prepare("SELECT device, installation FROM targets"
                                           " WHERE tenant=? AND site=? AND id=?"));
  find.BindText(1, place.tenant).BindText(2, place.site).BindBlob(3, device.bytes());
  PLATEN_ASSIGN_OR_RETURN(const bool row, find.Step());
  if (!row) return base::NotFound("there is no target ", core::TargetName(place, device));
  const core::DeviceNumber number = find.Int(0);
  const std::string installation = find.String(1);
  find.Reset();

  ingest::Directive directive;
  *directive.mutable_create_time() = platen::event::ToProto(base::WallFromMillis(now_ms));
  directive.set_key(std::string(device.bytes()));
  directive.mutable_target_removal()->set_reason("removed through the partner API");
  PLATEN_RETURN_IF_ERROR(
      AddDirective(database, installation, {.device = number}, std::move(directive)).status());
  PLATEN_ASSIGN_OR_RETURN(Statement remove, database.Prepare("DELETE FROM targets WHERE device=?"));
  remove.Bind(1, number);
  PLATEN_RETURN_IF_ERROR(remove.Run());
  return installation;
}

}  // namespace platen::gateway::edge
