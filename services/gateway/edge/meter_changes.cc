// What people order about counters, and read themselves.
#include <algorithm>

#include "libs/base/status.h"
#include "libs/event/timestamps.h"
#include "services/gateway/core/manual_reading.h"
#include "services/gateway/edge/device_changes.h"
#include "services/gateway/edge/device_rows.h"

namespace platen::gateway::edge {
namespace {

namespace ev = platen::event::v1;
namespace fleet = platen::fleet::v1;

// The newest reading of the device itself; default where there is none.
absl::StatusOr<ev::MeterReading> LastReading(Database& database, const DeviceRow& device) {
  PLATEN_ASSIGN_OR_RETURN(Statement find,
                          database.Prepare("SELECT payload FROM events WHERE seq=?"));
  find.Bind(1, device.meters_seq);
  PLATEN_ASSIGN_OR_RETURN(const bool row, find.Step());
  ev::Event event;
  if (!row || !event.ParseFromString(find.String(0))) return ev::MeterReading();
  if (event.has_meter_reading()) return event.meter_reading();
  ev::MeterReading reading;
  *reading.mutable_meters() = event.device_snapshot().meters();
  *reading.mutable_read_time() = event.device_snapshot().read_time();
  return reading;
}

bool IsProposed(const ev::Meter& meter) {
  return std::ranges::find(meter.quality(), ev::READING_QUALITY_EPOCH_PROPOSED) !=
         meter.quality().end();
}

absl::StatusOr<ev::EpochOrder> LastOrder(Database& database, const DeviceRow& device) {
  PLATEN_ASSIGN_OR_RETURN(Statement find,
                          database.Prepare("SELECT epoch_order FROM devices WHERE number=?"));
  find.Bind(1, device.number);
  PLATEN_RETURN_IF_ERROR(find.Step().status());
  ev::EpochOrder order;
  if (!order.ParseFromString(find.String(0))) {
    return absl::DataLossError("a stored order about epochs does not parse: the store is damaged");
  }
  return order;
}

}  // namespace

absl::StatusOr<fleet::ConfirmMetersResponse> ConfirmMeters(Database& database,
                                                           const core::DevicePlace& name,
                                                           const std::vector<std::string>& oids,
                                                           bool check_only,
                                                           const Change& change,
                                                           Changed& changed) {
  PLATEN_ASSIGN_OR_RETURN(const DeviceRow device, FindDevice(database, name));
  PLATEN_ASSIGN_OR_RETURN(const fleet::Target target, FindTarget(database, device));
  PLATEN_ASSIGN_OR_RETURN(const ev::MeterReading reading, LastReading(database, device));
  fleet::ConfirmMetersResponse response;
  for (const ev::Meter& meter : reading.meters()) {
    const bool wanted = oids.empty() || std::ranges::find(oids, meter.oid()) != oids.end();
    if (!wanted || !IsProposed(meter)) continue;
    ev::ConfirmedEpoch& epoch = *response.add_epochs();
    *epoch.mutable_kind() = meter.kind();
    epoch.set_source(meter.source());
    epoch.set_oid(meter.oid());
    epoch.set_epoch(meter.epoch());
  }
  if (response.epochs().empty()) {
    return base::FailedPrecondition(
        "nothing to confirm: by its last reading, no ",
        oids.empty() ? "counter of the device" : "such counter",
        " waits for a confirmation; platenctl meters DEVICE shows them");
  }
  PLATEN_ASSIGN_OR_RETURN(ev::EpochOrder order, LastOrder(database, device));
  order.set_number(order.number() + 1);
  *order.mutable_epochs() = response.epochs();
  order.set_author(change.author);
  order.set_reason(change.reason);
  *order.mutable_time() = platen::event::ToProto(base::WallFromMillis(change.now_ms));
  response.set_order(order.number());
  if (check_only) return response;
  PLATEN_ASSIGN_OR_RETURN(Statement keep,
                          database.Prepare("UPDATE devices SET epoch_order=?2 WHERE number=?1"));
  const std::string record = order.SerializeAsString();
  keep.Bind(1, device.number).BindBlob(2, record);
  PLATEN_RETURN_IF_ERROR(keep.Run());
  // The order goes down with the target, so that no later change of the target overtakes it.
  PLATEN_RETURN_IF_ERROR(ChangeTarget(database, device.place, device.id, target, change.now_ms));
  changed.installations.push_back(target.installation());
  return response;
}

absl::StatusOr<fleet::MeterReadingRecord> EnterReading(
    Database& database,
    const core::DevicePlace& name,
    const fleet::EnterMeterReadingRequest& request,
    const std::string& request_key,
    const Change& change) {
  PLATEN_ASSIGN_OR_RETURN(const DeviceRow device, FindDevice(database, name));
  PLATEN_ASSIGN_OR_RETURN(const ev::MeterReading before, LastReading(database, device));
  const base::WallTime now = base::WallFromMillis(change.now_ms);
  PLATEN_ASSIGN_OR_RETURN(const ev::MeterReading reading,
                          core::MakeManualReading(request, before, change.author, now));
  ev::Event event;
  event.mutable_occurrence()->mutable_pushed()->set_report_id(
      base::StrCat("manual/", request_key.empty() ? std::to_string(change.now_ms) : request_key));
  // Without a time of its own: the same call again is the same event, whenever it comes.
  *event.mutable_meter_reading() = reading;
  PLATEN_ASSIGN_OR_RETURN(const base::EventId id,
                          AddEvent(database, device, std::move(event), change.now_ms));
  fleet::MeterReadingRecord record;
  record.set_device(core::DeviceName(device.place, device.id));
  record.set_event_id(id.ToHex());
  *record.mutable_reading() = reading;
  *record.mutable_receipt_time() = platen::event::ToProto(now);
  record.set_model(device.evidence.model);
  return record;
}

}  // namespace platen::gateway::edge
