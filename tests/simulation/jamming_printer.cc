#include "tests/simulation/jamming_printer.h"

#include <algorithm>
#include <string_view>
#include <utility>

#include "libs/base/status.h"
#include "services/collector/core/printer_oids.h"
#include "services/collector/core/readings.h"

namespace platen::simulation {
namespace {

namespace core = collector::core;
namespace oids = collector::core::oids;
using snmp::Value;
using snmp::ValueType;

snmp::Oid OfDevice(const snmp::Oid& entry, std::uint32_t column) {
  return entry.Child(column).Child(1);
}

}  // namespace

JammingPrinter::JammingPrinter(int number, bool has_rows, const base::SimClock& clock)
    : clock_(clock),
      number_(number),
      has_rows_(has_rows),
      booted_(clock.Now() - std::chrono::hours(20)) {}

void JammingPrinter::Jam() {
  jammed_ = true;
  ++jams_;
  raised_ticks_ = Ticks();
  table_.clear();
}

void JammingPrinter::Clear() {
  jammed_ = false;
  table_.clear();
}

std::uint64_t JammingPrinter::Ticks() const {
  return static_cast<std::uint64_t>(base::ToMillis(clock_.Now() - booted_) / 10);
}

const std::vector<snmp::Varbind>& JammingPrinter::Table() {
  if (!table_.empty()) {
    const auto up = std::find_if(
        table_.begin(), table_.end(), [](const auto& v) { return v.name == oids::kSysUpTime; });
    up->value = Value::Number(ValueType::kTimeTicks, Ticks());
    return table_;
  }
  const auto jams = static_cast<std::uint64_t>(jams_);
  table_ = {
      {oids::kSysDescr, Value::Octets("Simulated printer")},
      {oids::kSysUpTime, Value::Number(ValueType::kTimeTicks, Ticks())},
      {OfDevice(oids::kHrDeviceEntry, oids::kHrDeviceType),
       Value::ObjectId(oids::kHrDeviceTypePrinter)},
      {OfDevice(oids::kHrDeviceEntry, oids::kHrDeviceStatus), Value::Integer(jammed_ ? 5 : 2)},
      {OfDevice(oids::kHrPrinterEntry, oids::kHrPrinterStatus), Value::Integer(jammed_ ? 1 : 3)},
      {OfDevice(oids::kHrPrinterEntry, oids::kHrPrinterDetectedErrorState),
       Value::Octets(jammed_ ? std::string_view("\x04") : std::string_view("\0", 1))},
      {OfDevice(oids::kGeneralEntry, oids::kSerialNumber),
       Value::Octets(base::StrCat("SIM", number_))},
      {oids::kMarkerEntry.Child(oids::kMarkerCounterUnit).Child({1, 1}), Value::Integer(7)},
      {oids::kMarkerEntry.Child(oids::kMarkerLifeCount).Child({1, 1}),
       Value::Number(ValueType::kCounter32, 1000 + jams)},
  };
  if (has_rows_) {
    table_.push_back({OfDevice(oids::kGeneralEntry, oids::kAlertAllEvents),
                      Value::Number(ValueType::kCounter32, jams)});
    if (jammed_) AddRow();
  }
  core::SortReadings(table_);
  return table_;
}

void JammingPrinter::AddRow() {
  const auto add = [this](std::uint32_t column, Value value) {
    table_.emplace_back(
        oids::kAlertEntry.Child(column).Child({1, static_cast<std::uint32_t>(jams_)}),
        std::move(value));
  };
  add(oids::kAlertSeverity, Value::Integer(3));
  add(oids::kAlertTraining, Value::Integer(3));
  add(oids::kAlertGroup, Value::Integer(13));
  add(oids::kAlertGroupIndex, Value::Integer(1));
  add(oids::kAlertLocation, Value::Integer(1));
  add(oids::kAlertCode, Value::Integer(8));
  add(oids::kAlertDescription, Value::Octets("Paper jam"));
  add(oids::kAlertTime, Value::Number(ValueType::kTimeTicks, raised_ticks_));
}

}  // namespace platen::simulation
