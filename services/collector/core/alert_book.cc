#include "services/collector/core/alert_book.h"

#include <algorithm>

#include "services/collector/core/alert_evidence.h"
#include "services/collector/core/alert_facts.h"
#include "services/collector/core/alert_life.h"
#include "services/collector/core/alert_return.h"
#include "services/collector/core/alert_rows.h"
#include "services/collector/core/alert_table.h"
#include "services/collector/core/conditions.h"
#include "services/collector/core/row_claims.h"
#include "services/collector/core/weak_views.h"

namespace platen::collector::core {
namespace {

using collector::v1::DeviceState;
using collector::v1::OpenAlert;
using event::v1::Alert;
using event::v1::AlertRow;

constexpr std::string_view kUnitFault = "unit-fault";

// Walks one device's alerts through one sighting.
class Observation {
 public:
  Observation(DeviceState& state, const AlertSighting& sighting)
      : state_(state),
        sighting_(sighting),
        snapshot_(*sighting.snapshot),
        table_is_new_(HasOldTable(state, sighting)),
        news_(FollowTable(state, sighting)),
        weak_(WatchWeakViews(state, sighting)),
        places_(snapshot_, state),
        evidence_(sighting, places_, weak_),
        rows_(snapshot_, places_) {}

  AlertObservation Run() {
    // A row that was read in part may be the one that has come back.
    const bool aged = sighting_.is_poll && sighting_.whole.rows && !HasTornRow(snapshot_);
    const bool forgot = aged && AgeSuperseded(state_);
    row_of_ = rows_.Match(state_, Memory());
    overflowed_ = HasOverflowed(state_, news_, snapshot_, row_of_);
    ReviewOpen();
    MarkOldRows();
    RaiseRows();
    RaiseTold();
    RaiseBits();
    RaiseCover();
    for (const Sighting& seen : weak_) RaiseWeak(seen);
    return {std::move(changes_), left_out_, news_.changed || forgot, std::move(news_.missed)};
  }

 private:
  TableMemory Memory() const {
    if (table_is_new_) return TableMemory::kNew;
    return news_.none_counted ? TableMemory::kNoneCounted : TableMemory::kKnown;
  }

  static bool HasOldTable(const DeviceState& state, const AlertSighting& sighting) {
    return sighting.rebooted || sighting.table_reset ||
           std::any_of(state.open_alerts().begin(),
                       state.open_alerts().end(),
                       [](const auto& open) { return open.polls_superseded() > 0; });
  }

  // A new table that was not read to its end, or while it was being written, is new in the next
  // reading, too.
  void MarkOldRows() {
    const bool unread = !sighting_.whole.rows || HasTornRow(snapshot_);
    for (OpenAlert& open : *state_.mutable_open_alerts()) {
      const bool old = table_is_new_ && open.has_row() && unread;
      open.set_polls_superseded(old ? 1 : 0);
    }
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
    const bool had_weak = IsWeakAndPlaced(open);
    evidence_.Look(open);
    const bool view_gone = was_seen && !IsSeen(open);
    if (open.has_row()) {
      if (row != nullptr) {
        Follow(open, *row);
        return true;
      }
      if (!IsGone(open.row())) return true;
      // The row is gone and bit or cover still says it: go on by that, unless another row of the
      // same condition stands there, to which bit and cover then belong.
      if (IsSeen(open) && !evidence_.HasRowOf(open.condition())) {
        open.clear_row();
        return true;
      }
      End(open, EndOfRow(open, view_gone));
      return false;
    }
    if (evidence_.BelongsElsewhere(open)) open.set_derived(false);
    if (IsSeen(open)) return true;
    // A row may have taken over in this very reading; one that was read in part is not judged yet.
    if (const AlertRow* taken = rows_.FindFree(open)) {
      if (!sighting_.whole.rows) return true;
      rows_.Claim(*taken);
      Follow(open, *taken);
      return true;
    }
    if (had_weak && evidence_.GoesOnByBit(open)) {
      open.set_derived(true);
      return true;
    }
    const bool superseded = sighting_.rebooted && !had_weak;
    End(open, superseded ? event::v1::ALERT_END_SUPERSEDED : event::v1::ALERT_END_CLEARED);
    return false;
  }

  // Whether a row that was not found is gone, and not just unread.
  bool IsGone(const AlertRow& row) const {
    if (IsRemoved(snapshot_, row)) return true;
    return sighting_.whole.rows && !IsTornNow(snapshot_, row);
  }

  event::v1::AlertEnd EndOfRow(const OpenAlert& open, bool view_gone) const {
    if (table_is_new_) return event::v1::ALERT_END_SUPERSEDED;
    if (open.alert().lifecycle() == event::v1::ALERT_LIFECYCLE_CONDITION || view_gone) {
      return event::v1::ALERT_END_CLEARED;
    }
    return overflowed_ ? event::v1::ALERT_END_SUPERSEDED : event::v1::ALERT_END_WITHDRAWN;
  }

  // A row of a table that was read in part may lack columns, and is taken for what it was.
  void Follow(OpenAlert& open, const AlertRow& row) {
    if (!sighting_.whole.rows) return;
    const bool changed = open.alert().description() != row.description() ||
                         open.alert().severity() != row.severity() ||
                         open.alert().code() != row.code();
    *open.mutable_row() = row;
    open.clear_weak_view();
    if (!changed) return;
    FillFromRow(snapshot_, row, *open.mutable_alert());
    Rate(*open.mutable_alert());
    Emit(open, event::v1::ALERT_TRANSITION_CHANGED, event::v1::ALERT_END_UNSPECIFIED);
  }

  void End(OpenAlert& open, event::v1::AlertEnd how) {
    Emit(open, event::v1::ALERT_TRANSITION_ENDED, how);
    if (how == event::v1::ALERT_END_SUPERSEDED) KeepSuperseded(state_, open);
  }

  // Rows of a table that was read in part may lack columns: what they mean is not known yet. One
  // that stands where an alert is known to be comes before one that may be about it.
  void RaiseRows() {
    if (!sighting_.whole.rows) return;
    for (const AlertRow& row : snapshot_.alerts()) TakeOver(row, PlaceMatch::kSame);
    for (const AlertRow& row : snapshot_.alerts()) {
      if (!TakeOver(row, PlaceMatch::kMaybe) && rows_.IsFree(row))
        RaiseRow(row, ConditionOf(row).name);
    }
  }

  // Whether the row now carries an alert that had none, and whose place goes with it like that.
  bool TakeOver(const AlertRow& row, PlaceMatch fit) {
    if (!rows_.IsFree(row)) return false;
    for (OpenAlert& open : *state_.mutable_open_alerts()) {
      if (open.has_row() || !IsSeen(open) || open.condition() != ConditionOf(row).name ||
          places_.Compare(PlaceOf(open), PlaceOf(row)) != fit) {
        continue;
      }
      rows_.Claim(row);
      Follow(open, row);
      return true;
    }
    return false;
  }

  void RaiseRow(const AlertRow& row, std::string_view condition) {
    if (IsFull()) return;
    OpenAlert& open = *state_.add_open_alerts();
    open.set_condition(std::string(condition));
    *open.mutable_row() = row;
    evidence_.Look(open);
    Alert& alert = *open.mutable_alert();
    FillFromRow(snapshot_, row, alert);
    Rate(alert);
    if (!Begin(open)) NameByRow(state_, open);
    Emit(open, event::v1::ALERT_TRANSITION_RAISED, event::v1::ALERT_END_UNSPECIFIED);
  }

  void RaiseTold() {
    for (const Sighting& seen : sighting_.told) {
      const auto carry = seen.view == View::kTrap ? &OpenAlert::set_trap : &OpenAlert::set_push;
      if (seen.over || MarkSeen(seen.condition.name, carry)) continue;
      if (OpenAlert* open = RaiseView(seen)) (open->*carry)(true);
    }
  }

  void RaiseBits() {
    if (!sighting_.bits_read) return;
    for (const int number : snapshot_.status().error_states()) {
      const Condition condition = ConditionOf(static_cast<event::v1::ErrorState>(number));
      if (condition.name.empty() || MarkSeen(condition.name, &OpenAlert::set_derived)) continue;
      if (OpenAlert* open = RaiseView({View::kBit, condition})) open->set_derived(true);
    }
  }

  void RaiseCover() {
    const event::v1::Cover* cover = OpenCover(snapshot_);
    if (cover == nullptr) return;
    Sighting seen{View::kCover, ConditionOf(event::v1::ERROR_STATE_DOOR_OPEN)};
    seen.where = cover->description();
    if (MarkSeen(seen.condition.name, &OpenAlert::set_cover)) return;
    if (OpenAlert* open = RaiseView(seen)) open->set_cover(true);
  }

  void RaiseWeak(const Sighting& seen) {
    collector::v1::ViewMark& mark = *state_.mutable_view_marks(seen.mark);
    if (OpenAlert* told = FindTold(seen)) {
      // What was told before may be what it said then: the bit is about another one.
      if (seen.believed && !mark.told()) Locate(*told, seen);
      mark.set_told(true);
    } else if (seen.believed && !mark.told()) {
      if (OpenAlert* open = RaiseView(seen)) {
        open->set_weak_view(WeakViewOf(seen.view));
        mark.set_told(true);
      }
    }
  }

  // The open alert that tells of what a weak view sees. A panel and a sub-unit that is out of order
  // may mean anything that the device says in a better way.
  OpenAlert* FindTold(const Sighting& seen) {
    const bool vague = seen.view == View::kPanel || seen.condition.name == kUnitFault;
    for (OpenAlert& open : *state_.mutable_open_alerts()) {
      if (open.alert().origin() == event::v1::ALERT_ORIGIN_PLATEN) continue;
      const bool strong = open.weak_view() == collector::v1::WEAK_VIEW_UNSPECIFIED;
      if (vague && strong) return &open;
      if (FamilyOf(open.condition()) == FamilyOf(seen.condition.name) &&
          places_.Compare(PlaceOf(open), seen.place) != PlaceMatch::kOther) {
        return &open;
      }
    }
    return nullptr;
  }

  // An alert of which a bit alone told: now it is known where.
  void Locate(OpenAlert& open, const Sighting& seen) {
    Alert& alert = *open.mutable_alert();
    if (open.has_row() || alert.group() != 0 || seen.place.group == 0 || seen.where.empty() ||
        open.condition() != seen.condition.name) {
      return;
    }
    FillPlace(snapshot_, seen, alert);
    open.set_device_index(seen.place.device_index);
    Emit(open, event::v1::ALERT_TRANSITION_CHANGED, event::v1::ALERT_END_UNSPECIFIED);
  }

  // An alert that no row carries; a null pointer where there is no room for it.
  OpenAlert* RaiseView(const Sighting& seen) {
    if (IsFull()) return nullptr;
    OpenAlert& open = *state_.add_open_alerts();
    open.set_condition(std::string(seen.condition.name));
    Alert& alert = *open.mutable_alert();
    FillWithoutRow(
        event::v1::ALERT_ORIGIN_DERIVED, seen.condition, Words(seen.condition.name), alert);
    FillPlace(snapshot_, seen, alert);
    Rate(alert);
    open.set_device_index(seen.place.device_index);
    Begin(open);
    Emit(open, event::v1::ALERT_TRANSITION_RAISED, event::v1::ALERT_END_UNSPECIFIED);
    return &open;
  }

  // Open alerts of the condition are now carried by this view as well; false where there is none.
  // One that a tray or supply tells of itself needs no bit, and its bit no other alert.
  bool MarkSeen(std::string_view condition, void (OpenAlert::*carry)(bool)) {
    bool found = false;
    for (OpenAlert& open : *state_.mutable_open_alerts()) {
      if (open.condition() != condition) continue;
      found = true;
      if (IsWeakAndPlaced(open)) continue;
      (open.*carry)(true);
      open.clear_weak_view();
    }
    return found;
  }

  // Whether another alert has no room; then it is counted.
  bool IsFull() {
    const bool full = state_.open_alerts_size() >= kOpenAlertsMax;
    left_out_ += full ? 1 : 0;
    return full;
  }

  // The maker's own level, by its table: errors and jams have none.
  void Rate(Alert& alert) const {
    const bool alarm = alert.category() == event::v1::ALERT_CATEGORY_ALARM;
    const std::uint32_t level = alarm ? DerivedLevel(sighting_.levels, alert) : 0;
    alert.set_level(level);
    alert.set_level_derived(level != 0);
  }

  // A bit says nothing of the place: it is where it was, until a row says otherwise.
  static void KeepPlace(const OpenAlert& before, OpenAlert& open) {
    open.mutable_alert()->set_group(before.alert().group());
    open.mutable_alert()->set_group_index(before.alert().group_index());
    open.mutable_alert()->set_where(before.alert().where());
    open.set_device_index(before.has_row() ? before.row().device_index() : before.device_index());
  }

  // False where the alert is new; true where one that was superseded has come back.
  bool Begin(OpenAlert& open) {
    Alert& alert = *open.mutable_alert();
    if (const auto back = TakeSuperseded(state_, open, places_)) {
      const Alert& before = back->alert();
      alert.set_instance(before.instance());
      alert.set_alert_id(before.alert_id());
      alert.set_console_text(before.console_text());
      *alert.mutable_raise_time() = before.raise_time();
      if (before.has_counters()) *alert.mutable_counters() = before.counters();
      if (alert.group() == 0) KeepPlace(*back, open);
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
  const bool table_is_new_;
  TableNews news_;
  const std::vector<Sighting> weak_;
  const Places places_;
  const Evidence evidence_;
  RowClaims rows_;
  // The row of each alert that was open before.
  std::vector<const AlertRow*> row_of_;
  bool overflowed_ = false;
  std::vector<AlertChange> changes_;
  std::size_t left_out_ = 0;
};

}  // namespace

AlertObservation ObserveAlerts(DeviceState& state, const AlertSighting& sighting) {
  return Observation(state, sighting).Run();
}

}  // namespace platen::collector::core
