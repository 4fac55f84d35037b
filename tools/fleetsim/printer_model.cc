#include "tools/fleetsim/printer_model.h"

#include <algorithm>
#include <optional>
#include <span>
#include <utility>

#include "libs/base/ids.h"

namespace platen::fleetsim {
namespace {

using snmp::ArcReader;
using snmp::Oid;
using snmp::OidView;
using snmp::operator""_oid;
using snmp::Varbind;

constexpr Oid kPrinterMib = "1.3.6.1.2.1.43"_oid;
constexpr Oid kHrDeviceType = "1.3.6.1.2.1.25.3.2.1.2"_oid;
constexpr Oid kHrDevicePrinter = "1.3.6.1.2.1.25.3.1.5"_oid;
constexpr Oid kIfPhysAddress = "1.3.6.1.2.1.2.2.1.6"_oid;
constexpr Oid kBrotherCounters = "1.3.6.1.4.1.2435.2.3.9.4.2.1.5.5.10.0"_oid;

constexpr std::uint32_t kSupplyClassReceptacle = 4;

// Columns whose rows end in …D.i, or for hrDevice and hrPrinter in …D; the life.
struct LiveColumn {
  Oid column;
  Role role;
};

constexpr LiveColumn kLiveColumns[] = {
    {"1.3.6.1.2.1.1.3"_oid, Role::kUptime},
    {"1.3.6.1.2.1.25.1.1"_oid, Role::kUptime},
    {"1.3.6.1.2.1.25.3.2.1.5"_oid, Role::kDeviceStatus},
    {"1.3.6.1.2.1.25.3.2.1.6"_oid, Role::kDeviceErrors},
    {"1.3.6.1.2.1.25.3.5.1.1"_oid, Role::kPrinterStatus},
    {"1.3.6.1.2.1.25.3.5.1.2"_oid, Role::kErrorState},
    {"1.3.6.1.2.1.43.5.1.1.18"_oid, Role::kCriticalEvents},
    {"1.3.6.1.2.1.43.5.1.1.19"_oid, Role::kAllEvents},
    {"1.3.6.1.2.1.43.6.1.1.3"_oid, Role::kCoverStatus},
    {"1.3.6.1.2.1.43.8.2.1.10"_oid, Role::kInputLevel},
    {"1.3.6.1.2.1.43.8.2.1.11"_oid, Role::kInputStatus},
    {"1.3.6.1.2.1.43.10.2.1.4"_oid, Role::kCounter},
    {"1.3.6.1.2.1.43.10.2.1.5"_oid, Role::kPowerOnCount},
    {"1.3.6.1.2.1.43.10.2.1.15"_oid, Role::kMarkerStatus},
    {"1.3.6.1.2.1.43.11.1.1.9"_oid, Role::kSupplyLevel},
    {"1.3.6.1.2.1.43.16.5.1.2"_oid, Role::kPanel},
    {"1.3.6.1.2.1.43.17.6.1.2"_oid, Role::kLightOn},
    {"1.3.6.1.2.1.43.17.6.1.3"_oid, Role::kLightOff},
    {"1.3.6.1.4.1.2435.2.3.9.4.2.1.5.4.5.2"_oid, Role::kPanel},
};

// Where makers keep the serial number, the standard's place first.
constexpr Oid kSerials[] = {
    "1.3.6.1.2.1.43.5.1.1.17"_oid,
    "1.3.6.1.4.1.2435.2.3.9.4.2.1.5.5.1"_oid,
    "1.3.6.1.4.1.1602.1.2.1.8.1.3.1.1"_oid,
    "1.3.6.1.4.1.1602.1.2.1.4"_oid,
    "1.3.6.1.4.1.367.3.2.1.2.1.4"_oid,
    "1.3.6.1.4.1.1347.43.5.1.1.28"_oid,
    "1.3.6.1.4.1.253.8.53.3.2.1.3"_oid,
    "1.3.6.1.4.1.641.2.1.2.1.6"_oid,
    "1.3.6.1.4.1.1248.1.2.2.1.1.1.5"_oid,
    "1.3.6.1.4.1.236.11.5.1.1.1.4"_oid,
};

std::uint32_t LastArc(OidView name) {
  ArcReader arcs = name.arcs();
  std::uint32_t last = 0;
  while (const auto arc = arcs.Next()) last = *arc;
  return last;
}

// Rows whose names lie below `subtree`.
std::span<const Varbind> RowsBelow(const snmp::Recording& recording, OidView subtree) {
  const std::size_t first = recording.Find(subtree) != nullptr ? recording.IndexAfter(subtree) - 1
                                                               : recording.IndexAfter(subtree);
  std::size_t end = first;
  while (end < recording.rows.size() && recording.rows[end].name.StartsWith(subtree)) ++end;
  return std::span(recording.rows).subspan(first, end - first);
}

std::uint32_t TableOf(Part part) {
  switch (part) {
    case Part::kCover:
      return 6;
    case Part::kInput:
      return 8;
    case Part::kMarker:
      return 10;
    case Part::kSupply:
      return 11;
    case Part::kMediaPath:
      return 13;
    case Part::kGeneral:
      break;
  }
  return 5;
}

// A column that each row of the part's table has, and the one with its name.
std::uint32_t KeyColumn(Part part) {
  return part == Part::kSupply ? 9 : part == Part::kCover ? 3 : 2;
}

std::uint32_t NameColumn(Part part) {
  return part == Part::kInput ? 13 : part == Part::kSupply ? 6 : 2;
}

// "…43.TABLE.n.1", where n is 1 but for a few tables.
Oid EntryOf(std::uint32_t table) {
  switch (table) {
    case 8:   // Inputs.
    case 10:  // Markers.
      return kPrinterMib.Child({table, 2, 1});
    case 13:  // Media paths.
      return kPrinterMib.Child({table, 4, 1});
    case 17:  // Lights.
      return kPrinterMib.Child({table, 6, 1});
    default:
      return kPrinterMib.Child({table, 1, 1});
  }
}

}  // namespace

PrinterModel::PrinterModel(std::string name, snmp::Recording recording, const Counters& counters)
    : name_(std::move(name)), recording_(std::move(recording)), live_(recording_.rows.size()) {
  FindDeviceIndex();
  FindLiveRows(counters);
  FindUniques();
}

void PrinterModel::FindDeviceIndex() {
  for (const Varbind& row : RowsBelow(recording_, kHrDeviceType)) {
    if (row.value.AsOid() == kHrDevicePrinter.view()) {
      device_index_ = LastArc(row.name);
      return;
    }
  }
}

void PrinterModel::FindLiveRows(const Counters& counters) {
  for (const auto& [column, role] : kLiveColumns) {
    for (const Varbind& row : RowsBelow(recording_, column)) {
      const auto at = static_cast<std::size_t>(&row - recording_.rows.data());
      live_[at] = {.role = role, .index = LastArc(row.name)};
    }
  }
  for (const auto& [name, pages] : counters) {
    const Varbind* row = recording_.Find(name);
    if (row == nullptr) continue;
    const Role role = name == kBrotherCounters ? Role::kBrotherRecords : Role::kCounter;
    live_[static_cast<std::size_t>(row - recording_.rows.data())] = {.role = role, .pages = pages};
  }
  for (std::size_t i = 0; i < live_.size(); ++i) {
    const Oid& name = recording_.rows[i].name;
    // Of the devices that the Host Resources MIB lists, only the printer has a printer's status.
    const bool of_a_device =
        live_[i].role == Role::kDeviceStatus || live_[i].role == Role::kDeviceErrors;
    if (of_a_device && live_[i].index != device_index_) live_[i] = {};
    // Only the first line of a console changes; Brother's private panel is a single text.
    const bool other_line =
        name.StartsWith(kPrinterMib) && live_[i].role == Role::kPanel && live_[i].index != 1;
    if (other_line) live_[i] = {};
    // A life count in sheets (unit 8) grows more slowly than one in impressions.
    const bool life = live_[i].role == Role::kCounter || live_[i].role == Role::kPowerOnCount;
    if (life && name.StartsWith(kPrinterMib)) {
      const snmp::Value* unit = Cell(10, 3, live_[i].index);
      if (unit != nullptr && unit->AsInteger() == 8) live_[i].pages = Pages::kSheets;
    }
  }
}

void PrinterModel::FindUniques() {
  for (const Oid& place : kSerials) {
    for (const Varbind& row : RowsBelow(recording_, place)) {
      if (serial_.empty()) serial_ = std::string(row.value.AsBytes().value_or(""));
    }
  }
  if (!serial_.empty())
    FindText(serial_, std::min<std::size_t>(6, serial_.size()), Unique::Kind::kSerial);

  std::uint8_t macs = 0;
  for (const Varbind& row : RowsBelow(recording_, kIfPhysAddress)) {
    const std::string_view mac = row.value.AsBytes().value_or("");
    if (mac.size() != 6) continue;
    const auto at = static_cast<std::uint32_t>(&row - recording_.rows.data());
    uniques_.push_back({.row = at, .size = 6, .kind = Unique::Kind::kMacBytes, .nth_mac = macs});
    if (macs++ > 0) continue;
    // Host names are made of the last three bytes, or of all, in hexadecimal.
    std::string text = base::HexEncode(mac.substr(3));
    FindText(text, text.size(), Unique::Kind::kMacTextLower);
    std::transform(text.begin(), text.end(), text.begin(), [](char c) {
      return c >= 'a' ? static_cast<char>(c - 32) : c;
    });
    FindText(text, text.size(), Unique::Kind::kMacText);
  }
}

// Marks the last `tail` characters of `text` wherever a row has it.
void PrinterModel::FindText(std::string_view text, std::size_t tail, Unique::Kind kind) {
  for (std::size_t i = 0; i < recording_.rows.size(); ++i) {
    const std::string_view value = recording_.rows[i].value.AsBytes().value_or("");
    const std::size_t at = value.find(text);
    if (at == std::string_view::npos) continue;
    uniques_.push_back({.row = static_cast<std::uint32_t>(i),
                        .offset = static_cast<std::uint32_t>(at + text.size() - tail),
                        .size = static_cast<std::uint8_t>(tail),
                        .kind = kind});
  }
}

const snmp::Value* PrinterModel::Cell(std::uint32_t table,
                                      std::uint32_t column,
                                      std::uint32_t index) const {
  const Varbind* row = recording_.Find(EntryOf(table).Child({column, device_index_, index}));
  return row == nullptr ? nullptr : &row->value;
}

std::vector<std::uint32_t> PrinterModel::IndexesOf(Part part) const {
  std::vector<std::uint32_t> indexes;
  const Oid column = EntryOf(TableOf(part)).Child({KeyColumn(part), device_index_});
  for (const Varbind& row : RowsBelow(recording_, column)) indexes.push_back(LastArc(row.name));
  return indexes;
}

bool PrinterModel::Has(Part part, std::uint32_t index) const {
  if (part == Part::kGeneral || part == Part::kMediaPath || part == Part::kMarker)
    return index == 1;
  return Cell(TableOf(part), KeyColumn(part), index) != nullptr;
}

std::uint32_t PrinterModel::DefaultIndex(Condition condition) const {
  const Part part = TraitsOf(condition).part;
  for (const std::uint32_t index : IndexesOf(part)) {
    if (part == Part::kInput) {
      const snmp::Value* type = Cell(8, 2, index);
      if (type != nullptr && type->AsInteger() == 5)
        continue;  // The manual tray is empty as a rule.
    }
    if (part == Part::kSupply) {
      const snmp::Value* supply_class = Cell(11, 4, index);
      const bool receptacle =
          supply_class != nullptr && supply_class->AsInteger() == kSupplyClassReceptacle;
      if (receptacle != (condition == Condition::kWasteFull)) continue;
    }
    return index;
  }
  return 1;
}

std::string PrinterModel::PartName(Part part, std::uint32_t index) const {
  if (part == Part::kGeneral || part == Part::kMarker || part == Part::kMediaPath) return "";
  const snmp::Value* name = Cell(TableOf(part), NameColumn(part), index);
  return name == nullptr ? "" : std::string(name->AsBytes().value_or(""));
}

bool PrinterModel::IsInk(std::uint32_t supply) const {
  const snmp::Value* type = Cell(11, 5, supply);
  const std::int64_t number = type == nullptr ? 0 : type->AsInteger().value_or(0);
  return number == 5 || number == 6 || number == 8;  // ink, inkCartridge, wasteInk
}

}  // namespace platen::fleetsim
