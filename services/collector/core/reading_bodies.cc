#include "services/collector/core/reading_bodies.h"

#include "libs/event/serial_number.h"
#include "libs/event/timestamps.h"
#include "services/collector/core/reading_quality.h"

namespace platen::collector::core {

using collector::v1::DeviceState;
using event::ToProto;
using event::v1::Event;

SupplyJudgement FillSupplies(const Reading& reading, DeviceState& state, Event& event) {
  event::v1::SupplyReading& body = *event.mutable_supply_reading();
  *body.mutable_supplies() = reading.snapshot.supplies();
  *body.mutable_read_time() = ToProto(reading.time);
  const auto circumstances = CircumstancesOf(reading.snapshot, state, reading.time);
  for (const event::v1::ReadingQuality quality : circumstances) body.add_quality(quality);
  if (circumstances.empty()) {
    body.add_quality(event::v1::READING_QUALITY_GOOD);
  } else if (AllLevelsAtOneEnd(reading.snapshot)) {
    body.add_quality(event::v1::READING_QUALITY_IMPLAUSIBLE);
  }
  return JudgeSupplies(
      {&reading.snapshot, &circumstances, event::FromProto(event.occurrence_time())},
      state.meters(),
      *state.mutable_supplies());
}

MeterJudgement FillMeters(const event::v1::Target& target,
                          const Reading& reading,
                          DeviceState& state,
                          Event& event) {
  event::v1::MeterReading& body = *event.mutable_meter_reading();
  body.set_set(event::v1::METER_SET_BILLING);
  *body.mutable_meters() = reading.snapshot.meters();
  *body.mutable_read_time() = ToProto(reading.time);
  body.set_profile(reading.snapshot.profile());
  const event::v1::Identity& identity = state.identity();
  const std::string serial =
      event::SerialEvidence(identity.manufacturer(), identity.serial_number());
  MeterSighting sighting;
  sighting.serial_number = serial;
  sighting.registered =
      !serial.empty() &&
      serial == event::SerialEvidence(identity.manufacturer(), target.expected_serial());
  sighting.now = reading.time;
  if (reading.profile != nullptr) sighting.bounds = &reading.profile->counters;
  const MeterJudgement judgement =
      JudgeMeters(sighting, *body.mutable_meters(), *state.mutable_meters());
  const auto circumstances = CircumstancesOf(reading.snapshot, state, reading.time);
  for (event::v1::Meter& meter : *body.mutable_meters()) {
    for (const event::v1::ReadingQuality quality : circumstances) meter.add_quality(quality);
    if (meter.quality().empty()) meter.add_quality(event::v1::READING_QUALITY_GOOD);
  }
  return judgement;
}

void FillFirmware(const Reading& reading, Event& event) {
  event::v1::FirmwareReading& body = *event.mutable_firmware_reading();
  *body.mutable_versions() = reading.snapshot.identity().firmware();
  *body.mutable_read_time() = ToProto(reading.time);
}

void KeepTotal(const event::v1::DeviceSnapshot& snapshot, DeviceState& state) {
  for (const event::v1::Meter& meter : snapshot.meters()) {
    const event::v1::MeterKind& kind = meter.kind();
    if (kind.function() == event::v1::METER_FUNCTION_TOTAL &&
        kind.colour() == event::v1::COLOUR_CLASS_ALL && kind.size() == event::v1::SIZE_CLASS_ALL &&
        kind.sides() == event::v1::SIDES_CLASS_ALL && kind.department() == 0) {
      state.set_total_impressions(meter.value());
      return;
    }
  }
}

}  // namespace platen::collector::core
