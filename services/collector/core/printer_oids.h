// The objects of the standard MIBs that printers are read by: SNMPv2-MIB, IF-MIB (RFC 2863),
// HOST-RESOURCES-MIB (RFC 2790), Printer-MIB (RFC 3805), the PWG's Port Monitor MIB (5107.1).
// A table is named by its entry; its columns are numbers below it.
#pragma once

#include <cstdint>

#include "libs/snmp/oid.h"

namespace platen::collector::core::oids {

using snmp::operator""_oid;

inline constexpr snmp::Oid kSysDescr = "1.3.6.1.2.1.1.1.0"_oid;
inline constexpr snmp::Oid kSysObjectId = "1.3.6.1.2.1.1.2.0"_oid;
inline constexpr snmp::Oid kSysUpTime = "1.3.6.1.2.1.1.3.0"_oid;
inline constexpr snmp::Oid kSysName = "1.3.6.1.2.1.1.5.0"_oid;
inline constexpr snmp::Oid kSysLocation = "1.3.6.1.2.1.1.6.0"_oid;

inline constexpr snmp::Oid kIfEntry = "1.3.6.1.2.1.2.2.1"_oid;

enum IfColumn : std::uint32_t { kIfType = 3, kIfPhysAddress = 6, kIfOperStatus = 8 };

inline constexpr snmp::Oid kHrDeviceEntry = "1.3.6.1.2.1.25.3.2.1"_oid;

enum HrDeviceColumn : std::uint32_t { kHrDeviceType = 2, kHrDeviceDescr = 3, kHrDeviceStatus = 5 };

inline constexpr snmp::Oid kHrDeviceTypePrinter = "1.3.6.1.2.1.25.3.1.5"_oid;

inline constexpr snmp::Oid kHrPrinterEntry = "1.3.6.1.2.1.25.3.5.1"_oid;

enum HrPrinterColumn : std::uint32_t { kHrPrinterStatus = 1, kHrPrinterDetectedErrorState = 2 };

inline constexpr snmp::Oid kPrinterMib = "1.3.6.1.2.1.43"_oid;

inline constexpr snmp::Oid kGeneralEntry = "1.3.6.1.2.1.43.5.1.1"_oid;

enum GeneralColumn : std::uint32_t {
  kConfigChanges = 1,
  kCurrentLocalization = 2,
  kPrinterName = 16,
  kSerialNumber = 17,
  kAlertCriticalEvents = 18,
  kAlertAllEvents = 19,
};

inline constexpr snmp::Oid kCoverEntry = "1.3.6.1.2.1.43.6.1.1"_oid;

enum CoverColumn : std::uint32_t { kCoverDescription = 2, kCoverStatus = 3 };

inline constexpr snmp::Oid kLocalizationEntry = "1.3.6.1.2.1.43.7.1.1"_oid;

enum LocalizationColumn : std::uint32_t { kLocalizationCharset = 4 };

inline constexpr snmp::Oid kInputEntry = "1.3.6.1.2.1.43.8.2.1"_oid;

enum InputColumn : std::uint32_t {
  kInputType = 2,
  kInputDimUnit = 3,
  kInputChosenFeed = 6,
  kInputChosenAcross = 7,
  kInputUnit = 8,
  kInputCapacity = 9,
  kInputLevel = 10,
  kInputStatus = 11,
  kInputMediaName = 12,
  kInputName = 13,
  kInputDescription = 18,
};

inline constexpr snmp::Oid kOutputEntry = "1.3.6.1.2.1.43.9.2.1"_oid;

enum OutputColumn : std::uint32_t {
  kOutputUnit = 3,
  kOutputCapacity = 4,
  kOutputRemaining = 5,
  kOutputStatus = 6,
  kOutputName = 7,
  kOutputDescription = 12,
};

inline constexpr snmp::Oid kMarkerEntry = "1.3.6.1.2.1.43.10.2.1"_oid;

enum MarkerColumn : std::uint32_t {
  kMarkerCounterUnit = 3,
  kMarkerLifeCount = 4,
  kMarkerStatus = 15
};

inline constexpr snmp::Oid kSuppliesEntry = "1.3.6.1.2.1.43.11.1.1"_oid;

enum SuppliesColumn : std::uint32_t {
  kSupplyMarker = 2,
  kSupplyColorant = 3,
  kSupplyClass = 4,
  kSupplyType = 5,
  kSupplyDescription = 6,
  kSupplyUnit = 7,
  kSupplyCapacity = 8,
  kSupplyLevel = 9,
};

inline constexpr snmp::Oid kColorantEntry = "1.3.6.1.2.1.43.12.1.1"_oid;

enum ColorantColumn : std::uint32_t { kColorantValue = 4 };

// Finisher MIB, RFC 3806.
inline constexpr snmp::Oid kFinDeviceEntry = "1.3.6.1.2.1.43.30.1.1"_oid;

enum FinDeviceColumn : std::uint32_t {
  kFinDeviceType = 2,
  kFinDeviceStatus = 9,
  kFinDeviceDescription = 10,
};

inline constexpr snmp::Oid kFinSupplyEntry = "1.3.6.1.2.1.43.31.1.1"_oid;

enum FinSupplyColumn : std::uint32_t {
  kFinSupplyDevice = 2,
  kFinSupplyClass = 3,
  kFinSupplyType = 4,
  kFinSupplyDescription = 5,
  kFinSupplyUnit = 6,
  kFinSupplyCapacity = 7,
  kFinSupplyLevel = 8,
};

inline constexpr snmp::Oid kConsoleEntry = "1.3.6.1.2.1.43.16.5.1"_oid;

enum ConsoleColumn : std::uint32_t { kConsoleText = 2 };

inline constexpr snmp::Oid kAlertEntry = "1.3.6.1.2.1.43.18.1.1"_oid;

enum AlertColumn : std::uint32_t {
  kAlertSeverity = 2,
  kAlertTraining = 3,
  kAlertGroup = 4,
  kAlertGroupIndex = 5,
  kAlertLocation = 6,
  kAlertCode = 7,
  kAlertDescription = 8,
  kAlertTime = 9,
};

// ppmPrinterIEEE1284DeviceId.
inline constexpr snmp::Oid kPortMonitorIeee1284 = "1.3.6.1.4.1.2699.1.2.1.2.1.1.3"_oid;

}  // namespace platen::collector::core::oids
