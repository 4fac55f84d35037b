#include "tools/fleetsim/device_mib.h"

#include <algorithm>
#include <cstdio>

namespace platen::fleetsim {
namespace {

using snmp::Oid;
using snmp::OidView;
using snmp::Value;
using snmp::ValueType;
using snmp::ValueView;
using snmp::VarbindView;
using snmp::operator""_oid;

constexpr Oid kAlertEntry = "1.3.6.1.2.1.43.18.1.1"_oid;
constexpr std::uint32_t kAlertColumns = 9;

constexpr std::int64_t kRunning = 2, kWarning = 3, kDown = 5;              // hrDeviceStatus
constexpr std::int64_t kOther = 1, kIdle = 3, kPrinting = 4, kWarmup = 5;  // hrPrinterStatus
constexpr std::int64_t kCoverOpen = 3, kInterlockOpen = 5, kInterlockClosed = 6;
constexpr std::int64_t kCriticalSeverity = 3, kWarningSeverity = 5;

std::uint64_t CountOf(Pages kind, std::uint64_t pages) {
  switch (kind) {
    case Pages::kAll:
      return pages;
    case Pages::kMono:
      return pages - pages / 3;
    case Pages::kColour:
      return pages / 3;
    case Pages::kDuplex:
      return pages / 4;
    case Pages::kSheets:
      return pages - pages / 4;
  }
  return pages;
}

// The same type as recorded, `by` further on; 32-bit types wrap as the real ones do.
ValueView Advanced(const Value& recorded, std::uint64_t by) {
  const std::uint64_t sum = recorded.view().raw_number() + by;
  if (recorded.type() == ValueType::kInteger)
    return ValueView::Integer(static_cast<std::int64_t>(sum & 0x7fffffff));
  return ValueView::Number(recorded.type(),
                           recorded.type() == ValueType::kCounter64 ? sum : sum & 0xffffffff);
}

// What is left of a supply or a tray after `used`: it is refilled when a fifth is left, so that a
// fleet prints for ever and what is low is low because somebody said so.
std::int64_t Remaining(std::int64_t recorded, std::int64_t max, std::int64_t used) {
  const std::int64_t reserve = max / 5;
  const std::int64_t span = max - reserve;
  if (recorded <= reserve || span <= 0) return recorded;
  const std::int64_t left = (recorded - reserve - used) % span;
  return reserve + (left < 0 ? left + span : left);
}

std::int64_t CellNumber(const PrinterModel& model,
                        std::uint32_t table,
                        std::uint32_t column,
                        std::uint32_t index) {
  const Value* cell = model.Cell(table, column, index);
  return cell == nullptr ? 0 : cell->AsInteger().value_or(0);
}

// `text` in as many columns as `recorded` has, as panels pad their lines.
std::string Padded(std::string_view text, std::string_view recorded) {
  std::string line(text);
  const bool padded = !recorded.empty() && recorded.back() == ' ';
  if (padded && line.size() < recorded.size()) line.resize(recorded.size(), ' ');
  return line;
}

}  // namespace

std::optional<ValueView> DeviceMib::Get(OidView name) {
  const snmp::Recording& recording = model_.recording();
  if (const snmp::Varbind* row = recording.Find(name); row != nullptr) {
    return ValueOf(static_cast<std::size_t>(row - recording.rows.data()));
  }
  if (device_.alerts().empty() || !name.StartsWith(kAlertEntry)) return std::nullopt;
  snmp::ArcReader arcs = name.ArcsAfter(kAlertEntry);
  const auto column = arcs.Next();
  const auto device = arcs.Next();
  const auto index = arcs.Next();
  if (!index.has_value() || arcs.Next().has_value() || device != model_.device_index())
    return std::nullopt;
  for (const Alert& alert : device_.alerts()) {
    if (alert.index == *index) return AlertCell(alert, *column);
  }
  return std::nullopt;
}

std::optional<VarbindView> DeviceMib::Next(OidView name) {
  const snmp::Recording& recording = model_.recording();
  const std::size_t row = recording.IndexAfter(name);
  const auto alert = NextAlertCell(name);
  if (row == recording.rows.size()) return alert;
  if (alert.has_value() && alert->name < recording.rows[row].name.view()) return alert;
  return VarbindView{recording.rows[row].name, ValueOf(row)};
}

std::optional<VarbindView> DeviceMib::NextAlertCell(OidView name) {
  if (device_.alerts().empty()) return std::nullopt;
  Oid best;
  const Alert* best_alert = nullptr;
  std::uint32_t best_column = 0;
  for (std::uint32_t column = 1; column <= kAlertColumns && best_alert == nullptr; ++column) {
    for (const Alert& alert : device_.alerts()) {
      Oid cell = kAlertEntry.Child({column, model_.device_index(), alert.index});
      if (cell.view() <= name || (best_alert != nullptr && cell >= best)) continue;
      best = std::move(cell);
      best_alert = &alert;
      best_column = column;
    }
  }
  if (best_alert == nullptr) return std::nullopt;
  name_ = std::move(best);
  return VarbindView{name_, *AlertCell(*best_alert, best_column)};
}

std::optional<ValueView> DeviceMib::AlertCell(const Alert& alert, std::uint32_t column) {
  const ConditionTraits& traits = TraitsOf(alert.condition);
  const bool ink = traits.part == Part::kSupply && model_.IsInk(alert.part);
  switch (column) {
    case 1:
      return ValueView::Integer(alert.index);
    case 2:
      return ValueView::Integer(traits.critical ? kCriticalSeverity : kWarningSeverity);
    case 3:
      return ValueView::Integer(traits.training);
    case 4:
      return ValueView::Integer(static_cast<std::int64_t>(traits.part));
    case 5:
      return ValueView::Integer(alert.part);
    case 6:
      return ValueView::Integer(-2);
    case 7:
      return ValueView::Integer(ink ? traits.ink_code : traits.code);
    case 8:
      text_ = model_.PartName(traits.part, alert.part).append(traits.text);
      return ValueView::Octets(text_);
    case 9:
      return ValueView::Number(ValueType::kTimeTicks, alert.ticks);
    default:
      return std::nullopt;
  }
}

ValueView DeviceMib::ValueOf(std::size_t row) {
  const LiveRow& live = model_.live(row);
  const Value& recorded = model_.recording().rows[row].value;
  switch (live.role) {
    case Role::kStatic:
      return Individual(row);
    case Role::kErrorState:
      return ErrorState(recorded);
    case Role::kInputLevel:
    case Role::kSupplyLevel:
      return Level(live, recorded);
    case Role::kPanel:
      return Panel(recorded);
    case Role::kCounter:
      return Advanced(CounterBase(recorded), CountOf(live.pages, device_.counted(now_)));
    case Role::kBrotherRecords:
      return BrotherRecords(recorded);
    default:
      return StatusValue(live, recorded);
  }
}

Value DeviceMib::CounterBase(const Value& recorded) const {
  if (!device_.board_swapped()) return recorded;
  return recorded.type() == ValueType::kInteger ? Value::Integer(0)
                                                : Value::Number(recorded.type(), 0);
}

ValueView DeviceMib::StatusValue(const LiveRow& live, const Value& recorded) {
  const std::int64_t as_recorded = recorded.AsInteger().value_or(0);
  const bool warning = !device_.alerts().empty();
  // Events count from the recorded number until a reboot lets them start anew.
  const Value zero(ValueView::Number(recorded.type(), 0));
  const Value& base = device_.rebooted() ? zero : recorded;
  switch (live.role) {
    case Role::kUptime:
      return ValueView::Number(ValueType::kTimeTicks, device_.uptime_ticks(now_));
    case Role::kDeviceStatus:
      return ValueView::Integer(device_.critical() ? kDown : warning ? kWarning : kRunning);
    case Role::kPrinterStatus:
      if (device_.critical() || device_.asleep()) return ValueView::Integer(kOther);
      if (device_.rebooted() && device_.uptime_ticks(now_) < 2000)
        return ValueView::Integer(kWarmup);
      return ValueView::Integer(device_.IsPrinting(now_) ? kPrinting : kIdle);
    case Role::kDeviceErrors:
    case Role::kCriticalEvents:
      return Advanced(base, device_.critical_events());
    case Role::kAllEvents:
      return Advanced(base, device_.all_events());
    case Role::kPowerOnCount:
      return Advanced(base, CountOf(live.pages, device_.pages_since_boot(now_)));
    case Role::kCoverStatus:
      if (!device_.IsRaised(Condition::kCoverOpen, live.index))
        return ValueView::Integer(as_recorded);
      return ValueView::Integer(as_recorded == kInterlockClosed ? kInterlockOpen : kCoverOpen);
    case Role::kInputStatus:
      return ValueView::Integer(PartStatus(Part::kInput, live.index, as_recorded));
    case Role::kMarkerStatus:
      return ValueView::Integer(PartStatus(Part::kMarker, live.index, as_recorded));
    case Role::kLightOn:
      return ValueView::Integer(LightOn(live.index, as_recorded));
    case Role::kLightOff:
      return ValueView::Integer(LightOn(live.index, 1 - as_recorded) != 0 ? 0 : 1);
    default:
      return recorded.view();
  }
}

std::int64_t DeviceMib::PartStatus(Part part, std::uint32_t index, std::int64_t recorded) const {
  std::int64_t status = recorded;
  for (const Alert& alert : device_.alerts()) {
    const ConditionTraits& traits = TraitsOf(alert.condition);
    // Supplies and the paper path have no status of their own: the marker shows theirs.
    const bool of_marker = traits.part == Part::kSupply || traits.part == Part::kMediaPath ||
                           traits.part == Part::kMarker;
    const bool concerns =
        part == Part::kMarker ? of_marker : traits.part == part && alert.part == index;
    if (concerns) status = std::max<std::int64_t>(status, traits.subunit_status);
  }
  return status;
}

// The light for attention burns as long as something is critical; all others are as recorded.
std::int64_t DeviceMib::LightOn(std::uint32_t light, std::int64_t recorded) const {
  const Value* cell = model_.Cell(17, 5, light);
  if (cell == nullptr) return recorded;
  const std::string_view text = cell->AsBytes().value_or("");
  for (const std::string_view word : {"ttention", "TTENTION", "rror", "lert", "tatus"}) {
    if (text.find(word) != std::string_view::npos) return device_.critical() ? 1 : 0;
  }
  return recorded;
}

ValueView DeviceMib::ErrorState(const Value& recorded) {
  text_ = std::string(recorded.AsBytes().value_or(""));
  std::uint16_t bits = 0;
  for (const Alert& alert : device_.alerts()) bits |= TraitsOf(alert.condition).error_bits;
  if ((bits & 0xff) != 0 && text_.size() < 2) text_.resize(2, '\0');
  if (bits != 0 && text_.empty()) text_.resize(1, '\0');
  for (std::size_t i = 0; i < text_.size() && i < 2; ++i) {
    text_[i] =
        static_cast<char>(static_cast<std::uint8_t>(text_[i]) | (bits >> (8 - 8 * i) & 0xff));
  }
  return ValueView::Bytes(recorded.type(), text_);
}

ValueView DeviceMib::Level(const LiveRow& live, const Value& recorded) {
  const std::int64_t level = recorded.AsInteger().value_or(-2);
  const auto pages = static_cast<std::int64_t>(device_.pages(now_));
  if (live.role == Role::kInputLevel) {
    const std::int64_t max = CellNumber(model_, 8, 9, live.index);
    if (device_.IsRaised(Condition::kPaperOut, live.index) ||
        device_.IsRaised(Condition::kTrayMissing, live.index)) {
      return ValueView::Integer(0);
    }
    if (level < 0 || max <= 0) return ValueView::Integer(level);
    if (device_.IsRaised(Condition::kPaperLow, live.index)) return ValueView::Integer(max / 10);
    // Paper is taken from the first tray alone.
    return ValueView::Integer(live.index == 1 ? Remaining(level, max, pages) : level);
  }
  const std::int64_t max = CellNumber(model_, 11, 8, live.index);
  if (device_.IsRaised(Condition::kTonerEmpty, live.index)) return ValueView::Integer(0);
  // A receptacle's level is the room that is left.
  if (device_.IsRaised(Condition::kWasteFull, live.index)) return ValueView::Integer(0);
  if (level < 0 || max <= 0) return ValueView::Integer(level);
  if (device_.IsRaised(Condition::kTonerLow, live.index))
    return ValueView::Integer(std::max<std::int64_t>(1, max * 3 / 100));
  constexpr std::int64_t kPagesOfASupply = 20000;
  if (const auto printed = device_.PagesOfSupply(now_, live.index); printed.has_value()) {
    const std::int64_t span = std::max<std::int64_t>(max - max / 5, 1);
    return ValueView::Integer(max -
                              static_cast<std::int64_t>(*printed) * max / kPagesOfASupply % span);
  }
  return ValueView::Integer(Remaining(level, max, pages * max / kPagesOfASupply));
}

ValueView DeviceMib::Panel(const Value& recorded) {
  const std::string_view line = recorded.AsBytes().value_or("");
  std::string_view says;
  if (const Alert* alert = device_.foremost(); alert != nullptr) {
    says = TraitsOf(alert->condition).panel;
  } else if (device_.asleep()) {
    says = "Sleep";
  } else if (device_.IsPrinting(now_)) {
    says = "Printing";
  } else {
    return recorded.view();
  }
  text_ = Padded(says, line);
  return ValueView::Octets(text_);
}

// Records of key, 1, 4 and a big-endian number; keys 0, 1 and 2 are all, mono and colour pages.
ValueView DeviceMib::BrotherRecords(const Value& recorded) {
  text_ = std::string(recorded.AsBytes().value_or(""));
  const std::uint64_t pages = device_.counted(now_);
  constexpr Pages kKinds[] = {Pages::kAll, Pages::kMono, Pages::kColour};
  constexpr std::size_t kRecordBytes = 7;
  for (std::size_t at = 0; at + kRecordBytes <= text_.size(); at += kRecordBytes) {
    const auto key = static_cast<std::uint8_t>(text_[at]);
    if (key >= std::size(kKinds)) continue;
    std::uint64_t number = 0;
    for (std::size_t i = 3; i < kRecordBytes && !device_.board_swapped(); ++i)
      number = number << 8 | static_cast<std::uint8_t>(text_[at + i]);
    number += CountOf(kKinds[key], pages);
    for (std::size_t i = kRecordBytes - 1; i >= 3; --i, number >>= 8)
      text_[at + i] = static_cast<char>(number & 0xff);
  }
  return ValueView::Bytes(recorded.type(), text_);
}

ValueView DeviceMib::Individual(std::size_t row) {
  const Value& recorded = model_.recording().rows[row].value;
  bool changed = false;
  for (const Unique& unique : model_.uniques()) {
    if (unique.row != row) continue;
    if (!changed) text_ = std::string(recorded.view().raw_bytes());
    changed = true;
    char digits[16];
    const unsigned id = device_.identity() + 1;
    switch (unique.kind) {
      case Unique::Kind::kSerial:
        std::snprintf(digits, sizeof digits, "%010u", id);
        text_.replace(unique.offset,
                      unique.size,
                      std::string_view(digits).substr(10 - unique.size, unique.size));
        break;
      case Unique::Kind::kMacText:
      case Unique::Kind::kMacTextLower:
        std::snprintf(digits,
                      sizeof digits,
                      unique.kind == Unique::Kind::kMacText ? "%06X" : "%06x",
                      id & 0xffffff);
        text_.replace(unique.offset, unique.size, digits);
        break;
      case Unique::Kind::kMacBytes:
        // Further interfaces differ in the first byte, as locally administered ones do.
        text_[0] = static_cast<char>(text_[0] ^ (2 * unique.nth_mac));
        for (std::size_t i = 0; i < 3; ++i)
          text_[3 + i] = static_cast<char>(id >> (16 - 8 * i) & 0xff);
    }
  }
  return changed ? ValueView::Bytes(recorded.type(), text_) : recorded.view();
}

std::string DeviceMib::Serial() const {
  const std::string& recorded = model_.serial();
  const std::size_t tail = std::min<std::size_t>(6, recorded.size());
  char digits[16];
  std::snprintf(digits, sizeof digits, "%010u", device_.identity() + 1);
  return recorded.substr(0, recorded.size() - tail) + std::string(digits).substr(10 - tail);
}

}  // namespace platen::fleetsim
