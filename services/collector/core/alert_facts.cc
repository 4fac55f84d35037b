#include "services/collector/core/alert_facts.h"

#include <algorithm>
#include <cctype>
#include <string>
#include <string_view>
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
  const auto index = static_cast<std::uint32_t>(std::max(row.group_index(), 0));
  if (row.group() == kGroupOutput) {
    for (const auto& output : snapshot.outputs()) {
      if (output.index() == index) return output.name();
    }
  } else if (row.group() == kGroupCover) {
    for (const auto& cover : snapshot.covers()) {
      if (cover.index() == index) return cover.description();
    }
  } else if (row.group() == kGroupSupply) {
    for (const auto& supply : snapshot.supplies()) {
      if (supply.index() == index) return supply.description();
    }
  }
  return {};
}

bool IsLetterOrDigit(char c) {
  return std::isalnum(static_cast<unsigned char>(c)) != 0;
}

// Whether `text` has `name` in it as words of its own, whatever their case: "Tray 1" is not in "Jam
// in tray 10".
bool Names(std::string_view text, std::string_view name) {
  const auto same = [](char a, char b) {
    return std::tolower(static_cast<unsigned char>(a)) ==
           std::tolower(static_cast<unsigned char>(b));
  };
  for (auto from = text.begin();;) {
    const auto at = std::search(from, text.end(), name.begin(), name.end(), same);
    if (at == text.end()) return false;
    const auto end = at + static_cast<std::ptrdiff_t>(name.size());
    const bool whole = (at == text.begin() || !IsLetterOrDigit(at[-1])) &&
                       (end == text.end() || !IsLetterOrDigit(*end));
    if (whole) return true;
    from = at + 1;
  }
}

const event::v1::Input* InputAt(const event::v1::DeviceSnapshot& snapshot, std::int32_t index) {
  for (const auto& input : snapshot.inputs()) {
    if (index > 0 && input.index() == static_cast<std::uint32_t>(index)) return &input;
  }
  return nullptr;
}

// The tray that a row is about: the one it names by number, else the only one it names in words.
const event::v1::Input* InputOf(const event::v1::DeviceSnapshot& snapshot, const AlertRow& row) {
  if (row.group() == kGroupInput) return InputAt(snapshot, row.group_index());
  const event::v1::Input* named = nullptr;
  for (const auto& input : snapshot.inputs()) {
    if (input.name().empty() || !Names(row.description(), input.name())) continue;
    if (named != nullptr) return nullptr;
    named = &input;
  }
  return named;
}

// The paper that was in it stays what it was: an alert tells of its moment.
void FillInput(const event::v1::Input& input, Alert& alert) {
  if (!input.name().empty()) {
    alert.set_paper_source(input.name());
    if (alert.group() == kGroupInput) alert.set_where(input.name());
  }
  if (alert.media_size().empty()) alert.set_media_size(input.media_size());
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
  if (std::string where = WhereOf(snapshot, row); !where.empty()) alert.set_where(std::move(where));
  if (const auto* input = InputOf(snapshot, row)) FillInput(*input, alert);
}

void FillPlace(const event::v1::DeviceSnapshot& snapshot, const Sighting& seen, Alert& alert) {
  if (seen.place.group != 0) {
    alert.set_group(seen.place.group);
    alert.set_group_index(seen.place.index);
  }
  alert.set_where(seen.where);
  if (seen.place.group != kGroupInput) return;
  if (const auto* input = InputAt(snapshot, seen.place.index)) FillInput(*input, alert);
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
