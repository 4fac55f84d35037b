#include "services/collector/core/question.h"

#include <algorithm>
#include <utility>

#include "services/collector/core/inventory.h"
#include "services/collector/core/reading_answer.h"

namespace platen::collector::core {
namespace {

using collector::v1::DeviceState;

// A device whose objects cannot be read by name, or never stay, is walked until it is next due in
// full.
constexpr std::uint8_t kMisfitsMax = 3;

// So long rows are taken to be as they were, when neither they nor the counter of alerts show a
// change: some devices rewrite a row in place.
constexpr base::Duration kAlertsTrusted = std::chrono::minutes(15);

Question Known(KnownReading known) {
  ReadingPlan plan = known.plan;
  return {std::move(plan), std::make_unique<const KnownReading>(std::move(known))};
}

bool MayRestOn(const Device& device, const DeviceState& state) {
  const bool fits = state.inventory().cells().size() <= kInventoryBytesMax &&
                    state.inventory().alert_cells().size() <= kAlertCellsBytesMax;
  return state.inventory().usable() && fits && device.misfits < kMisfitsMax &&
         IsCurrent(state, device.profile);
}

}  // namespace

Question AskScheduled(Device& device, const DeviceState& state, const Now& now) {
  ReadingKind& kind = device.round->kind;
  if (kind == ReadingKind::kFull) {
    device.misfits = 0;
    device.detail_misfits = 0;
  } else if (!IsCurrent(state, device.profile) && now.wall >= MayTakeStockAt(state)) {
    kind = ReadingKind::kFull;
  }
  if (kind == ReadingKind::kFull) return {StandardPlan(), nullptr};
  Question whole{WholePlan(kind, device.profile), nullptr};
  if (kind == ReadingKind::kSupplies && state.supplies_in_context() && device.profile != nullptr) {
    // Walked: what else of the inventory the context has is not known.
    whole.plan.context = device.profile->quirks.context;
    return whole;
  }
  if (!MayRestOn(device, state)) return whole;
  return Known(PlanKnown(kind, device.profile, state.inventory()));
}

std::optional<Question> AskDetail(Device& device,
                                  const DeviceState& state,
                                  const ReadAnswer& first,
                                  const Now& now) {
  const StatusFinding finding = LookAt(state, first);
  if (!finding.needs_detail) return std::nullopt;
  const bool known = finding.same_device && MayRestOn(device, state);
  const bool trusted = known && finding.alerts_unchanged && device.detail_misfits < kMisfitsMax &&
                       now.monotonic < device.alerts_walked + kAlertsTrusted;
  device.round->walks_alerts = !trusted;
  if (!known) return Question{StatusDetailPlan(), nullptr};
  return Known(PlanKnownDetail(state.inventory(), trusted));
}

Question AskAnew(Device& device) {
  Round& round = *device.round;
  if (round.kind == ReadingKind::kStatus) {
    round.walks_alerts = true;
    if (device.detail_misfits < kMisfitsMax) ++device.detail_misfits;
    return {StatusDetailPlan(), nullptr};
  }
  ++device.misfits;
  round.kind = ReadingKind::kFull;
  return {StandardPlan(), nullptr};
}

void LearnFrom(Device& device,
               const Reading& reading,
               const ReadAnswer& answer,
               const Now& now,
               DeviceState& state) {
  const Round& round = *device.round;
  if (reading.snapshot.has_config_changes()) {
    state.set_config_changes(reading.snapshot.config_changes());
  }
  if (round.kind == ReadingKind::kFull) {
    TakeStock(answer, round.whole, device.profile, now.wall, state);
    state.set_supplies_in_context(round.in_context && !reading.snapshot.supplies().empty());
    device.alerts_walked = now.monotonic;
  } else if (round.kind == ReadingKind::kSupplies && round.known != nullptr) {
    KeepLevels(answer, state);
  } else if (round.kind == ReadingKind::kStatus && round.walks_alerts) {
    KeepAlertRows(answer, state);
    device.alerts_walked = now.monotonic;
  }
  if (!state.has_inventory() || IsCurrent(state, device.profile)) return;
  const base::Duration pause = std::max(MayTakeStockAt(state) - now.wall, base::Duration::zero());
  base::MonotonicTime& due = device.due[static_cast<std::size_t>(ReadingKind::kFull)];
  due = std::min(due, now.monotonic + pause);
}

}  // namespace platen::collector::core
