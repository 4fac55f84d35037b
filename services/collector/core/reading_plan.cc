#include "services/collector/core/reading_plan.h"

#include <initializer_list>
#include <utility>

#include "services/collector/core/printer_oids.h"

namespace platen::collector::core {
namespace {

void AddColumns(ReadingPlan& plan,
                const snmp::Oid& entry,
                std::initializer_list<std::uint32_t> columns) {
  for (const std::uint32_t column : columns) plan.subtrees.push_back(entry.Child(column));
}

// Charset of texts: without it an alert's description may be misread.
void AddLocalization(ReadingPlan& plan) {
  AddColumns(plan, oids::kGeneralEntry, {oids::kCurrentLocalization});
  AddColumns(plan, oids::kLocalizationEntry, {oids::kLocalizationCharset});
}

}  // namespace

ReadingPlan StandardPlan() {
  ReadingPlan plan;
  plan.scalars = {
      oids::kSysDescr, oids::kSysObjectId, oids::kSysUpTime, oids::kSysName, oids::kSysLocation};
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
  AddColumns(plan, oids::kMarkerEntry, {oids::kMarkerCounterUnit, oids::kMarkerLifeCount});
  const ReadingPlan supplies = SuppliesPlan();
  plan.subtrees.insert(plan.subtrees.end(), supplies.subtrees.begin(), supplies.subtrees.end());
  AddColumns(plan, oids::kConsoleEntry, {oids::kConsoleText});
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
  return plan;
}

ReadingPlan VendorPlan(const Profile& profile, ReadPurpose purpose) {
  VendorReads reads = ReadsOf(profile, purpose);
  return {std::move(reads.scalars), std::move(reads.columns)};
}

ReadingPlan StatusPlan(std::span<const std::uint32_t> printers) {
  static constexpr std::uint32_t kFirst[] = {1};
  ReadingPlan plan;
  plan.scalars.push_back(oids::kSysUpTime);
  for (const std::uint32_t printer : printers.empty() ? std::span(kFirst) : printers) {
    plan.scalars.push_back(oids::kHrDeviceEntry.Child(oids::kHrDeviceStatus).Child(printer));
    plan.scalars.push_back(oids::kHrPrinterEntry.Child(oids::kHrPrinterStatus).Child(printer));
    plan.scalars.push_back(
        oids::kHrPrinterEntry.Child(oids::kHrPrinterDetectedErrorState).Child(printer));
    for (const std::uint32_t column :
         {oids::kConfigChanges, oids::kAlertCriticalEvents, oids::kAlertAllEvents}) {
      plan.scalars.push_back(oids::kGeneralEntry.Child(column).Child(printer));
    }
    plan.scalars.push_back(
        oids::kMarkerEntry.Child(oids::kMarkerLifeCount).Child(printer).Child(1));
  }
  return plan;
}

ReadingPlan StatusDetailPlan() {
  ReadingPlan plan;
  AddLocalization(plan);
  AddColumns(plan, oids::kCoverEntry, {oids::kCoverDescription, oids::kCoverStatus});
  AddColumns(plan, oids::kInputEntry, {oids::kInputName, oids::kInputDescription});
  AddColumns(plan, oids::kOutputEntry, {oids::kOutputName, oids::kOutputDescription});
  AddColumns(plan, oids::kConsoleEntry, {oids::kConsoleText});
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
  return plan;
}

ReadingPlan MetersPlan(const Profile* profile) {
  ReadingPlan plan =
      profile == nullptr ? ReadingPlan() : VendorPlan(*profile, ReadPurpose::kMeters);
  AddColumns(plan, oids::kMarkerEntry, {oids::kMarkerCounterUnit, oids::kMarkerLifeCount});
  return plan;
}

ReadingPlan SuppliesPlan() {
  ReadingPlan plan;
  AddLocalization(plan);
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
  return plan;
}

}  // namespace platen::collector::core
