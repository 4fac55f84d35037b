#include "services/collector/core/row_claims.h"

#include <algorithm>
#include <cstddef>
#include <span>

#include "services/collector/core/alert_rows.h"
#include "services/collector/core/conditions.h"

namespace platen::collector::core {

using collector::v1::DeviceState;
using collector::v1::OpenAlert;
using event::v1::AlertRow;

std::vector<const AlertRow*> RowClaims::Match(const DeviceState& state, TableMemory memory) {
  constexpr Same kFresh[] = {SameContent};
  constexpr Same kAll[] = {SameRow, SameMoment, SameButItsTime};
  const auto known = std::span<const Same>(kAll).first(memory == TableMemory::kNoneCounted ? 3 : 2);
  const auto& open_alerts = state.open_alerts();
  std::vector<const AlertRow*> row_of(static_cast<std::size_t>(open_alerts.size()), nullptr);
  for (const Same same : memory == TableMemory::kNew ? std::span<const Same>(kFresh) : known) {
    for (int i = 0; i < open_alerts.size(); ++i) {
      const AlertRow*& row = row_of[static_cast<std::size_t>(i)];
      if (row == nullptr && open_alerts[i].has_row()) row = ClaimLike(open_alerts[i].row(), same);
    }
  }
  return row_of;
}

const AlertRow* RowClaims::ClaimLike(const AlertRow& known, Same same) {
  for (const AlertRow& row : snapshot_.alerts()) {
    if (!same(row, known) || !IsFree(row)) continue;
    Claim(row);
    return &row;
  }
  return nullptr;
}

bool RowClaims::IsFree(const AlertRow& row) const {
  return std::find(claimed_.begin(), claimed_.end(), &row) == claimed_.end() &&
         IsFault(snapshot_, row);
}

const AlertRow* RowClaims::FindFree(const OpenAlert& open) const {
  for (const AlertRow& row : snapshot_.alerts()) {
    if (IsFree(row) && ConditionOf(row).name == open.condition() &&
        places_.Compare(PlaceOf(open), PlaceOf(row)) != PlaceMatch::kOther) {
      return &row;
    }
  }
  return nullptr;
}

}  // namespace platen::collector::core
