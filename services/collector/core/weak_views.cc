#include "services/collector/core/weak_views.h"

#include <algorithm>
#include <optional>
#include <string>
#include <string_view>

#include "services/collector/core/panel_words.h"
#include "services/collector/core/reading_quality.h"
#include "services/collector/core/weak_view_rules.h"

namespace platen::collector::core {
namespace {

using collector::v1::DeviceState;
using collector::v1::ViewMark;
using event::v1::Level;

class Watch {
 public:
  Watch(DeviceState& state, const AlertSighting& reading)
      : state_(state), reading_(reading), snapshot_(*reading.snapshot) {}

  std::vector<Sighting> Run() {
    for (const auto& input : snapshot_.inputs()) LookAtInput(input);
    for (const auto& output : snapshot_.outputs()) LookAtOutput(output);
    for (const auto& marker : snapshot_.markers()) {
      NoteFault(kGroupMarker, marker, marker.has_status() && SaysBroken(marker.status()));
    }
    if (reading_.whole.supplies && !AreAllLevelsFeigned()) {
      for (const auto& supply : snapshot_.supplies()) LookAtSupply(supply);
    }
    if (reading_.whole.panel) LookAtPanel();
    ForgetWhatIsGone();
    return Sightings();
  }

 private:
  ViewMark* Find(std::int32_t group, std::uint32_t index, std::uint32_t device, bool fault) {
    for (ViewMark& mark : *state_.mutable_view_marks()) {
      if (mark.group() == group && mark.index() == index && mark.device_index() == device &&
          mark.fault() == fault) {
        return &mark;
      }
    }
    return nullptr;
  }

  template <class SubUnit>
  ViewMark* Find(std::int32_t group, const SubUnit& unit, bool fault = false) {
    return Find(group, unit.index(), unit.device_index(), fault);
  }

  // A null pointer where there is no room.
  template <class SubUnit>
  ViewMark* Add(std::int32_t group, const SubUnit& unit) {
    if (state_.view_marks_size() >= kViewMarksMax) return nullptr;
    ViewMark* mark = state_.add_view_marks();
    mark->set_group(group);
    mark->set_index(unit.index());
    mark->set_device_index(unit.device_index());
    return mark;
  }

  static void Say(ViewMark& mark, collector::v1::WeakView view, std::string_view condition) {
    if (mark.condition() != condition) {
      mark.set_condition(std::string(condition));
      mark.set_looks(0);
      mark.set_told(false);
    }
    mark.set_view(view);
    mark.set_looks(std::min(mark.looks() + 1, kLooksOfFault));
  }

  // `said`: what the level comes to; nothing where it says nothing. Low at first sight is told of
  // where `tell_first`; empty at first sight never is.
  template <class SubUnit>
  void NoteLevel(std::int32_t group,
                 const SubUnit& unit,
                 const LevelNames& names,
                 std::optional<std::string_view> said,
                 collector::v1::WeakView view,
                 bool tell_first) {
    if (!said.has_value()) return;
    ViewMark* mark = Find(group, unit);
    const bool first = mark == nullptr;
    if (first) mark = Add(group, unit);
    if (mark == nullptr) return;
    Say(*mark, view, *said);
    if (first && !said->empty()) mark->set_told(*said == names.empty || !tell_first);
  }

  template <class SubUnit>
  void NoteFault(std::int32_t group, const SubUnit& unit, bool broken) {
    ViewMark* mark = Find(group, unit, /*fault=*/true);
    if (mark == nullptr && broken) {
      mark = Add(group, unit);
      if (mark != nullptr) mark->set_fault(true);
    }
    if (mark != nullptr) {
      Say(*mark, collector::v1::WEAK_VIEW_SUB_UNIT, broken ? "unit-fault" : std::string_view());
    }
  }

  template <class SubUnit>
  std::optional<std::string_view> Before(std::int32_t group, const SubUnit& unit) {
    const ViewMark* mark = Find(group, unit);
    if (mark == nullptr) return std::nullopt;
    return mark->condition();
  }

  void LookAtInput(const event::v1::Input& input) {
    if (!reading_.whole.inputs) return;
    NoteFault(kGroupInput, input, input.has_status() && SaysBroken(input.status()));
    if (IsFedByHand(input) || IsFeigned(input.level())) return;
    const auto before = Before(kGroupInput, input);
    const auto said = JudgeLevel(kOfTray, input.level(), before);
    const bool has_paper = said.has_value() && *said != kOfTray.empty;
    if (!has_paper && input.has_status() && SaysEmpty(input.status())) {
      NoteLevel(kGroupInput,
                input,
                kOfTray,
                kOfTray.empty,
                collector::v1::WEAK_VIEW_SUB_UNIT,
                /*tell_first=*/false);
      return;
    }
    // Without a level, a status that no longer says "empty" is all there is to tell its end.
    const bool refilled = !said.has_value() && before == kOfTray.empty && input.has_status();
    NoteLevel(kGroupInput,
              input,
              kOfTray,
              refilled ? std::string_view() : said,
              collector::v1::WEAK_VIEW_LEVEL,
              /*tell_first=*/false);
  }

  // Of an output the level is the space that is left.
  void LookAtOutput(const event::v1::Output& output) {
    if (!reading_.whole.outputs) return;
    NoteFault(kGroupOutput, output, output.has_status() && SaysBroken(output.status()));
    if (IsFeigned(output.remaining())) return;
    NoteLevel(kGroupOutput,
              output,
              kOfOutput,
              JudgeLevel(kOfOutput, output.remaining(), Before(kGroupOutput, output)),
              collector::v1::WEAK_VIEW_LEVEL,
              /*tell_first=*/false);
  }

  void LookAtSupply(const event::v1::Supply& supply) {
    const LevelNames* names = LevelNamesOf(supply);
    if (names == nullptr || IsFeigned(supply.level())) return;
    if (supply.level().state() != Level::STATE_EXACT) return;
    NoteLevel(kGroupSupply,
              supply,
              *names,
              JudgeLevel(*names, supply.level(), Before(kGroupSupply, supply)),
              collector::v1::WEAK_VIEW_LEVEL,
              /*tell_first=*/true);
  }

  // Devices that are asleep, open or have just booted say 0 or 100 % of what they can't see.
  bool IsFeigned(const Level& level) const {
    return reading_.levels_doubtful && level.has_percent() &&
           (level.percent() <= 0.0 || level.percent() >= 100.0);
  }

  bool AreAllLevelsFeigned() const {
    return reading_.levels_doubtful && AllLevelsAtOneEnd(snapshot_);
  }

  void LookAtPanel() {
    for (ViewMark& mark : *state_.mutable_view_marks()) {
      if (mark.view() == collector::v1::WEAK_VIEW_PANEL && !IsOnPanel(mark.condition())) {
        mark.clear_condition();
      }
    }
    for (const std::string& line : snapshot_.status().console_lines()) {
      const std::string_view condition = ConditionOfPanelLine(line).name;
      if (!condition.empty() && !IsCounted(condition)) NotePanel(condition);
    }
    counted_.clear();
  }

  bool IsOnPanel(std::string_view condition) const {
    const auto& lines = snapshot_.status().console_lines();
    return std::any_of(lines.begin(), lines.end(), [condition](const std::string& line) {
      return ConditionOfPanelLine(line).name == condition;
    });
  }

  // Whether a line before this one has said it.
  bool IsCounted(std::string_view condition) {
    if (std::find(counted_.begin(), counted_.end(), condition) != counted_.end()) return true;
    counted_.push_back(condition);
    return false;
  }

  void NotePanel(std::string_view condition) {
    for (ViewMark& mark : *state_.mutable_view_marks()) {
      if (mark.view() == collector::v1::WEAK_VIEW_PANEL && mark.condition() == condition) {
        return Say(mark, collector::v1::WEAK_VIEW_PANEL, condition);
      }
    }
    if (state_.view_marks_size() >= kViewMarksMax) return;
    Say(*state_.add_view_marks(), collector::v1::WEAK_VIEW_PANEL, condition);
  }

  // Marks that have nothing to say and no before to tell, and those of sub-units that a table which
  // was read to its end no longer lists.
  void ForgetWhatIsGone() {
    auto& marks = *state_.mutable_view_marks();
    const auto gone = [this](const ViewMark& mark) {
      if (mark.condition().empty() && (mark.fault() || mark.group() == 0)) return true;
      return mark.group() != 0 && IsRead(mark) && !WhereOf(mark).has_value();
    };
    marks.erase(std::remove_if(marks.begin(), marks.end(), gone), marks.end());
  }

  // Whether this reading has judged it: what it shows of a table that it broke off in is not new.
  bool IsRead(const ViewMark& mark) const {
    switch (mark.group()) {
      case kGroupInput:
        return reading_.whole.inputs;
      case kGroupOutput:
        return reading_.whole.outputs;
      case kGroupSupply:
        return reading_.whole.supplies;
      case kGroupMarker:
        return reading_.whole.markers;
      default:
        return reading_.whole.panel;
    }
  }

  template <class Rows>
  static const typename Rows::value_type* RowOf(const Rows& rows, const ViewMark& mark) {
    const auto found = std::find_if(rows.begin(), rows.end(), [&mark](const auto& row) {
      return row.index() == mark.index() && row.device_index() == mark.device_index();
    });
    return found == rows.end() ? nullptr : &*found;
  }

  template <class Rows>
  static bool IsIn(const Rows& rows, const ViewMark& mark) {
    return RowOf(rows, mark) != nullptr;
  }

  // The sub-unit's name; nothing where this reading has not seen it.
  std::optional<std::string> WhereOf(const ViewMark& mark) const {
    if (!IsRead(mark)) return std::nullopt;
    if (mark.group() == kGroupInput) {
      if (const auto* row = RowOf(snapshot_.inputs(), mark)) return row->name();
    } else if (mark.group() == kGroupOutput) {
      if (const auto* row = RowOf(snapshot_.outputs(), mark)) return row->name();
    } else if (mark.group() == kGroupSupply) {
      if (const auto* row = RowOf(snapshot_.supplies(), mark)) return row->description();
    } else if (mark.group() == kGroupMarker) {
      if (IsIn(snapshot_.markers(), mark)) return std::string();
    } else {
      return std::string();
    }
    return std::nullopt;
  }

  static std::uint32_t LooksNeeded(const ViewMark& mark) {
    if (mark.fault()) return kLooksOfFault;
    return mark.view() == collector::v1::WEAK_VIEW_PANEL ? kLooksOfPanel : 1;
  }

  static View ViewOf(const ViewMark& mark) {
    switch (mark.view()) {
      case collector::v1::WEAK_VIEW_SUB_UNIT:
        return View::kSubUnit;
      case collector::v1::WEAK_VIEW_PANEL:
        return View::kPanel;
      default:
        return View::kLevel;
    }
  }

  std::vector<Sighting> Sightings() const {
    std::vector<Sighting> sightings;
    for (int i = 0; i < state_.view_marks_size(); ++i) {
      const ViewMark& mark = state_.view_marks(i);
      if (mark.condition().empty()) continue;
      Sighting& seen = sightings.emplace_back();
      seen.view = ViewOf(mark);
      seen.condition = ConditionNamed(mark.condition());
      // What runs low is for whoever replenishes; who is told of alarms need not hear of it.
      if (FamilyOf(seen.condition.name) != seen.condition.name) {
        seen.condition.category = event::v1::ALERT_CATEGORY_SUPPLY;
      }
      if (mark.group() != 0) {
        seen.place = {mark.group(), static_cast<std::int32_t>(mark.index()), mark.device_index()};
      }
      seen.mark = i;
      const auto where = WhereOf(mark);
      seen.believed = where.has_value() && mark.looks() >= LooksNeeded(mark);
      seen.where = where.value_or("");
    }
    std::stable_sort(sightings.begin(), sightings.end(), [](const Sighting& a, const Sighting& b) {
      return a.view < b.view;
    });
    return sightings;
  }

  DeviceState& state_;
  const AlertSighting& reading_;
  const event::v1::DeviceSnapshot& snapshot_;
  std::vector<std::string_view> counted_;
};

}  // namespace

std::vector<Sighting> WatchWeakViews(DeviceState& state, const AlertSighting& reading) {
  return Watch(state, reading).Run();
}

}  // namespace platen::collector::core
