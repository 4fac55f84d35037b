#include "services/collector/core/alert_book.h"

#include <algorithm>
#include <span>

#include "libs/event/timestamps.h"
#include "services/collector/core/alert_facts.h"
#include "services/collector/core/alert_life.h"
#include "services/collector/core/alert_return.h"
#include "services/collector/core/alert_rows.h"
#include "services/collector/core/conditions.h"

namespace platen::collector::core {
namespace {

using collector::v1::DeviceState;
using collector::v1::OpenAlert;
using event::FromProto;
using event::ToProto;
using event::v1::Alert;
using event::v1::AlertRow;

constexpr std::string_view kCoverOpen = "cover-open";

// Whether prtAlertTime tells when the row came: sysUpTime is known, and not far behind it. A row
// may come while the table is read.
bool TicksArePlausible(const DeviceState& state, const AlertRow& row) {
  constexpr std::uint64_t kSlackTicks = 6000;
  return state.has_boot_time() && row.time_ticks() <= state.uptime_ticks() + kSlackTicks;
}

// Whether a view other than a row says it.
bool IsSeen(const OpenAlert& open) {
  return open.derived() || open.cover();
}

// Walks one device's alerts through one sighting.
class Observation {
 public:
  Observation(DeviceState& state, const AlertSighting& sighting)
      : state_(state), sighting_(sighting), snapshot_(*sighting.snapshot) {}

  AlertObservation Run() {
    AgeSuperseded(state_);
    MatchRows();
    ReviewOpen();
    RaiseRows();
    RaiseBits();
    RaiseCover();
    return {std::move(changes_), left_out_};
  }

 private:
  // Which row carries which open alert now. A row carries one: what stands where it stood comes
  // before what has moved, and after a reboot, when no index is the same, content alone decides.
  void MatchRows() {
    const auto& open_alerts = state_.open_alerts();
    row_of_.assign(static_cast<std::size_t>(open_alerts.size()), nullptr);
    using Same = bool (*)(const AlertRow&, const AlertRow&);
    const Same fresh[] = {SameContent};
    const Same known[] = {SameRow, SameMoment};
    for (const Same same : TableIsNew() ? std::span<const Same>(fresh) : known) {
      for (int i = 0; i < open_alerts.size(); ++i) {
        const AlertRow*& row = row_of_[static_cast<std::size_t>(i)];
        if (row == nullptr && open_alerts[i].has_row()) row = Claim(open_alerts[i].row(), same);
      }
    }
  }

  bool TableIsNew() const { return sighting_.rebooted || sighting_.table_reset; }

  const AlertRow* Claim(const AlertRow& known, bool (*same)(const AlertRow&, const AlertRow&)) {
    for (const AlertRow& row : snapshot_.alerts()) {
      if (!same(row, known) || !IsFree(row)) continue;
      claimed_.push_back(&row);
      return &row;
    }
    return nullptr;
  }

  // A fault that carries no alert yet.
  bool IsFree(const AlertRow& row) const {
    return std::find(claimed_.begin(), claimed_.end(), &row) == claimed_.end() &&
           IsFault(snapshot_, row);
  }

  // Ends what is gone and follows what has changed.
  void ReviewOpen() {
    auto& open_alerts = *state_.mutable_open_alerts();
    int at = 0;
    for (const AlertRow* row : row_of_) {
      if (Review(*open_alerts.Mutable(at), row)) {
        ++at;
      } else {
        open_alerts.DeleteSubrange(at, 1);
      }
    }
  }

  // False when the alert has ended.
  bool Review(OpenAlert& open, const AlertRow* row) {
    if (open.alert().origin() == event::v1::ALERT_ORIGIN_PLATEN) return true;
    const bool was_seen = IsSeen(open);
    LookAtViews(open);
    const bool view_gone = was_seen && !IsSeen(open);
    if (open.has_row()) {
      if (row != nullptr) {
        Follow(open, *row);
        return true;
      }
      if (!IsGone(open.row())) return true;
      // The row is gone and bit or cover still says it: go on by that, unless another row of the
      // same condition stands there, to which bit and cover then belong.
      if (IsSeen(open) && !HasRowOf(open.condition())) {
        open.clear_row();
        return true;
      }
      End(open, EndOfRow(open, view_gone));
      return false;
    }
    if (IsSeen(open)) return true;
    // A row may have taken over in this very reading; one that was read in part is not judged yet.
    if (const AlertRow* taken = FreeRowOf(open.condition())) {
      if (!sighting_.rows_complete) return true;
      claimed_.push_back(taken);
      Follow(open, *taken);
      return true;
    }
    End(open, sighting_.rebooted ? event::v1::ALERT_END_SUPERSEDED : event::v1::ALERT_END_CLEARED);
    return false;
  }

  // What was not read stays as it was.
  void LookAtViews(OpenAlert& open) const {
    if (sighting_.bits_read) open.set_derived(HasBit(snapshot_, open.condition()));
    if (open.condition() != kCoverOpen) return;
    if (OpenCover(snapshot_) != nullptr) {
      open.set_cover(true);
    } else if (sighting_.covers_read) {
      open.set_cover(false);
    }
  }

  // Whether a row that was not found is gone, and not just unread.
  bool IsGone(const AlertRow& row) const {
    if (IsRemoved(snapshot_, row)) return true;
    return sighting_.rows_complete && !IsTornNow(snapshot_, row);
  }

  event::v1::AlertEnd EndOfRow(const OpenAlert& open, bool view_gone) const {
    if (TableIsNew()) return event::v1::ALERT_END_SUPERSEDED;
    if (open.alert().lifecycle() == event::v1::ALERT_LIFECYCLE_CONDITION || view_gone) {
      return event::v1::ALERT_END_CLEARED;
    }
    return event::v1::ALERT_END_WITHDRAWN;
  }

  void Follow(OpenAlert& open, const AlertRow& row) {
    const bool changed = open.alert().description() != row.description() ||
                         open.alert().severity() != row.severity() ||
                         open.alert().code() != row.code();
    *open.mutable_row() = row;
    if (!changed) return;
    FillFromRow(snapshot_, row, *open.mutable_alert());
    Emit(open, event::v1::ALERT_TRANSITION_CHANGED, event::v1::ALERT_END_UNSPECIFIED);
  }

  void End(OpenAlert& open, event::v1::AlertEnd how) {
    Emit(open, event::v1::ALERT_TRANSITION_ENDED, how);
    if (how == event::v1::ALERT_END_SUPERSEDED) KeepSuperseded(state_, open);
  }

  bool HasRowOf(std::string_view condition) const {
    return std::any_of(
        snapshot_.alerts().begin(), snapshot_.alerts().end(), [&](const AlertRow& row) {
          return IsFault(snapshot_, row) && ConditionOf(row).name == condition;
        });
  }

  const AlertRow* FreeRowOf(std::string_view condition) const {
    for (const AlertRow& row : snapshot_.alerts()) {
      if (IsFree(row) && ConditionOf(row).name == condition) return &row;
    }
    return nullptr;
  }

  // Rows of a table that was read in part may lack columns: what they mean is not known yet.
  void RaiseRows() {
    if (!sighting_.rows_complete) return;
    for (const AlertRow& row : snapshot_.alerts()) {
      if (!IsFree(row)) continue;
      const std::string_view condition = ConditionOf(row).name;
      if (OpenAlert* rowless = FindRowless(condition)) {
        Follow(*rowless, row);
      } else {
        RaiseRow(row, condition);
      }
    }
  }

  OpenAlert* FindRowless(std::string_view condition) {
    for (OpenAlert& open : *state_.mutable_open_alerts()) {
      if (!open.has_row() && IsSeen(open) && open.condition() == condition) return &open;
    }
    return nullptr;
  }

  void RaiseRow(const AlertRow& row, std::string_view condition) {
    if (IsFull()) return;
    OpenAlert& open = *state_.add_open_alerts();
    open.set_condition(std::string(condition));
    *open.mutable_row() = row;
    LookAtViews(open);
    Alert& alert = *open.mutable_alert();
    FillFromRow(snapshot_, row, alert);
    if (!Begin(open) && row.has_time_ticks()) {
      event::v1::AlertRowOccurrence& occurrence = *open.mutable_occurrence()->mutable_alert_row();
      occurrence.set_boot(state_.boot());
      occurrence.set_alert_index(row.index());
      occurrence.set_alert_time_ticks(row.time_ticks());
      occurrence.set_group(row.group());
      occurrence.set_code(row.code());
      if (TicksArePlausible(state_, row)) {
        *alert.mutable_raise_time() =
            ToProto(FromProto(state_.boot_time()) +
                    std::chrono::milliseconds(10 * static_cast<std::int64_t>(row.time_ticks())));
      }
    }
    Emit(open, event::v1::ALERT_TRANSITION_RAISED, event::v1::ALERT_END_UNSPECIFIED);
  }

  void RaiseBits() {
    if (!sighting_.bits_read) return;
    for (const int number : snapshot_.status().error_states()) {
      const Condition condition = ConditionOf(static_cast<event::v1::ErrorState>(number));
      if (condition.name.empty() || MarkSeen(condition.name, &OpenAlert::set_derived)) continue;
      RaiseView(condition, &OpenAlert::set_derived, {});
    }
  }

  void RaiseCover() {
    const event::v1::Cover* cover = OpenCover(snapshot_);
    if (cover == nullptr || MarkSeen(kCoverOpen, &OpenAlert::set_cover)) return;
    RaiseView(
        ConditionOf(event::v1::ERROR_STATE_DOOR_OPEN), &OpenAlert::set_cover, cover->description());
  }

  // An alert that no row carries.
  void RaiseView(const Condition& condition,
                 void (OpenAlert::*carry)(bool),
                 const std::string& where) {
    if (IsFull()) return;
    OpenAlert& open = *state_.add_open_alerts();
    open.set_condition(std::string(condition.name));
    (open.*carry)(true);
    Alert& alert = *open.mutable_alert();
    FillWithoutRow(event::v1::ALERT_ORIGIN_DERIVED, condition, Words(condition.name), alert);
    alert.set_where(where);
    Begin(open);
    Emit(open, event::v1::ALERT_TRANSITION_RAISED, event::v1::ALERT_END_UNSPECIFIED);
  }

  // Open alerts of the condition are now carried by this view as well; false where there is none.
  bool MarkSeen(std::string_view condition, void (OpenAlert::*carry)(bool)) {
    bool found = false;
    for (OpenAlert& open : *state_.mutable_open_alerts()) {
      if (open.condition() != condition) continue;
      (open.*carry)(true);
      found = true;
    }
    return found;
  }

  // Whether another alert has no room; then it is counted.
  bool IsFull() {
    const bool full = state_.open_alerts_size() >= kOpenAlertsMax;
    left_out_ += full ? 1 : 0;
    return full;
  }

  // False where the alert is new; true where one that was superseded has come back.
  bool Begin(OpenAlert& open) {
    Alert& alert = *open.mutable_alert();
    if (const auto back =
            TakeSuperseded(state_, open.condition(), open.has_row() ? &open.row() : nullptr)) {
      const Alert& before = back->alert();
      alert.set_instance(before.instance());
      alert.set_alert_id(before.alert_id());
      alert.set_console_text(before.console_text());
      *alert.mutable_raise_time() = before.raise_time();
      if (before.has_counters()) *alert.mutable_counters() = before.counters();
      event::v1::InstanceOccurrence& again = *open.mutable_occurrence()->mutable_instance();
      again.set_condition(alert.alert_id());
      again.set_instance(++(*state_.mutable_instances())[ChangesOf(alert.alert_id())]);
      return true;
    }
    BeginAlert(state_, sighting_.now, open);
    FillMoment(state_, snapshot_, alert);
    return false;
  }

  void Emit(const OpenAlert& open, event::v1::AlertTransition transition, event::v1::AlertEnd how) {
    changes_.push_back(MakeChange(state_, open, transition, how, sighting_.now));
  }

  DeviceState& state_;
  const AlertSighting& sighting_;
  const event::v1::DeviceSnapshot& snapshot_;
  // The row of each alert that was open before; the rows that are taken.
  std::vector<const AlertRow*> row_of_;
  std::vector<const AlertRow*> claimed_;
  std::vector<AlertChange> changes_;
  std::size_t left_out_ = 0;
};

}  // namespace

AlertObservation ObserveAlerts(DeviceState& state, const AlertSighting& sighting) {
  return Observation(state, sighting).Run();
}

}  // namespace platen::collector::core
