#include "services/collector/core/inventory.h"

#include <algorithm>
#include <array>
#include <string>
#include <variant>
#include <vector>

#include "services/collector/core/kept_cells.h"
#include "services/collector/core/printer_oids.h"
#include "services/collector/core/reading_answer.h"
#include "services/collector/core/reading_plan.h"
#include "services/collector/core/readings.h"

namespace platen::collector::core {
namespace {

using collector::v1::DeviceState;
using collector::v1::Inventory;

// Columns of the standard tables that are static. What is not here is asked for each time.
const std::vector<snmp::Oid>& StaticColumns() {
  static const std::vector<snmp::Oid> kColumns = [] {
    std::vector<snmp::Oid> columns = {oids::kGeneralEntry.Child(oids::kCurrentLocalization),
                                      oids::kLocalizationEntry.Child(oids::kLocalizationCharset),
                                      oids::kCoverEntry.Child(oids::kCoverDescription),
                                      oids::kMarkerEntry.Child(oids::kMarkerCounterUnit),
                                      oids::kColorantEntry.Child(oids::kColorantValue)};
    for (const std::uint32_t column : {oids::kInputType,
                                       oids::kInputDimUnit,
                                       oids::kInputChosenFeed,
                                       oids::kInputChosenAcross,
                                       oids::kInputUnit,
                                       oids::kInputCapacity,
                                       oids::kInputName,
                                       oids::kInputDescription}) {
      columns.push_back(oids::kInputEntry.Child(column));
    }
    for (const std::uint32_t column :
         {oids::kOutputUnit, oids::kOutputCapacity, oids::kOutputName, oids::kOutputDescription}) {
      columns.push_back(oids::kOutputEntry.Child(column));
    }
    for (const std::uint32_t column : {oids::kSupplyMarker,
                                       oids::kSupplyColorant,
                                       oids::kSupplyClass,
                                       oids::kSupplyType,
                                       oids::kSupplyDescription,
                                       oids::kSupplyUnit,
                                       oids::kSupplyCapacity}) {
      columns.push_back(oids::kSuppliesEntry.Child(column));
    }
    return columns;
  }();
  return kColumns;
}

bool IsBelowAny(snmp::OidView name, std::span<const snmp::Oid> subtrees) {
  return std::any_of(subtrees.begin(), subtrees.end(), [name](const snmp::Oid& subtree) {
    return name.StartsWith(subtree);
  });
}

// What is ever asked for by what is known: of the rest, nothing is kept.
ReadingPlan EverAsked(const Profile* profile) {
  ReadingPlan all;
  for (const ReadingPlan& plan :
       {MetersPlan(profile), SuppliesPlan(), FirmwarePlan(profile), StatusDetailPlan()}) {
    all.scalars.insert(all.scalars.end(), plan.scalars.begin(), plan.scalars.end());
    all.subtrees.insert(all.subtrees.end(), plan.subtrees.begin(), plan.subtrees.end());
  }
  return all;
}

std::vector<KeptCell> CellsOf(const ReadAnswer& full, const Profile* profile) {
  const ReadingPlan ever = EverAsked(profile);
  std::vector<KeptCell> cells;
  for (const snmp::Varbind& varbind : full.values) {
    const bool wanted =
        std::find(ever.scalars.begin(), ever.scalars.end(), varbind.name) != ever.scalars.end() ||
        IsBelowAny(varbind.name, ever.subtrees);
    if (!wanted || !HasValue(varbind) || varbind.name.StartsWith(oids::kAlertEntry)) continue;
    const bool asked = !IsStatic(varbind.name, profile);
    const bool kept = !asked || IsSupplyLevel(varbind.name);
    cells.push_back({varbind.name, kept ? varbind.value : snmp::Value(), asked});
  }
  return cells;
}

// Names are long where a vendor's tables are indexed by text.
bool FitsOneByte(std::span<const KeptCell> cells) {
  return std::all_of(cells.begin(), cells.end(), [](const KeptCell& cell) {
    return cell.name.view().ber().size() <= 255;
  });
}

std::uint32_t StatusLacks(const ReadAnswer& full, const DeviceState& state) {
  const std::vector<std::uint32_t> printers(state.printer_device_indexes().begin(),
                                            state.printer_device_indexes().end());
  const Readings readings(full.values);
  std::uint32_t lacks = 0;
  std::uint32_t bit = 1;
  for (const snmp::Oid& object : StatusObjects(printers)) {
    const bool unread =
        std::any_of(full.unfinished.begin(), full.unfinished.end(), [&](const snmp::Oid& subtree) {
          return object.StartsWith(subtree);
        });
    if (!unread && readings.Find(object) == nullptr) lacks |= bit;
    bit <<= 1;
  }
  return lacks;
}

}  // namespace

bool IsStatic(snmp::OidView name, const Profile* profile) {
  if (IsBelowAny(name, StaticColumns())) return true;
  if (name.StartsWith(oids::kFinSupplyEntry)) return !IsSupplyLevel(name);
  if (profile == nullptr) return false;
  return std::any_of(profile->meters.begin(), profile->meters.end(), [name](const MeterRule& rule) {
    if (const auto* typed = std::get_if<TypedRow>(&rule.where)) {
      return name.StartsWith(typed->types);
    }
    const auto* labelled = std::get_if<LabelledRow>(&rule.where);
    return labelled != nullptr && name.StartsWith(labelled->labels);
  });
}

bool IsSupplyLevel(snmp::OidView name) {
  static const snmp::Oid kLevel = oids::kSuppliesEntry.Child(oids::kSupplyLevel);
  static const snmp::Oid kFinisherLevel = oids::kFinSupplyEntry.Child(oids::kFinSupplyLevel);
  return name.StartsWith(kLevel) || name.StartsWith(kFinisherLevel);
}

void TakeStock(const ReadAnswer& full,
               bool whole,
               const Profile* profile,
               base::WallTime now,
               DeviceState& state) {
  Inventory& inventory = *state.mutable_inventory();
  inventory.Clear();
  inventory.set_read_millis(base::ToMillis(now));
  if (!whole) return;
  if (profile != nullptr) inventory.set_profile(profile->id());
  inventory.set_boot(state.boot());
  if (state.has_config_changes()) inventory.set_config_changes(state.config_changes());
  inventory.set_status_lacks(StatusLacks(full, state));
  KeepAlertRows(full, state);
  // Columns that end badly are few, or the reading was cut short.
  constexpr std::size_t kWalkedMax = 8;
  if (full.unfinished.size() > kWalkedMax) return;
  for (const snmp::Oid& subtree : full.unfinished) {
    const std::span<const std::uint8_t> ber = subtree.view().ber();
    inventory.add_walked(std::string(ber.begin(), ber.end()));
  }
  const std::vector<KeptCell> cells = CellsOf(full, profile);
  if (!FitsOneByte(cells)) return;
  std::string bytes = EncodeCells(cells);
  if (bytes.size() > kInventoryBytesMax) return;
  inventory.set_cells(std::move(bytes));
  inventory.set_usable(true);
}

void KeepAlertRows(const ReadAnswer& answer, DeviceState& state) {
  Inventory& inventory = *state.mutable_inventory();
  inventory.clear_alert_cells();
  inventory.clear_alert_all_events();
  if (!IsWhole(answer, oids::kAlertEntry) || !state.has_alert_all_events()) return;
  std::vector<KeptCell> cells;
  for (const snmp::Varbind& varbind : Readings(answer.values).Below(oids::kAlertEntry)) {
    if (HasValue(varbind)) cells.push_back({varbind.name, varbind.value, false});
  }
  if (!FitsOneByte(cells)) return;
  std::string bytes = EncodeCells(cells);
  if (bytes.size() > kAlertCellsBytesMax) return;
  inventory.set_alert_cells(std::move(bytes));
  inventory.set_alert_all_events(state.alert_all_events());
}

void KeepLevels(const ReadAnswer& answer, DeviceState& state) {
  auto cells = DecodeCells(state.inventory().cells());
  if (!cells.has_value()) return;
  const Readings readings(answer.values);
  for (KeptCell& cell : *cells) {
    if (!IsSupplyLevel(cell.name)) continue;
    if (const snmp::Varbind* level = readings.Find(cell.name); level != nullptr) {
      cell.value = level->value;
    }
  }
  std::string bytes = EncodeCells(*cells);
  // A level that is a text may grow.
  if (bytes.size() > kInventoryBytesMax) return state.mutable_inventory()->set_usable(false);
  state.mutable_inventory()->set_cells(std::move(bytes));
}

bool IsCurrent(const DeviceState& state, const Profile* profile) {
  const Inventory& inventory = state.inventory();
  return inventory.boot() != 0 && inventory.boot() == state.boot() &&
         inventory.profile() == (profile == nullptr ? std::string() : profile->id()) &&
         inventory.has_config_changes() == state.has_config_changes() &&
         inventory.config_changes() == state.config_changes();
}

base::WallTime MayTakeStockAt(const DeviceState& state) {
  if (!state.has_inventory()) return base::WallTime();
  return base::WallFromMillis(state.inventory().read_millis()) + kStockTakingPause;
}

}  // namespace platen::collector::core
