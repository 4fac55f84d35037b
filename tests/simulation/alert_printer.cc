#include "tests/simulation/alert_printer.h"

#include <algorithm>

#include "services/collector/core/printer_oids.h"
#include "services/collector/core/readings.h"

namespace platen::collector {
namespace {

namespace oids = core::oids;
using snmp::Value;
using snmp::ValueType;

// Between two conditions of one kind and place, so that views that lag do not run into one another.
constexpr base::Duration kPause = std::chrono::minutes(12);

// The two polls in which it may come back are five minutes apart where nothing else is wrong, and
// may be lost.
constexpr base::Duration kPauseAfterBoot = std::chrono::minutes(25);

const Kind& KindOf(const Trouble& trouble) {
  return kKinds[static_cast<std::size_t>(trouble.kind)];
}

snmp::Oid Cell(const snmp::Oid& entry, std::uint32_t column, std::uint32_t index) {
  return entry.Child(column).Child({1, index});
}

Value Count(std::uint64_t number) {
  return Value::Number(ValueType::kCounter32, number);
}

}  // namespace

Persona DrawPersona(base::Random& random) {
  Persona persona;
  persona.rows = random.Chance(0.85);
  persona.bits = !persona.rows || random.Chance(0.75);
  persona.covers = random.Chance(0.4);
  persona.levels = random.Chance(0.5);
  persona.counts = random.Chance(0.75);
  persona.times = random.Chance(0.8);
  persona.unary_toner = random.Chance(0.4);
  const auto minutes = [&random](std::uint64_t below) {
    return std::chrono::minutes(random.Below(below));
  };
  if (random.Chance(0.5)) {
    persona.row_lag = minutes(3);
    persona.row_tail = minutes(2);
    persona.bit_tail = minutes(3);
  }
  if (random.Chance(0.25)) persona.index = Persona::Index::kSlots;
  if (persona.times && random.Chance(0.2)) persona.index = Persona::Index::kCompacted;
  if (random.Chance(0.3)) persona.table_size = 4;
  return persona;
}

AlertPrinter::AlertPrinter(const Persona& persona, base::Random& random, base::WallTime now)
    : persona_(persona),
      random_(random),
      booted_(now - std::chrono::hours(20)),
      up_from_(now),
      lists_from_(now),
      events_(persona.index == Persona::Index::kGrowing ? 40 : 7) {
  last_index_ = static_cast<std::int64_t>(events_);
}

std::uint64_t AlertPrinter::Ticks(base::WallTime now) const {
  return static_cast<std::uint64_t>(base::ToMillis(now - booted_) / 10);
}

bool AlertPrinter::IsOpen(int kind, int place) const {
  return std::any_of(troubles_.begin(), troubles_.end(), [&](const Trouble& each) {
    return each.kind == kind && (place == 0 || each.place == place) && !each.until.has_value();
  });
}

bool AlertPrinter::IsTrue(const Trouble& trouble, base::WallTime now) const {
  return trouble.since <= now && (!trouble.until.has_value() || now < *trouble.until);
}

// A view that speaks for the whole device can tell of one condition of a kind at a time: only rows
// that come and go at once can tell of more.
bool AlertPrinter::MayBegin(int kind, int place, base::WallTime now) const {
  const bool rows_at_once = persona_.rows && persona_.row_lag == base::Duration::zero() &&
                            persona_.row_tail == base::Duration::zero() &&
                            persona_.bit_tail == base::Duration::zero() && persona_.table_size > 10;
  // A level that alone tells is read once an hour.
  const base::Duration pause =
      persona_.levels && kind == kTonerKind ? std::chrono::minutes(150) : kPause;
  // What begins right after a boot can't be told from what was there before it.
  if (!resets_.empty() && now < resets_.back() + kPauseAfterBoot) return false;
  return std::none_of(troubles_.begin(), troubles_.end(), [&](const Trouble& each) {
    if (each.kind != kind || (rows_at_once && each.place != place)) return false;
    return !each.until.has_value() || now < *each.until + pause;
  });
}

void AlertPrinter::Begin(int kind, base::WallTime now) {
  const int places = kKinds[static_cast<std::size_t>(kind)].places;
  const int place = 1 + static_cast<int>(random_.Below(static_cast<std::uint64_t>(places)));
  if (!MayBegin(kind, place, now)) return;
  Trouble& trouble = troubles_.emplace_back();
  trouble.kind = kind;
  trouble.place = place;
  trouble.since = now;
  asleep_ = false;
}

void AlertPrinter::MayEnd(Trouble& trouble, base::WallTime now) {
  if (trouble.until.has_value() || !random_.Chance(0.12)) return;
  trouble.until = now;
}

void AlertPrinter::Advance(base::WallTime now) {
  if (now < up_from_) return;
  for (Trouble& trouble : troubles_) MayEnd(trouble, now);
  for (int kind = 0; kind < static_cast<int>(kKinds.size()); ++kind) {
    if (random_.Chance(0.03)) Begin(kind, now);
  }
  KeepTable(now);
  if (random_.Chance(0.04)) Whisper(now);
  if (random_.Chance(0.05)) ToggleStatusLine(now);
  if (random_.Chance(0.01)) Boot(now);
  if (random_.Chance(0.01)) StartTableAnew(now);
  if (random_.Chance(0.02) && !IsOpen(0, 0) && !IsOpen(1, 0)) asleep_ = !asleep_;
}

void AlertPrinter::Calm(base::WallTime now) {
  for (Trouble& trouble : troubles_) {
    if (!trouble.until.has_value()) trouble.until = now;
  }
  KeepTable(now);
}

// Rows come some time after the trouble and go some time after its end.
void AlertPrinter::KeepTable(base::WallTime now) {
  if (!persona_.rows || now < lists_from_) return;
  for (Trouble& trouble : troubles_) {
    if (trouble.listed && !trouble.unlisted && trouble.until.has_value() &&
        now >= *trouble.until + persona_.row_tail) {
      trouble.unlisted = true;
      if (persona_.index == Persona::Index::kCompacted) Compact();
    }
  }
  for (Trouble& trouble : troubles_) {
    if (!trouble.listed && !trouble.unlisted && IsTrue(trouble, now) &&
        now >= trouble.since + persona_.row_lag) {
      List(trouble, now);
    }
  }
}

std::uint64_t AlertPrinter::NextIndex(const Trouble& trouble) {
  if (persona_.index == Persona::Index::kSlots) {
    return static_cast<std::uint64_t>(KindOf(trouble).slot + trouble.place);
  }
  return static_cast<std::uint64_t>(++last_index_);
}

void AlertPrinter::List(Trouble& trouble, base::WallTime now) {
  MakeRoom();
  trouble.listed = true;
  trouble.ticks = Ticks(now);
  trouble.index = static_cast<std::int64_t>(NextIndex(trouble));
  trouble.number = ++events_;
  critical_ += KindOf(trouble).severity == 3 ? 1 : 0;
  if (persona_.index == Persona::Index::kCompacted) Compact();
}

// A full table pushes out its oldest unary warning; one that has none grows.
void AlertPrinter::MakeRoom() {
  if (ListedNumbers().size() < persona_.table_size || !persona_.unary_toner) return;
  Trouble* oldest = nullptr;
  for (Trouble& each : troubles_) {
    if (!each.listed || each.unlisted || each.kind != kTonerKind) continue;
    if (oldest == nullptr || each.number < oldest->number) oldest = &each;
  }
  if (oldest == nullptr) return;
  oldest->unlisted = true;
  oldest->pushed_out = true;
}

// Some agents close the gaps in their table.
void AlertPrinter::Compact() {
  std::vector<Trouble*> listed;
  for (Trouble& each : troubles_) {
    if (each.listed && !each.unlisted) listed.push_back(&each);
  }
  std::sort(listed.begin(), listed.end(), [](const Trouble* a, const Trouble* b) {
    return a->number < b->number;
  });
  last_index_ = status_line_.has_value() ? 1 : 0;
  if (status_line_.has_value()) status_line_->index = 1;
  for (Trouble* each : listed) each->index = ++last_index_;
}

// Something that has come and gone before anybody looks.
void AlertPrinter::Whisper(base::WallTime now) {
  if (!persona_.rows || now < lists_from_) return;
  ++events_;
  critical_ += random_.Chance(0.5) ? 1 : 0;
  if (persona_.index == Persona::Index::kGrowing) ++last_index_;
}

void AlertPrinter::ToggleStatusLine(base::WallTime now) {
  constexpr std::array kCodes = {1, 2, 23, 24, 507};
  if (!persona_.rows || now < lists_from_) return;
  if (status_line_.has_value()) {
    status_line_.reset();
  } else if (ListedNumbers().size() < persona_.table_size) {
    const std::int64_t index = persona_.index == Persona::Index::kSlots ? 99 : ++last_index_;
    status_line_ = StatusLine{index,
                              Ticks(now),
                              kCodes[random_.Below(kCodes.size())],
                              random_.Chance(0.5) ? 1 : 4,
                              ++events_};
  }
  if (persona_.index == Persona::Index::kCompacted) Compact();
}

// It is away for up to three minutes, and lists what ails it up to two later.
void AlertPrinter::Boot(base::WallTime now) {
  // Two boots within one interval can't be told from one.
  if (now < booted_ + std::chrono::minutes(20)) return;
  // Nor what ended just before from what is there after it, where a bit alone says so.
  for (const Trouble& each : troubles_) {
    if (each.until.has_value() && now < *each.until + kPause) return;
  }
  booted_ = now;
  up_from_ = now + std::chrono::seconds(random_.Below(180));
  lists_from_ = up_from_ + std::chrono::seconds(random_.Below(100));
  status_line_.reset();
  last_index_ = 0;
  if (random_.Chance(0.5)) events_ = 0;
  critical_ = 0;
  asleep_ = false;
  for (Trouble& trouble : troubles_) {
    if (!trouble.unlisted || trouble.pushed_out) trouble.unlisted = trouble.until.has_value();
    trouble.listed = false;
  }
  resets_.push_back(now);
}

// The table begins anew without a boot: what ails the printer is listed again at once.
void AlertPrinter::StartTableAnew(base::WallTime now) {
  if (!persona_.rows || !persona_.counts || persona_.index != Persona::Index::kGrowing ||
      now < lists_from_) {
    return;
  }
  // Indexes that are not below those that were listed would look like other rows.
  for (const Trouble& each : troubles_) {
    if (each.listed && !each.unlisted && each.index < 20) return;
  }
  if (events_ < 20) return;
  status_line_.reset();
  last_index_ = 0;
  events_ = 0;
  critical_ = 0;
  for (Trouble& trouble : troubles_) {
    if (trouble.until.has_value()) {
      trouble.unlisted = true;
    } else {
      trouble.listed = false;
    }
  }
  resets_.push_back(now);
  KeepTable(now);
}

std::vector<std::uint64_t> AlertPrinter::ListedNumbers() const {
  std::vector<std::uint64_t> numbers;
  for (const Trouble& each : troubles_) {
    if (each.listed && !each.unlisted) numbers.push_back(each.number);
  }
  if (status_line_.has_value()) numbers.push_back(status_line_->number);
  return numbers;
}

bool AlertPrinter::ShowsBit(const Trouble& trouble, base::WallTime now) const {
  if (!persona_.bits || now < lists_from_ || trouble.since > now) return false;
  if (!trouble.until.has_value()) return true;
  // What was over before it had booted does not come back.
  return now < *trouble.until + persona_.bit_tail && lists_from_ <= *trouble.until;
}

void AlertPrinter::ShowStatus(base::WallTime now, std::vector<snmp::Varbind>& shown) const {
  unsigned bits = 0;
  bool down = false;
  for (const Trouble& each : troubles_) {
    if (ShowsBit(each, now)) bits |= 0x80U >> KindOf(each).bit;
    down |= IsTrue(each, now) && KindOf(each).severity == 3;
  }
  const char byte = static_cast<char>(bits);
  shown.push_back({oids::kSysUpTime, Value::Number(ValueType::kTimeTicks, Ticks(now))});
  shown.push_back({oids::kHrDeviceEntry.Child(oids::kHrDeviceType).Child(1),
                   Value::ObjectId(oids::kHrDeviceTypePrinter)});
  shown.push_back(
      {oids::kHrDeviceEntry.Child(oids::kHrDeviceStatus).Child(1), Value::Integer(down ? 5 : 2)});
  shown.push_back({oids::kHrPrinterEntry.Child(oids::kHrPrinterStatus).Child(1),
                   Value::Integer(down || asleep_ ? 1 : 3)});
  if (persona_.bits) {
    shown.push_back({oids::kHrPrinterEntry.Child(oids::kHrPrinterDetectedErrorState).Child(1),
                     Value::Octets(std::string_view(&byte, 1))});
  }
  if (persona_.counts) {
    shown.push_back(
        {oids::kGeneralEntry.Child(oids::kAlertCriticalEvents).Child(1), Count(critical_)});
    shown.push_back({oids::kGeneralEntry.Child(oids::kAlertAllEvents).Child(1), Count(events_)});
  }
  if (!persona_.covers) return;
  const bool open = std::any_of(troubles_.begin(), troubles_.end(), [&](const Trouble& each) {
    return KindOf(each).condition == "cover-open" && IsTrue(each, now);
  });
  shown.push_back({Cell(oids::kCoverEntry, oids::kCoverStatus, 1), Value::Integer(open ? 3 : 4)});
}

void AlertPrinter::ShowLevels(base::WallTime now, std::vector<snmp::Varbind>& shown) const {
  const auto ails = [&](std::string_view condition, int place) {
    return std::any_of(troubles_.begin(), troubles_.end(), [&](const Trouble& each) {
      return KindOf(each).condition == condition && each.place == place && IsTrue(each, now);
    });
  };
  for (std::uint32_t i = 1; i <= 3; ++i) {
    const bool empty = persona_.levels && ails("no-paper", static_cast<int>(i));
    shown.push_back({Cell(oids::kInputEntry, oids::kInputType, i), Value::Integer(3)});
    shown.push_back({Cell(oids::kInputEntry, oids::kInputCapacity, i), Value::Integer(500)});
    shown.push_back({Cell(oids::kInputEntry, oids::kInputLevel, i),
                     Value::Integer(empty             ? 0
                                    : persona_.levels ? 300
                                                      : -3)});
    shown.push_back(
        {Cell(oids::kInputEntry, oids::kInputName, i), Value::Octets("Tray " + std::to_string(i))});
  }
  for (std::uint32_t i = 1; i <= 2; ++i) {
    const bool low = ails("low-toner", static_cast<int>(i));
    shown.push_back({Cell(oids::kSuppliesEntry, oids::kSupplyClass, i), Value::Integer(3)});
    shown.push_back({Cell(oids::kSuppliesEntry, oids::kSupplyType, i), Value::Integer(3)});
    shown.push_back({Cell(oids::kSuppliesEntry, oids::kSupplyCapacity, i), Value::Integer(100)});
    shown.push_back({Cell(oids::kSuppliesEntry, oids::kSupplyLevel, i),
                     Value::Integer(!persona_.levels ? -3
                                    : low            ? 7
                                                     : 80)});
    shown.push_back({Cell(oids::kSuppliesEntry, oids::kSupplyDescription, i),
                     Value::Octets("Toner " + std::to_string(i))});
  }
}

void AlertPrinter::ShowRows(base::WallTime now,
                            bool torn,
                            std::vector<snmp::Varbind>& shown) const {
  if (!persona_.rows || now < lists_from_) return;
  const auto add = [&](std::int64_t index, std::uint32_t column, Value value) {
    shown.push_back(
        {Cell(oids::kAlertEntry, column, static_cast<std::uint32_t>(index)), std::move(value)});
  };
  const auto row = [&](std::int64_t index,
                       int severity,
                       int group,
                       int place,
                       int code,
                       std::uint64_t ticks,
                       bool half) {
    add(index, oids::kAlertSeverity, Value::Integer(severity));
    add(index, oids::kAlertTraining, Value::Integer(3));
    add(index, oids::kAlertGroup, Value::Integer(group));
    add(index, oids::kAlertGroupIndex, Value::Integer(place));
    if (half) return;
    add(index, oids::kAlertLocation, Value::Integer(-2));
    add(index, oids::kAlertCode, Value::Integer(code));
    if (persona_.times) {
      add(index, oids::kAlertTime, Value::Number(ValueType::kTimeTicks, ticks));
    }
  };
  for (const Trouble& each : troubles_) {
    if (!each.listed || each.unlisted) continue;
    const Kind& kind = KindOf(each);
    const bool unary = each.kind == kTonerKind && persona_.unary_toner;
    row(each.index,
        unary ? 4 : kind.severity,
        kind.group,
        each.place,
        kind.code,
        each.ticks,
        torn && each.ticks == Ticks(now));
  }
  if (status_line_.has_value()) {
    row(status_line_->index,
        status_line_->severity,
        5,
        -1,
        status_line_->code,
        status_line_->ticks,
        false);
  }
}

std::vector<snmp::Varbind> AlertPrinter::Show(base::WallTime now, bool torn) {
  std::vector<snmp::Varbind> shown;
  shown.push_back({Cell(oids::kMarkerEntry, oids::kMarkerCounterUnit, 1), Value::Integer(7)});
  shown.push_back({Cell(oids::kMarkerEntry, oids::kMarkerLifeCount, 1), Count(4711)});
  ShowStatus(now, shown);
  ShowLevels(now, shown);
  ShowRows(now, torn, shown);
  core::SortReadings(shown);
  return shown;
}

}  // namespace platen::collector
