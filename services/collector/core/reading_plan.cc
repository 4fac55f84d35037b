#include "services/collector/core/reading_plan.h"

#include <algorithm>
#include <initializer_list>
#include <utility>

#include "services/collector/core/printer_oids.h"
#include "services/collector/core/readings.h"

namespace platen::collector::core {
namespace {

void AddColumns(ReadingPlan& plan,
                const snmp::Oid& entry,
                std::initializer_list<std::uint32_t> columns) {
  for (const std::uint32_t column : columns) plan.subtrees.push_back(entry.Child(column));
}

void AddSystem(ReadingPlan& plan) {
  for (const snmp::Oid& oid :
       {oids::kSysDescr, oids::kSysObjectId, oids::kSysName, oids::kSysLocation}) {
    plan.scalars.push_back(oid);
  }
}

void AddAlerts(ReadingPlan& plan) {
  AddColumns(plan,
             oids::kAlertEntry,
             {oids::kAlertSeverity,
              oids::kAlertTraining,
              oids::kAlertGroup,
              oids::kAlertGroupIndex,
              oids::kAlertLocation,
              oids::kAlertCode,
              oids::kAlertDescription,
              oids::kAlertTime});
}

// Who answers: another device's values must not be taken for this one's.
void AddSerialNumber(ReadingPlan& plan) {
  AddColumns(plan, oids::kGeneralEntry, {oids::kSerialNumber});
}

// Charset of texts: without it an alert's description may be misread.
void AddLocalization(ReadingPlan& plan) {
  AddColumns(plan, oids::kGeneralEntry, {oids::kCurrentLocalization});
  AddColumns(plan, oids::kLocalizationEntry, {oids::kLocalizationCharset});
}

void AddSupplies(ReadingPlan& plan) {
  AddColumns(plan,
             oids::kSuppliesEntry,
             {oids::kSupplyMarker,
              oids::kSupplyColorant,
              oids::kSupplyClass,
              oids::kSupplyType,
              oids::kSupplyDescription,
              oids::kSupplyUnit,
              oids::kSupplyCapacity,
              oids::kSupplyLevel});
  AddColumns(plan, oids::kColorantEntry, {oids::kColorantValue});
  plan.subtrees.push_back(oids::kFinSupplyEntry);
}

}  // namespace

ReadingPlan KnockPlan() {
  ReadingPlan plan;
  plan.scalars.push_back(oids::kSysUpTime);
  return plan;
}

ReadingPlan StandardPlan() {
  ReadingPlan plan;
  plan.scalars.push_back(oids::kSysUpTime);
  AddSystem(plan);
  AddColumns(plan, oids::kIfEntry, {oids::kIfType, oids::kIfPhysAddress, oids::kIfOperStatus});
  AddColumns(plan,
             oids::kHrDeviceEntry,
             {oids::kHrDeviceType, oids::kHrDeviceDescr, oids::kHrDeviceStatus});
  AddColumns(
      plan, oids::kHrPrinterEntry, {oids::kHrPrinterStatus, oids::kHrPrinterDetectedErrorState});
  plan.subtrees.push_back(oids::kPortMonitorIeee1284);
  AddColumns(plan,
             oids::kGeneralEntry,
             {oids::kConfigChanges,
              oids::kCurrentLocalization,
              oids::kPrinterName,
              oids::kSerialNumber,
              oids::kAlertCriticalEvents,
              oids::kAlertAllEvents});
  AddColumns(plan, oids::kLocalizationEntry, {oids::kLocalizationCharset});
  AddColumns(plan, oids::kCoverEntry, {oids::kCoverDescription, oids::kCoverStatus});
  AddColumns(plan,
             oids::kInputEntry,
             {oids::kInputType,
              oids::kInputDimUnit,
              oids::kInputChosenFeed,
              oids::kInputChosenAcross,
              oids::kInputUnit,
              oids::kInputCapacity,
              oids::kInputLevel,
              oids::kInputStatus,
              oids::kInputMediaName,
              oids::kInputName,
              oids::kInputDescription});
  AddColumns(plan,
             oids::kOutputEntry,
             {oids::kOutputUnit,
              oids::kOutputCapacity,
              oids::kOutputRemaining,
              oids::kOutputStatus,
              oids::kOutputName,
              oids::kOutputDescription});
  // As a whole: most printers have none, and a column each would be asked in vain.
  plan.subtrees.push_back(oids::kFinDeviceEntry);
  AddColumns(plan,
             oids::kMarkerEntry,
             {oids::kMarkerCounterUnit, oids::kMarkerLifeCount, oids::kMarkerStatus});
  AddSupplies(plan);
  AddColumns(plan, oids::kConsoleEntry, {oids::kConsoleText});
  AddAlerts(plan);
  return plan;
}

ReadingPlan VendorPlan(const Profile& profile, ReadPurpose purpose) {
  VendorReads reads = ReadsOf(profile, purpose);
  return {std::move(reads.scalars), std::move(reads.columns), {}};
}

std::vector<snmp::Oid> StatusObjects(std::span<const std::uint32_t> printers) {
  static constexpr std::uint32_t kFirst[] = {1};
  // A device has one printer, rarely two or three; one that claims hundreds is asked about some.
  constexpr std::size_t kPrintersMax = 8;
  std::vector<snmp::Oid> objects;
  const auto asked = printers.empty() ? std::span(kFirst) : printers;
  for (const std::uint32_t printer : asked.first(std::min(asked.size(), kPrintersMax))) {
    objects.push_back(oids::kHrDeviceEntry.Child({oids::kHrDeviceStatus, printer}));
    objects.push_back(oids::kHrPrinterEntry.Child({oids::kHrPrinterStatus, printer}));
    objects.push_back(oids::kHrPrinterEntry.Child({oids::kHrPrinterDetectedErrorState, printer}));
    for (const std::uint32_t column :
         {oids::kConfigChanges, oids::kAlertCriticalEvents, oids::kAlertAllEvents}) {
      objects.push_back(oids::kGeneralEntry.Child({column, printer}));
    }
    objects.push_back(oids::kMarkerEntry.Child({oids::kMarkerLifeCount, printer, 1}));
  }
  return objects;
}

ReadingPlan StatusPlan(std::span<const std::uint32_t> printers, std::uint32_t lacks) {
  ReadingPlan plan;
  plan.scalars.push_back(oids::kSysUpTime);
  std::uint32_t bit = 1;
  for (snmp::Oid& object : StatusObjects(printers)) {
    if ((lacks & bit) == 0) plan.scalars.push_back(std::move(object));
    bit <<= 1;  // Objects beyond the bits are asked for.
  }
  return plan;
}

ReadingPlan StatusDetailPlan() {
  // 512 alert rows of eight columns (Table::kMaxRows), and the tables beside them.
  constexpr std::size_t kWalkedMax = 5000;
  ReadingPlan plan;
  plan.walked_max = kWalkedMax;
  AddLocalization(plan);
  AddColumns(plan, oids::kCoverEntry, {oids::kCoverDescription, oids::kCoverStatus});
  AddColumns(plan,
             oids::kInputEntry,
             {oids::kInputType,
              oids::kInputDimUnit,
              oids::kInputChosenFeed,
              oids::kInputChosenAcross,
              oids::kInputCapacity,
              oids::kInputLevel,
              oids::kInputStatus,
              oids::kInputName,
              oids::kInputDescription});
  AddColumns(plan,
             oids::kOutputEntry,
             {oids::kOutputCapacity,
              oids::kOutputRemaining,
              oids::kOutputStatus,
              oids::kOutputName,
              oids::kOutputDescription});
  AddColumns(plan, oids::kMarkerEntry, {oids::kMarkerStatus});
  AddColumns(plan, oids::kConsoleEntry, {oids::kConsoleText});
  AddAlerts(plan);
  return plan;
}

ReadingPlan MetersPlan(const Profile* profile) {
  ReadingPlan plan =
      profile == nullptr ? ReadingPlan() : VendorPlan(*profile, ReadPurpose::kMeters);
  AddSerialNumber(plan);
  AddColumns(plan, oids::kMarkerEntry, {oids::kMarkerCounterUnit, oids::kMarkerLifeCount});
  return plan;
}

ReadingPlan FirmwarePlan(const Profile* profile) {
  ReadingPlan plan =
      profile == nullptr ? ReadingPlan() : VendorPlan(*profile, ReadPurpose::kFirmware);
  AddSystem(plan);
  plan.subtrees.push_back(oids::kPortMonitorIeee1284);
  AddColumns(plan, oids::kIfEntry, {oids::kIfType, oids::kIfPhysAddress});
  AddColumns(plan, oids::kHrDeviceEntry, {oids::kHrDeviceType, oids::kHrDeviceDescr});
  AddColumns(plan, oids::kHrPrinterEntry, {oids::kHrPrinterStatus});
  AddColumns(plan, oids::kGeneralEntry, {oids::kPrinterName, oids::kSerialNumber});
  AddLocalization(plan);
  return plan;
}

ReadingPlan SuppliesPlan() {
  ReadingPlan plan;
  AddSerialNumber(plan);
  AddLocalization(plan);
  AddSupplies(plan);
  return plan;
}

std::optional<ReadingPlan> ContextPlan(const Profile* profile,
                                       std::span<const snmp::Varbind> values) {
  if (profile == nullptr || profile->quirks.context.empty()) return std::nullopt;
  const bool has_supplies = std::ranges::any_of(values, [](const snmp::Varbind& each) {
    return each.name.StartsWith(oids::kSuppliesEntry) && HasValue(each);
  });
  if (has_supplies) return std::nullopt;
  ReadingPlan plan = SuppliesPlan();
  plan.context = profile->quirks.context;
  return plan;
}

}  // namespace platen::collector::core
