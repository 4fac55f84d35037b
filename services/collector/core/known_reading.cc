#include "services/collector/core/known_reading.h"

#include <algorithm>
#include <map>
#include <optional>
#include <utility>

#include "services/collector/core/inventory.h"
#include "services/collector/core/kept_cells.h"
#include "services/collector/core/printer_oids.h"
#include "services/collector/core/reading_answer.h"
#include "services/collector/core/readings.h"

namespace platen::collector::core {
namespace {

using collector::v1::Inventory;
using Check = Expected::Check;

bool IsWalked(const Inventory& inventory, const snmp::Oid& subtree) {
  const std::span<const std::uint8_t> ber = subtree.view().ber();
  return std::any_of(
      inventory.walked().begin(), inventory.walked().end(), [ber](const std::string& walked) {
        return std::equal(ber.begin(), ber.end(), walked.begin(), walked.end(), [](auto a, char b) {
          return a == static_cast<std::uint8_t>(b);
        });
      });
}

void Ask(KnownReading& known, const KeptCell& cell) {
  known.plan.scalars.push_back(cell.name);
  const bool level = IsSupplyLevel(cell.name);
  known.expected.push_back({cell.name, level ? Check::kNotRisen : Check::kThere, cell.value});
}

// The cells below a subtree of the whole plan: asked for, or taken as they were.
void Narrow(KnownReading& known,
            std::span<const KeptCell> cells,
            const snmp::Oid& subtree,
            const Profile* profile,
            bool ask_all) {
  for (const KeptCell& cell : cells) {
    if (!cell.name.StartsWith(subtree)) continue;
    // What the state calls static is so only where this version of the collector says so too.
    if (cell.asked || ask_all || !IsStatic(cell.name, profile)) {
      Ask(known, cell);
    } else {
      known.kept.emplace_back(cell.name, cell.value);
    }
  }
}

// The last name below `column`, where the end is to be looked for.
ReadingPlan::Tail TailOf(std::span<const KeptCell> cells, const snmp::Oid& column) {
  ReadingPlan::Tail tail{column, {}};
  for (const KeptCell& cell : cells) {
    if (cell.name.StartsWith(column)) tail.last = cell.name;
  }
  return tail;
}

// The cell of each alert row that another alert at its place would not share: its time, else its
// code, else whatever it has.
void AskAlertRows(KnownReading& known, std::span<const KeptCell> cells) {
  static const snmp::Oid kCode = oids::kAlertEntry.Child(oids::kAlertCode);
  std::map<std::vector<std::uint32_t>, std::pair<int, const KeptCell*>> best;
  for (const KeptCell& cell : cells) {
    if (!cell.name.StartsWith(oids::kAlertEntry)) continue;  // A damaged state.
    known.kept_alerts.emplace_back(cell.name, cell.value);
    snmp::ArcReader arcs = cell.name.view().ArcsAfter(oids::kAlertEntry);
    const std::uint32_t column = arcs.Next().value_or(0);
    std::vector<std::uint32_t> row;
    while (const auto arc = arcs.Next()) row.push_back(*arc);
    const bool says_time = column == oids::kAlertTime && cell.value.AsUnsigned().value_or(0) > 0;
    const int rank = says_time ? 3 : column == oids::kAlertCode ? 2 : 1;
    auto& [best_rank, chosen] = best[row];
    if (rank > best_rank) std::tie(best_rank, chosen) = std::pair(rank, &cell);
  }
  for (const auto& [row, ranked] : best) {
    known.plan.scalars.push_back(ranked.second->name);
    known.expected.push_back({ranked.second->name, Check::kSame, ranked.second->value});
  }
  ReadingPlan::Tail tail{kCode, {}};
  if (!best.empty()) {
    tail.last = kCode;
    for (const std::uint32_t arc : best.rbegin()->first) tail.last = tail.last.Child(arc);
  }
  known.plan.tails.push_back(std::move(tail));
}

bool IsOfAnother(const snmp::Value& before, const snmp::Varbind& after) {
  const snmp::Varbind old({}, before);
  const auto was = SignedNumber(&old);
  const auto is = SignedNumber(&after);
  if (!was.has_value() || !is.has_value()) return was.has_value() != is.has_value();
  // Negative ones are words ("unknown", "some left"): what changes between them and a number may be
  // another maker's cartridge.
  if (*was < 0 || *is < 0) return *was != *is;
  // A twentieth: some devices' levels waver.
  return *is > *was && (*is - *was) > *is / 20;
}

bool Meets(const Expected& expected, const snmp::Varbind& found) {
  switch (expected.check) {
    case Check::kThere:
      return true;
    case Check::kSame:
      return found.value == expected.value;
    case Check::kNotRisen:
      return !IsOfAnother(expected.value, found);
  }
  return false;
}

bool HasMore(const ReadingPlan::Tail& tail, const Readings& readings) {
  const auto column = readings.Below(tail.column);
  return std::any_of(column.begin(), column.end(), [&tail](const snmp::Varbind& varbind) {
    return HasValue(varbind) && tail.last < varbind.name;
  });
}

}  // namespace

ReadingPlan WholePlan(ReadingKind kind, const Profile* profile) {
  switch (kind) {
    case ReadingKind::kMeters:
      return MetersPlan(profile);
    case ReadingKind::kSupplies:
      return SuppliesPlan();
    default:
      return FirmwarePlan(profile);
  }
}

KnownReading PlanKnown(ReadingKind kind, const Profile* profile, const Inventory& inventory) {
  ReadingPlan whole = WholePlan(kind, profile);
  const auto cells = DecodeCells(inventory.cells());
  if (!cells.has_value()) return {.plan = std::move(whole)};
  KnownReading known;
  for (const snmp::Oid& scalar : whole.scalars) Narrow(known, *cells, scalar, profile, true);
  const bool identity = kind == ReadingKind::kFirmware;
  for (const snmp::Oid& subtree : whole.subtrees) {
    if (IsWalked(inventory, subtree)) {
      known.plan.subtrees.push_back(subtree);
    } else {
      Narrow(known, *cells, subtree, profile, identity);
    }
  }
  if (kind == ReadingKind::kSupplies) {
    known.plan.tails.push_back(TailOf(*cells, oids::kSuppliesEntry.Child(oids::kSupplyLevel)));
  }
  return known;
}

KnownReading PlanKnownDetail(const Inventory& inventory, bool alerts_unchanged) {
  const ReadingPlan whole = StatusDetailPlan();
  const auto cells = DecodeCells(inventory.cells());
  const auto alerts = DecodeCells(inventory.alert_cells());
  if (!cells.has_value() || !alerts.has_value()) return {.plan = whole};
  KnownReading known;
  known.plan.walked_max = whole.walked_max;
  for (const snmp::Oid& subtree : whole.subtrees) {
    const bool of_alerts = subtree.StartsWith(oids::kAlertEntry);
    // A new alert may bring lines to the panel that were not there.
    const bool may_grow = of_alerts || subtree.StartsWith(oids::kConsoleEntry);
    if (IsWalked(inventory, subtree) || (may_grow && !alerts_unchanged)) {
      known.plan.subtrees.push_back(subtree);
    } else if (!of_alerts) {
      Narrow(known, *cells, subtree, nullptr, false);
    }
  }
  if (alerts_unchanged) AskAlertRows(known, *alerts);
  return known;
}

Fit Complete(const KnownReading& known, ReadAnswer& answer) {
  const Readings readings(answer.values);
  for (const Expected& expected : known.expected) {
    const snmp::Varbind* found = readings.Find(expected.name);
    if (found == nullptr && !answer.complete) continue;
    if (found == nullptr || !Meets(expected, *found)) return Fit::kOutdated;
  }
  for (const ReadingPlan::Tail& tail : known.plan.tails) {
    if (HasMore(tail, readings)) return Fit::kOutdated;
  }
  answer.values.insert(answer.values.end(), known.kept.begin(), known.kept.end());
  if (answer.complete) {
    answer.values.insert(answer.values.end(), known.kept_alerts.begin(), known.kept_alerts.end());
  } else {
    AddUnread(answer);
  }
  SortReadings(answer.values);
  return Fit::kFits;
}

}  // namespace platen::collector::core
