#include "services/gateway/core/manual_reading.h"

#include <algorithm>

#include <google/protobuf/util/message_differencer.h>

#include "libs/base/status.h"
#include "libs/event/identity.h"
#include "libs/event/timestamps.h"

namespace platen::gateway::core {
namespace {

namespace ev = platen::event::v1;

bool MayBeCharged(const ev::Meter& meter) {
  return std::ranges::none_of(meter.quality(), [](int quality) {
    return quality == ev::READING_QUALITY_IMPLAUSIBLE ||
           quality == ev::READING_QUALITY_ROLLED_BACK || quality == ev::READING_QUALITY_WRAPPED ||
           quality == ev::READING_QUALITY_EPOCH_PROPOSED;
  });
}

absl::Status CheckMeter(const ev::Meter& meter) {
  const ev::MeterKind& kind = meter.kind();
  if (kind.function() == ev::METER_FUNCTION_UNSPECIFIED ||
      kind.colour() == ev::COLOUR_CLASS_UNSPECIFIED || kind.size() == ev::SIZE_CLASS_UNSPECIFIED ||
      kind.sides() == ev::SIDES_CLASS_UNSPECIFIED || kind.unit() == ev::METER_UNIT_UNSPECIFIED) {
    return base::InvalidArgument(
        "meters.kind: function, colour, size, sides and unit are required");
  }
  return absl::OkStatus();
}

// Counters only grow, within what was read of this one.
absl::Status CheckOrder(const ev::Meter& meter,
                        base::WallTime read,
                        const ev::MeterReading& before) {
  using google::protobuf::util::MessageDifferencer;
  for (const ev::Meter& known : before.meters()) {
    if (!MayBeCharged(known) || !MessageDifferencer::Equals(known.kind(), meter.kind())) continue;
    const bool earlier = platen::event::FromProto(before.read_time()) <= read;
    if (earlier ? meter.value() >= known.value() : meter.value() <= known.value()) continue;
    return base::InvalidArgument(
        "meters.value ",
        meter.value(),
        ": the device itself said ",
        known.value(),
        earlier ? " earlier" : " later",
        ", and counters do not go back; is the reading of this counter, and "
        "the time right?");
  }
  return absl::OkStatus();
}

}  // namespace

absl::Status CheckReason(const std::string& reason, bool required) {
  if (required && reason.empty()) {
    return base::InvalidArgument("reason: say why, for the device's history");
  }
  const bool control =
      std::ranges::any_of(reason, [](unsigned char byte) { return byte < 0x20 || byte == 0x7F; });
  if (reason.size() <= kReasonBytesMax && !control) return absl::OkStatus();
  return base::InvalidArgument(
      "reason: at most ", kReasonBytesMax, " bytes, no control characters");
}

absl::StatusOr<ev::MeterReading> MakeManualReading(
    const platen::fleet::v1::EnterMeterReadingRequest& request,
    const ev::MeterReading& before,
    const std::string& author,
    base::WallTime now) {
  if (request.meters().empty() || request.meters_size() > kManualMetersMax) {
    return base::InvalidArgument("meters: 1 to ", kManualMetersMax);
  }
  const base::WallTime read =
      request.has_read_time() ? platen::event::FromProto(request.read_time()) : now;
  if (read > now || !platen::event::IsPlausible(read, now)) {
    return base::InvalidArgument("read_time: between 2005 and now");
  }
  ev::MeterReading reading;
  reading.set_set(ev::METER_SET_BILLING);
  *reading.mutable_read_time() = platen::event::ToProto(read);
  for (const ev::Meter& told : request.meters()) {
    PLATEN_RETURN_IF_ERROR(CheckMeter(told));
    PLATEN_RETURN_IF_ERROR(CheckOrder(told, read, before));
    ev::Meter& meter = *reading.add_meters();
    *meter.mutable_kind() = told.kind();
    meter.set_value(told.value());
    meter.set_source(ev::METER_SOURCE_MANUAL);
    meter.set_rule("manual/" + author);
    meter.add_quality(ev::READING_QUALITY_GOOD);
  }
  return reading;
}

}  // namespace platen::gateway::core
