// A recording, and which of its rows live: shared by all devices of one model, and immutable.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "libs/snmp/recording.h"
#include "tools/fleetsim/condition.h"

namespace platen::fleetsim {

// What a row's value depends on. Everything else is as recorded.
enum class Role : std::uint8_t {
  kStatic,
  kUptime,
  kDeviceStatus,
  kDeviceErrors,
  kPrinterStatus,
  kErrorState,
  kAllEvents,
  kCriticalEvents,
  kCoverStatus,
  kInputLevel,
  kInputStatus,
  kMarkerStatus,
  kSupplyLevel,
  kPanel,  // The console's first line.
  kLightOn,
  kLightOff,
  kPowerOnCount,
  kCounter,         // Pages of a kind.
  kBrotherRecords,  // Pages in Brother's seven-byte records.
};

// Which pages a counter counts. A device prints every third page in colour and every fourth on a
// second side.
enum class Pages : std::uint8_t { kAll, kMono, kColour, kDuplex, kSheets };

struct LiveRow {
  Role role = Role::kStatic;
  Pages pages = Pages::kAll;
  std::uint32_t index = 0;  // In its table: which cover, input, supply, light.
};

// Part of a text or address that differs from device to device.
struct Unique {
  enum class Kind : std::uint8_t { kSerial, kMacText, kMacTextLower, kMacBytes };

  std::uint32_t row = 0;
  std::uint32_t offset = 0;
  std::uint8_t size = 0;
  Kind kind = Kind::kSerial;
  std::uint8_t nth_mac = 0;
};

class PrinterModel {
 public:
  // Vendors' page counters by name of the object, as kept beside the recordings (ReadCounters).
  using Counters = std::map<snmp::Oid, Pages>;

  PrinterModel(std::string name, snmp::Recording recording, const Counters& counters);

  const std::string& name() const { return name_; }

  const std::string& serial() const { return serial_; }

  const snmp::Recording& recording() const { return recording_; }

  const LiveRow& live(std::size_t row) const { return live_[row]; }

  const std::vector<Unique>& uniques() const { return uniques_; }

  // hrDeviceIndex of the printer.
  std::uint32_t device_index() const { return device_index_; }

  // The value in column `column` of the Printer-MIB table `table` for `index`; null where it was
  // not recorded.
  const snmp::Value* Cell(std::uint32_t table, std::uint32_t column, std::uint32_t index) const;

  // Whether the part exists; and, for want of an index in a command, which is meant: the first that
  // fits.
  bool Has(Part part, std::uint32_t index) const;
  std::uint32_t DefaultIndex(Condition condition) const;

  // The recorded name of a part: "Tray 1", "Black Toner"; empty where there is none.
  std::string PartName(Part part, std::uint32_t index) const;

  bool IsInk(std::uint32_t supply) const;

 private:
  void FindDeviceIndex();
  void FindLiveRows(const Counters& counters);
  void FindUniques();
  void FindText(std::string_view text, std::size_t tail, Unique::Kind kind);
  std::vector<std::uint32_t> IndexesOf(Part part) const;

  std::string name_;
  snmp::Recording recording_;
  std::uint32_t device_index_ = 1;
  std::string serial_;
  std::vector<LiveRow> live_;  // One for each row.
  std::vector<Unique> uniques_;
};

// Reads "OID all|mono|colour|duplex|sheets" lines; '#' starts a comment. kInvalidArgument names the
// bad line.
absl::StatusOr<PrinterModel::Counters> ReadCounters(std::string_view text);

// All *.snmprec of a directory, by name, with its page-counters.txt if there is one. kNotFound if
// there is no recording; kInvalidArgument for bad counters. Damaged lines of recordings are passed
// over.
absl::StatusOr<std::vector<PrinterModel>> LoadModels(const std::string& directory);

}  // namespace platen::fleetsim
