#include "services/gateway/core/device_projection.h"

#include <algorithm>
#include <cctype>
#include <cstdint>
#include <limits>

#include "libs/event/serial_number.h"

namespace platen::gateway::core {
namespace {

namespace ev = platen::event::v1;
using Device = platen::fleet::v1::Device;

DeviceReport::Identity MakeIdentity(const ev::Identity& identity, const std::string& address) {
  std::string macs;
  for (const std::string& mac : identity.mac_addresses()) macs += mac + ' ';
  if (!macs.empty()) macs.insert(macs.begin(), ' ');
  std::ranges::transform(
      macs, macs.begin(), [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
  return {.serial_number = identity.serial_number(),
          .model = identity.model(),
          .address = address,
          .serial_key =
              platen::event::SerialEvidence(identity.manufacturer(), identity.serial_number()),
          .macs = std::move(macs)};
}

DeviceReport::Supplies MakeSupplies(
    const google::protobuf::RepeatedPtrField<ev::Supply>& supplies) {
  return {.low = static_cast<int>(std::ranges::count_if(supplies, IsLow))};
}

// A full reading of the device is all readings at once.
DeviceReport ReportSnapshot(const ev::DeviceSnapshot& snapshot) {
  DeviceReport report{.answered = true};
  if (snapshot.has_identity()) {
    report.identity = MakeIdentity(snapshot.identity(), snapshot.address());
  }
  if (snapshot.has_status()) report.status = snapshot.status().reachability();
  if (!snapshot.meters().empty()) {
    report.meters = {.total_impressions = TotalImpressions(snapshot.meters())};
  }
  if (!snapshot.supplies().empty()) report.supplies = MakeSupplies(snapshot.supplies());
  return report;
}

// What the contract says is shown and never charged: the last value without it stands.
bool IsGood(const ev::Meter& meter) {
  return std::ranges::none_of(meter.quality(), [](int quality) {
    return quality == ev::READING_QUALITY_IMPLAUSIBLE ||
           quality == ev::READING_QUALITY_ROLLED_BACK || quality == ev::READING_QUALITY_WRAPPED ||
           quality == ev::READING_QUALITY_EPOCH_PROPOSED;
  });
}

bool IsAnswer(ev::Reachability reachability) {
  return reachability != ev::REACHABILITY_UNREACHABLE && reachability != ev::REACHABILITY_SUSPECT &&
         reachability != ev::REACHABILITY_OTHER_DEVICE;
}

}  // namespace

std::optional<DeviceReport> ReportDevice(const ev::Event& event) {
  DeviceReport report{.answered = true};
  switch (event.body_case()) {
    case ev::Event::kAlert:
      report.answered = event.alert().origin() != ev::ALERT_ORIGIN_PLATEN;
      return report;
    case ev::Event::kStatusChange:
      report.status = event.status_change().status().reachability();
      report.answered = IsAnswer(*report.status);
      return report;
    case ev::Event::kMeterReading:
      // Other sets are history only: a device is known by what it is billed by.
      if (event.meter_reading().set() == ev::METER_SET_BILLING) {
        report.meters = {.total_impressions = TotalImpressions(event.meter_reading().meters())};
      }
      return report;
    case ev::Event::kSupplyReading:
      // Levels that a sleeper or an open printer made up are history: the last good ones stand.
      if (std::ranges::find(event.supply_reading().quality(), ev::READING_QUALITY_IMPLAUSIBLE) ==
          event.supply_reading().quality().end()) {
        report.supplies = MakeSupplies(event.supply_reading().supplies());
      }
      return report;
    case ev::Event::kFirmwareReading:
      report.firmware = true;
      return report;
    case ev::Event::kIdentityReport:
      report.identity =
          MakeIdentity(event.identity_report().identity(), event.identity_report().address());
      return report;
    case ev::Event::kDeviceSnapshot:
      return ReportSnapshot(event.device_snapshot());
    case ev::Event::kEnvironmentReading:
    case ev::Event::kEpochConfirmation:
    case ev::Event::kMeterMismatch:
    case ev::Event::kMissedAlerts:
    case ev::Event::kPartsReading:
    case ev::Event::kSupplyReplacement:
    case ev::Event::kQualityReport:
    case ev::Event::kDebugLog:
    case ev::Event::kServiceModeReport:
    case ev::Event::kServiceBrowserReport:
    case ev::Event::kSettingsInquiry:
    case ev::Event::kSmartReport:
      return report;
    case ev::Event::kOtherDevice:
      report.answered = false;
      return report;
    default:
      return std::nullopt;
  }
}

std::optional<std::uint64_t> TotalImpressions(
    const google::protobuf::RepeatedPtrField<ev::Meter>& meters) {
  std::optional<std::uint64_t> device;
  std::optional<std::uint64_t> marker;
  for (const ev::Meter& meter : meters) {
    const ev::MeterKind& kind = meter.kind();
    if (kind.function() != ev::METER_FUNCTION_TOTAL || kind.colour() != ev::COLOUR_CLASS_ALL ||
        kind.size() != ev::SIZE_CLASS_ALL || kind.sides() != ev::SIDES_CLASS_ALL ||
        kind.unit() != ev::METER_UNIT_IMPRESSIONS || kind.department() != 0 || !IsGood(meter)) {
      continue;
    }
    std::optional<std::uint64_t>& total = kind.marker() == 0 ? device : marker;
    total = std::max(total.value_or(0), meter.value());
  }
  return device.has_value() ? device : marker;
}

bool IsLow(const ev::Supply& supply) {
  const ev::Level& level = supply.level();
  if (level.state() == ev::Level::STATE_LOW_UNSPECIFIED) return true;
  return level.state() == ev::Level::STATE_EXACT && level.has_percent() && level.percent() < 10.0;
}

Device::State StateOf(const DeviceFacts& facts) {
  if (facts.reachability == ev::REACHABILITY_UNREACHABLE ||
      facts.reachability == ev::REACHABILITY_OTHER_DEVICE) {
    return Device::STATE_UNREACHABLE;
  }
  if (facts.open_alerts > 0) return Device::STATE_ALERT;
  if (facts.reachability == ev::REACHABILITY_ASLEEP) return Device::STATE_ASLEEP;
  return facts.heard ? Device::STATE_OK : Device::STATE_PENDING;
}

std::int64_t TimestampMillis(const google::protobuf::Timestamp& time) {
  constexpr std::int64_t kSecondsMax = std::numeric_limits<std::int64_t>::max() / 1000 - 1;
  const std::int64_t seconds = std::clamp(time.seconds(), -kSecondsMax, kSecondsMax);
  return seconds * 1000 + std::clamp(time.nanos(), 0, 999'999'999) / 1'000'000;
}

}  // namespace platen::gateway::core
