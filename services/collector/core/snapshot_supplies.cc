// Supplies and parts: prtMarkerSuppliesTable, and finSupplyTable of finishers (RFC 3806), which has
// the same columns under other numbers.
#include <ranges>

#include "services/collector/core/cartridge_text.h"
#include "services/collector/core/printer_oids.h"
#include "services/collector/core/snapshot_parts.h"
#include "services/collector/core/text.h"

namespace platen::collector::core {
namespace {

using event::v1::Supply;

// One of the two tables.
struct SupplyTable {
  std::string_view name;
  snmp::Oid entry;
  std::uint32_t supply_class;
  std::uint32_t type;
  std::uint32_t description;
  std::uint32_t unit;
  std::uint32_t capacity;
  std::uint32_t level;
  std::string_view description_rule;
};

constexpr SupplyTable kMarkerSupplies = {
    .name = "supplies",
    .entry = oids::kSuppliesEntry,
    .supply_class = oids::kSupplyClass,
    .type = oids::kSupplyType,
    .description = oids::kSupplyDescription,
    .unit = oids::kSupplyUnit,
    .capacity = oids::kSupplyCapacity,
    .level = oids::kSupplyLevel,
    .description_rule = "printer-mib/prtMarkerSuppliesDescription",
};

constexpr SupplyTable kFinisherSupplies = {
    .name = "finisher_supplies",
    .entry = oids::kFinSupplyEntry,
    .supply_class = oids::kFinSupplyClass,
    .type = oids::kFinSupplyType,
    .description = oids::kFinSupplyDescription,
    .unit = oids::kFinSupplyUnit,
    .capacity = oids::kFinSupplyCapacity,
    .level = oids::kFinSupplyLevel,
    .description_rule = "finisher-mib/finSupplyDescription",
};

// The colorant's name; nothing where the supply belongs to none (0) or the device has no such row.
std::string Colorant(const Reader& reader, RowKey key, const Row& row) {
  const auto index = SignedNumber(row.Column(oids::kSupplyColorant));
  if (!index.has_value() || *index <= 0 || *index > 0xffff) return {};
  const snmp::Varbind* value = reader.readings.Find(oids::kColorantEntry.Child(
      {oids::kColorantValue, key.device, static_cast<std::uint32_t>(*index)}));
  return LowerCase(reader.NotedText(
      Label("supplies", key, "colorant"), value, "printer-mib/prtMarkerColorantValue"));
}

void SetKind(const SupplyTable& table, const Row& row, Supply* supply) {
  if (const auto number = SignedNumber(row.Column(table.supply_class)); number.has_value()) {
    const bool known = *number == event::v1::SUPPLY_CLASS_CONTAINER ||
                       *number == event::v1::SUPPLY_CLASS_RECEPTACLE;
    supply->set_supply_class(known ? static_cast<event::v1::SupplyClass>(*number)
                                   : event::v1::SUPPLY_CLASS_OTHER);
  }
  if (const auto number = SignedNumber(row.Column(table.type)); number.has_value()) {
    const bool known =
        *number > 0 && *number < 1000 && event::v1::SupplyType_IsValid(static_cast<int>(*number));
    supply->set_type(known ? static_cast<event::v1::SupplyType>(*number)
                           : event::v1::SUPPLY_TYPE_OTHER);
  }
}

void SetDescription(
    const Reader& reader, const SupplyTable& table, RowKey key, const Row& row, Supply* supply) {
  const snmp::Varbind* from = row.Column(table.description);
  supply->set_description(
      reader.NotedText(Label(table.name, key, "description"), from, table.description_rule));
  const CartridgeNumbers numbers = FindCartridgeNumbers(supply->description());
  if (!numbers.part_number.empty()) {
    reader.Note(Label(table.name, key, "part_number"), from, numbers.rule);
    supply->set_part_number(numbers.part_number);
  }
  if (!numbers.serial_number.empty()) {
    reader.Note(Label(table.name, key, "serial_number"), from, numbers.rule);
    supply->set_serial_number(numbers.serial_number);
  }
}

void SetLevel(
    const Reader& reader, const SupplyTable& table, RowKey key, const Row& row, Supply* supply) {
  const snmp::Varbind* from = row.Column(table.level);
  const RawLevel raw{.level = SignedNumber(from),
                     .capacity = SignedNumber(row.Column(table.capacity)),
                     .unit = SignedNumber(row.Column(table.unit))};
  const auto sentinels = reader.profile == nullptr
                             ? std::span<const LevelSentinel>()
                             : std::span<const LevelSentinel>(reader.profile->level_sentinels);
  *supply->mutable_level() = MakeLevel(raw, sentinels);
  reader.Note(Label(table.name, key, "level"), from, LevelRule(supply->level()));
  if (!raw.level.has_value()) {
    reader.Missing(Label(table.name, key, "level"),
                   from == nullptr ? "the device offers no level for this supply"
                                   : "the device's level is not a number");
  }
}

// What both tables say of a supply.
void FillSupply(
    const Reader& reader, const SupplyTable& table, RowKey key, const Row& row, Supply* supply) {
  supply->set_index(key.index);
  supply->set_device_index(key.device);
  SetDescription(reader, table, key, row, supply);
  SetKind(table, row, supply);
  SetLevel(reader, table, key, row, supply);
}

std::uint32_t SubUnitNumber(const snmp::Varbind* from) {
  const auto number = SignedNumber(from);
  return number.has_value() && *number > 0 && *number <= 0xffff
             ? static_cast<std::uint32_t>(*number)
             : 0;
}

}  // namespace

void ReadSupplies(const Reader& reader) {
  const Table table(reader.readings, kMarkerSupplies.entry);
  for (const auto& [key, row] : table.rows()) {
    Supply* supply = reader.out->add_supplies();
    FillSupply(reader, kMarkerSupplies, key, row, supply);
    supply->set_colorant(Colorant(reader, key, row));
    supply->set_marker(SubUnitNumber(row.Column(oids::kSupplyMarker)));
  }
  if (table.rows().empty()) reader.Missing("supplies", "the device lists no supplies");
  const Table finisher(reader.readings, kFinisherSupplies.entry);
  const std::size_t left = Table::kMaxRows - table.rows().size();
  for (const auto& [key, row] : finisher.rows() | std::views::take(left)) {
    Supply* supply = reader.out->add_supplies();
    FillSupply(reader, kFinisherSupplies, key, row, supply);
    supply->set_finisher(SubUnitNumber(row.Column(oids::kFinSupplyDevice)));
  }
  if (table.truncated() || finisher.rows().size() > left) {
    reader.Missing("supplies", "more than 512 rows; the rest is left out");
  }
}

}  // namespace platen::collector::core
