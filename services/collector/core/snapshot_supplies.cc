// Supplies and parts of prtMarkerSuppliesTable.
#include "libs/base/status.h"
#include "services/collector/core/cartridge_text.h"
#include "services/collector/core/printer_oids.h"
#include "services/collector/core/snapshot_parts.h"
#include "services/collector/core/text.h"

namespace platen::collector::core {
namespace {

using base::StrCat;
using event::v1::Supply;

// The colorant's name; nothing where the supply belongs to none (0) or the device has no such row.
std::string Colorant(const Reader& reader, RowKey key, const Row& row) {
  const auto index = SignedNumber(row.Column(oids::kSupplyColorant));
  if (!index.has_value() || *index <= 0 || *index > 0xffff) return {};
  const snmp::Varbind* value = reader.readings.Find(oids::kColorantEntry.Child(
      {oids::kColorantValue, key.device, static_cast<std::uint32_t>(*index)}));
  return LowerCase(reader.NotedText(
      FieldName("supplies", key, "colorant"), value, "printer-mib/prtMarkerColorantValue"));
}

void SetKind(const Row& row, Supply* supply) {
  if (const auto number = SignedNumber(row.Column(oids::kSupplyClass)); number.has_value()) {
    const bool known = *number == event::v1::SUPPLY_CLASS_CONTAINER ||
                       *number == event::v1::SUPPLY_CLASS_RECEPTACLE;
    supply->set_supply_class(known ? static_cast<event::v1::SupplyClass>(*number)
                                   : event::v1::SUPPLY_CLASS_OTHER);
  }
  if (const auto number = SignedNumber(row.Column(oids::kSupplyType)); number.has_value()) {
    const bool known =
        *number > 0 && *number < 1000 && event::v1::SupplyType_IsValid(static_cast<int>(*number));
    supply->set_type(known ? static_cast<event::v1::SupplyType>(*number)
                           : event::v1::SUPPLY_TYPE_OTHER);
  }
}

void SetDescription(const Reader& reader, RowKey key, const Row& row, Supply* supply) {
  const snmp::Varbind* from = row.Column(oids::kSupplyDescription);
  supply->set_description(reader.NotedText(
      FieldName("supplies", key, "description"), from, "printer-mib/prtMarkerSuppliesDescription"));
  const CartridgeNumbers numbers = FindCartridgeNumbers(supply->description());
  if (!numbers.part_number.empty()) {
    reader.Note(FieldName("supplies", key, "part_number"), from, numbers.rule);
    supply->set_part_number(numbers.part_number);
  }
  if (!numbers.serial_number.empty()) {
    reader.Note(FieldName("supplies", key, "serial_number"), from, numbers.rule);
    supply->set_serial_number(numbers.serial_number);
  }
}

void SetLevel(const Reader& reader, RowKey key, const Row& row, Supply* supply) {
  const snmp::Varbind* from = row.Column(oids::kSupplyLevel);
  const RawLevel raw{.level = SignedNumber(from),
                     .capacity = SignedNumber(row.Column(oids::kSupplyCapacity)),
                     .unit = SignedNumber(row.Column(oids::kSupplyUnit))};
  const auto sentinels = reader.profile == nullptr
                             ? std::span<const LevelSentinel>()
                             : std::span<const LevelSentinel>(reader.profile->level_sentinels);
  *supply->mutable_level() = MakeLevel(raw, sentinels);
  reader.Note(FieldName("supplies", key, "level"), from, LevelRule(supply->level()));
  if (!raw.level.has_value()) {
    reader.Missing(FieldName("supplies", key, "level"),
                   from == nullptr ? "the device offers no level for this supply"
                                   : "the device's level is not a number");
  }
}

}  // namespace

void ReadSupplies(const Reader& reader) {
  const Table table(reader.readings, oids::kSuppliesEntry);
  for (const auto& [key, row] : table.rows()) {
    Supply* supply = reader.out->add_supplies();
    supply->set_index(key.index);
    supply->set_device_index(key.device);
    SetDescription(reader, key, row, supply);
    SetKind(row, supply);
    supply->set_colorant(Colorant(reader, key, row));
    SetLevel(reader, key, row, supply);
    const auto marker = SignedNumber(row.Column(oids::kSupplyMarker));
    if (marker.has_value() && *marker > 0 && *marker <= 0xffff) {
      supply->set_marker(static_cast<std::uint32_t>(*marker));
    }
  }
  if (table.rows().empty()) reader.Missing("supplies", "the device lists no supplies");
  if (table.truncated()) reader.Missing("supplies", "more than 512 rows; the rest is left out");
}

}  // namespace platen::collector::core
