#include "services/collector/core/alert_facts.h"

#include <algorithm>
#include <string>
#include <utility>

#include "services/collector/core/conditions.h"
#include "services/collector/core/text.h"

namespace platen::collector::core {
namespace {

using collector::v1::DeviceState;
using event::v1::Alert;
using event::v1::AlertRow;

// "Tray 2", "Front cover": the sub-unit that a row names.
std::string WhereOf(const event::v1::DeviceSnapshot& snapshot, const AlertRow& row) {
  constexpr int kGroupCover = 6;
  constexpr int kGroupInput = 8;
  constexpr int kGroupOutput = 9;
  const auto index = static_cast<std::uint32_t>(std::max(row.group_index(), 0));
  if (row.group() == kGroupInput) {
    for (const auto& input : snapshot.inputs()) {
      if (input.index() == index) return input.name();
    }
  } else if (row.group() == kGroupOutput) {
    for (const auto& output : snapshot.outputs()) {
      if (output.index() == index) return output.name();
    }
  } else if (row.group() == kGroupCover) {
    for (const auto& cover : snapshot.covers()) {
      if (cover.index() == index) return cover.description();
    }
  }
  return {};
}

}  // namespace

void FillFromRow(const event::v1::DeviceSnapshot& snapshot, const AlertRow& row, Alert& alert) {
  const Condition condition = ConditionOf(row);
  alert.set_lifecycle(LifecycleOf(row));
  alert.set_origin(event::v1::ALERT_ORIGIN_DEVICE);
  alert.set_category(condition.category);
  alert.set_severity(row.severity());
  alert.set_training(row.training());
  alert.set_group(row.group());
  alert.set_group_index(row.group_index());
  alert.set_location(row.location());
  alert.set_code(row.code());
  alert.set_description(row.description());
  alert.set_reason_keyword(KeywordOf(row));
  alert.set_alert_index(row.index());
  if (std::string where = WhereOf(snapshot, row); !where.empty()) {
    if (row.group() == 8) alert.set_paper_source(where);
    alert.set_where(std::move(where));
  }
}

void FillMoment(const DeviceState& state, const event::v1::DeviceSnapshot& snapshot, Alert& alert) {
  if (state.has_total_impressions()) {
    alert.mutable_counters()->set_total(state.total_impressions());
  }
  std::string console;
  for (const std::string& line : snapshot.status().console_lines()) {
    if (line.empty() || console.size() + line.size() >= kMaxTextBytes) continue;
    if (!console.empty()) console += '\n';
    console += line;
  }
  if (!console.empty()) alert.set_console_text(std::move(console));
}

bool HasBit(const event::v1::DeviceSnapshot& snapshot, std::string_view condition) {
  for (const int state : snapshot.status().error_states()) {
    if (ConditionOf(static_cast<event::v1::ErrorState>(state)).name == condition) return true;
  }
  return false;
}

const event::v1::Cover* OpenCover(const event::v1::DeviceSnapshot& snapshot) {
  for (const event::v1::Cover& cover : snapshot.covers()) {
    if (cover.status() == event::v1::Cover::STATUS_COVER_OPEN ||
        cover.status() == event::v1::Cover::STATUS_INTERLOCK_OPEN) {
      return &cover;
    }
  }
  return nullptr;
}

}  // namespace platen::collector::core
