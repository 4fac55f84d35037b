#include "services/gateway/edge/device_changes.h"

#include <algorithm>
#include <utility>

#include "libs/base/status.h"
#include "libs/event/timestamps.h"
#include "services/gateway/core/target_check.h"
#include "services/gateway/edge/device_rows.h"
#include "services/gateway/edge/schema.h"

namespace platen::gateway::edge {
namespace {

namespace ev = platen::event::v1;
namespace fleet = platen::fleet::v1;

// Told apart by what and when: a person, or evidence, does a thing to a device once in a moment.
ev::Event Transfer(ev::DeviceTransfer::Kind kind, const Change& change) {
  ev::Event event;
  event.mutable_occurrence()->mutable_pushed()->set_report_id(
      base::StrCat("transfer/", static_cast<int>(kind), "/", change.now_ms));
  *event.mutable_occurrence_time() = platen::event::ToProto(base::WallFromMillis(change.now_ms));
  ev::DeviceTransfer& body = *event.mutable_device_transfer();
  body.set_kind(kind);
  body.set_author(change.author);
  body.set_reason(change.reason);
  return event;
}

absl::Status TellMove(Database& database,
                      const DeviceRow& device,
                      const std::string& to,
                      const Change& change) {
  ev::Event event = Transfer(ev::DeviceTransfer::KIND_READDRESSED, change);
  event.mutable_device_transfer()->set_from_address(device.address);
  event.mutable_device_transfer()->set_to_address(to);
  return AddEvent(database, device, std::move(event), change.now_ms).status();
}

// To the history of both.
absl::Status TellBoth(Database& database,
                      ev::DeviceTransfer::Kind kind,
                      const DeviceRow& one,
                      const DeviceRow& two,
                      const Change& change) {
  for (const auto& [device, other] : {std::pair(&one, &two), std::pair(&two, &one)}) {
    ev::Event event = Transfer(kind, change);
    event.mutable_device_transfer()->set_other_device_id(std::string(other->id.bytes()));
    PLATEN_RETURN_IF_ERROR(AddEvent(database, *device, std::move(event), change.now_ms).status());
  }
  return absl::OkStatus();
}

absl::Status Run(Database& database, std::string_view sql, std::int64_t a, std::int64_t b) {
  PLATEN_ASSIGN_OR_RETURN(Statement statement, database.Prepare(sql));
  statement.Bind(1, a).Bind(2, b);
  return statement.Run();
}

// `gone` has no life of its own any more: nobody will end its alerts, so they end.
absl::Status Absorb(Database& database,
                    const DeviceRow& stays,
                    const DeviceRow& gone,
                    const Change& change,
                    Changed& changed) {
  PLATEN_RETURN_IF_ERROR(Run(database,
                             "UPDATE devices SET merged_into=?2 WHERE merged_into=?1 OR number=?1",
                             gone.number,
                             stays.number));
  PLATEN_RETURN_IF_ERROR(
      Run(database,
          "UPDATE alerts SET open=0, ended=1, end_ms=?2, update_ms=?2 WHERE device=?1 AND open=1",
          gone.number,
          change.now_ms));
  PLATEN_RETURN_IF_ERROR(
      Run(database, "UPDATE devices SET open_alerts=?2 WHERE number=?1", gone.number, 0));
  changed.merged.push_back(gone.number);
  return TellBoth(database, ev::DeviceTransfer::KIND_MERGED, stays, gone, change);
}

// The target of `from`, whose polling ends, taken over by `to`: where it is reached, and no more.
absl::Status TakeOverTarget(Database& database,
                            const DeviceRow& to,
                            const DeviceRow& from,
                            const Change& change,
                            Changed& changed) {
  PLATEN_ASSIGN_OR_RETURN(const fleet::Target there, FindTarget(database, from));
  PLATEN_ASSIGN_OR_RETURN(const std::string installation,
                          RemoveTarget(database, from.place, from.id, change.now_ms));
  changed.installations.push_back(installation);
  fleet::Target target = there;
  if (to.has_target) {
    PLATEN_ASSIGN_OR_RETURN(target, FindTarget(database, to));
    target.set_address(there.address());
    *target.mutable_snmp() = there.snmp();
    PLATEN_RETURN_IF_ERROR(ChangeTarget(database, to.place, to.id, target, change.now_ms));
  } else {
    PLATEN_RETURN_IF_ERROR(
        AttachTarget(database, to.place, to.id, to.number, target, change.now_ms));
    PLATEN_ASSIGN_OR_RETURN(Statement move,
                            database.Prepare("UPDATE devices SET address=?2 WHERE number=?1"));
    move.Bind(1, to.number).BindText(2, target.address());
    PLATEN_RETURN_IF_ERROR(move.Run());
  }
  changed.installations.push_back(target.installation());
  return TellMove(database, to, target.address(), change);
}

// Whether the last that a person has said of both is that they are two.
absl::StatusOr<bool> HasPersonSplit(Database& database,
                                    const DeviceRow& one,
                                    const DeviceRow& two) {
  PLATEN_ASSIGN_OR_RETURN(
      Statement find,
      database.Prepare(base::StrCat("SELECT payload FROM events WHERE device=? AND kind=",
                                    static_cast<int>(ev::Event::kDeviceTransfer),
                                    " AND ",
                                    kHistoryEvents,
                                    " ORDER BY seq DESC")));
  find.Bind(1, one.number);
  while (true) {
    PLATEN_ASSIGN_OR_RETURN(const bool row, find.Step());
    if (!row) return false;
    ev::Event event;
    if (!event.ParseFromString(find.String(0))) continue;
    const ev::DeviceTransfer& said = event.device_transfer();
    if (said.author().empty() || said.other_device_id() != two.id.bytes()) continue;
    return said.kind() == ev::DeviceTransfer::KIND_SPLIT;
  }
}

}  // namespace

absl::StatusOr<fleet::Target> UpdateTarget(Database& database,
                                           const core::DevicePlace& name,
                                           const fleet::Target& wanted,
                                           const google::protobuf::FieldMask& mask,
                                           const Change& change,
                                           Changed& changed) {
  PLATEN_ASSIGN_OR_RETURN(const DeviceRow device, FindDevice(database, name));
  PLATEN_ASSIGN_OR_RETURN(fleet::Target target, FindTarget(database, device));
  const fleet::Target before = target;
  for (const std::string& path : mask.paths()) {
    if (path == "address") {
      target.set_address(wanted.address());
      // Another port is another address: simulated and forwarded printers share one.
      if (wanted.snmp().port() != 0) target.mutable_snmp()->set_port(wanted.snmp().port());
    } else if (path == "expected_serial") {
      target.set_expected_serial(wanted.expected_serial());
    } else if (path == "address_is_fixed") {
      target.set_address_is_fixed(wanted.address_is_fixed());
    } else {
      return base::InvalidArgument("update_mask: \"",
                                   path.substr(0, 64),
                                   "\" can't be changed; \"address\", \"expected_serial\" and "
                                   "\"address_is_fixed\" can");
    }
  }
  PLATEN_ASSIGN_OR_RETURN(const fleet::Target checked, core::CheckTarget(target));
  target.set_address(checked.address());
  PLATEN_RETURN_IF_ERROR(ChangeTarget(database, device.place, device.id, target, change.now_ms));
  if (target.address() != before.address()) {
    PLATEN_RETURN_IF_ERROR(TellMove(database, device, target.address(), change));
  }
  changed.installations.push_back(target.installation());
  return target;
}

absl::Status MergeDevices(Database& database,
                          const core::DevicePlace& name,
                          const core::DevicePlace& other,
                          const Change& change,
                          Changed& changed) {
  PLATEN_ASSIGN_OR_RETURN(const DeviceRow stays, FindDevice(database, name));
  PLATEN_ASSIGN_OR_RETURN(const DeviceRow gone, FindDevice(database, other));
  if (stays.number == gone.number) return base::InvalidArgument("a device is itself already");
  if (stays.place != gone.place) {
    return base::FailedPrecondition("the devices are registered at ",
                                    core::PlaceName(stays.place),
                                    " and ",
                                    core::PlaceName(gone.place),
                                    "; only devices of one site can be merged");
  }
  for (const DeviceRow* row : {&stays, &gone}) {
    if (row->merged_into == 0) continue;
    PLATEN_ASSIGN_OR_RETURN(const DeviceRow into, FindDevice(database, row->merged_into));
    return base::FailedPrecondition("device ",
                                    row->id.ToHex(),
                                    " was merged into ",
                                    into.id.ToHex(),
                                    " already; split it first, or name that one");
  }
  if (gone.has_target && !stays.has_target) {
    PLATEN_RETURN_IF_ERROR(TakeOverTarget(database, stays, gone, change, changed));
  } else if (gone.has_target) {
    PLATEN_ASSIGN_OR_RETURN(std::string installation,
                            RemoveTarget(database, gone.place, gone.id, change.now_ms));
    changed.installations.push_back(std::move(installation));
  }
  return Absorb(database, stays, gone, change, changed);
}

absl::StatusOr<base::DeviceId> SplitDevice(Database& database,
                                           const core::DevicePlace& name,
                                           const base::DeviceId& fresh,
                                           const Change& change,
                                           Changed& changed) {
  PLATEN_ASSIGN_OR_RETURN(const DeviceRow device, FindDevice(database, name));
  if (device.merged_into != 0) {
    PLATEN_ASSIGN_OR_RETURN(const DeviceRow from, FindDevice(database, device.merged_into));
    PLATEN_RETURN_IF_ERROR(
        Run(database, "UPDATE devices SET merged_into=?2 WHERE number=?1", device.number, 0));
    PLATEN_RETURN_IF_ERROR(
        TellBoth(database, ev::DeviceTransfer::KIND_SPLIT, device, from, change));
    return device.id;
  }
  if (!device.has_target) {
    return base::FailedPrecondition(
        "device ",
        device.id.ToHex(),
        " was not merged, and is not polled: there is nothing to split off; register the other "
        "printer with: platenctl targets add ADDRESS");
  }
  Registration registration{.place = device.place, .device = fresh};
  PLATEN_ASSIGN_OR_RETURN(registration.target, FindTarget(database, device));
  registration.target.clear_expected_serial();
  PLATEN_ASSIGN_OR_RETURN(std::string installation,
                          RemoveTarget(database, device.place, device.id, change.now_ms));
  changed.installations.push_back(std::move(installation));
  PLATEN_ASSIGN_OR_RETURN(
      std::vector<Registered> registered,
      RegisterTargets(database, {registration}, Registering::kKeep, change.now_ms));
  PLATEN_ASSIGN_OR_RETURN(const DeviceRow made, FindDevice(database, registered.front().number));
  std::move(registered.begin(), registered.end(), std::back_inserter(changed.registered));
  PLATEN_RETURN_IF_ERROR(TellBoth(database, ev::DeviceTransfer::KIND_SPLIT, device, made, change));
  return made.id;
}

absl::Status MergeByEvidence(Database& database,
                             core::DeviceNumber number,
                             std::int64_t now_ms,
                             Changed& changed) {
  PLATEN_ASSIGN_OR_RETURN(const DeviceRow device, FindDevice(database, number));
  if (device.evidence.serial_key.empty() || device.merged_into != 0) return absl::OkStatus();
  PLATEN_ASSIGN_OR_RETURN(
      Statement find,
      database.Prepare("SELECT number FROM devices WHERE tenant=? AND serial_key=? AND"
                       " serial_key<>'' AND place=? AND merged_into=0 AND number<>?"
                       " ORDER BY number LIMIT 2"));
  find.BindText(1, device.place.tenant)
      .BindText(2, device.evidence.serial_key)
      .Bind(3, device.place_number)
      .Bind(4, number);
  std::vector<core::DeviceNumber> others;
  while (true) {
    PLATEN_ASSIGN_OR_RETURN(const bool row, find.Step());
    if (!row) break;
    others.push_back(find.Int(0));
  }
  // Of three with one number, nobody knows which.
  if (others.size() != 1) return absl::OkStatus();
  PLATEN_ASSIGN_OR_RETURN(const DeviceRow other, FindDevice(database, others.front()));
  const bool first = device.number < other.number;
  const DeviceRow& known = first ? device : other;
  const DeviceRow& found = first ? other : device;
  if (!core::HasMoved(known.evidence, found.evidence)) return absl::OkStatus();
  PLATEN_ASSIGN_OR_RETURN(const bool split, HasPersonSplit(database, known, found));
  if (split) return absl::OkStatus();
  const Change change{.reason = base::StrCat("serial number ",
                                             known.evidence.serial_key,
                                             " answers at ",
                                             found.address,
                                             ", and not where it was"),
                      .now_ms = now_ms};
  PLATEN_RETURN_IF_ERROR(TakeOverTarget(database, known, found, change, changed));
  return Absorb(database, known, found, change, changed);
}

}  // namespace platen::gateway::edge
