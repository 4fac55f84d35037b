#include "services/collector/core/conditions.h"

#include <array>

#include "libs/base/status.h"

namespace platen::collector::core {
namespace {

using event::v1::ALERT_CATEGORY_ALARM;
using event::v1::ALERT_CATEGORY_ERROR;
using event::v1::ALERT_CATEGORY_JAM;

constexpr Condition kJam{"jam", ALERT_CATEGORY_JAM, "media-jam"};
constexpr Condition kFinisherJam{"finisher-jam", ALERT_CATEGORY_JAM, "media-jam"};
constexpr Condition kStapleJam{"finisher-jam", ALERT_CATEGORY_ALARM, "stapler-jam"};
constexpr Condition kCoverOpen{"cover-open", ALERT_CATEGORY_ALARM, "cover-open"};
constexpr Condition kNoPaper{"no-paper", ALERT_CATEGORY_ALARM, "media-empty"};
constexpr Condition kLowPaper{"low-paper", ALERT_CATEGORY_ALARM, "media-low"};
constexpr Condition kNoToner{"no-toner", ALERT_CATEGORY_ALARM, "toner-empty"};
constexpr Condition kLowToner{"low-toner", ALERT_CATEGORY_ALARM, "toner-low"};
constexpr Condition kTrayMissing{"tray-missing", ALERT_CATEGORY_ALARM, "input-tray-missing"};
constexpr Condition kOutputMissing{"output-missing", ALERT_CATEGORY_ALARM, "output-tray-missing"};
constexpr Condition kSupplyMissing{"supply-missing", ALERT_CATEGORY_ALARM, "marker-supply-missing"};
constexpr Condition kOutputNearFull{
    "output-near-full", ALERT_CATEGORY_ALARM, "output-area-almost-full"};
constexpr Condition kOutputFull{"output-full", ALERT_CATEGORY_ALARM, "output-area-full"};
constexpr Condition kMaintenance{"maintenance-due", ALERT_CATEGORY_ALARM, "other"};
constexpr Condition kWasteNearFull{
    "waste-near-full", ALERT_CATEGORY_ALARM, "marker-waste-almost-full"};
constexpr Condition kWasteFull{"waste-full", ALERT_CATEGORY_ALARM, "marker-waste-full"};
constexpr Condition kPartNearEnd{"part-near-end", ALERT_CATEGORY_ALARM, "opc-near-eol"};
constexpr Condition kPartAtEnd{"part-at-end", ALERT_CATEGORY_ALARM, "opc-life-over"};
constexpr Condition kFuser{"fuser-fault", ALERT_CATEGORY_ERROR, "fuser-fault"};
constexpr Condition kFault{"device-fault", ALERT_CATEGORY_ERROR, "other"};
constexpr Condition kUnitFault{"unit-fault", ALERT_CATEGORY_ALARM, "other"};
constexpr Condition kOther{"other", ALERT_CATEGORY_ALARM, "other"};

// Those that a view without a code can say.
constexpr std::array kNamed = {kJam,
                               kCoverOpen,
                               kNoPaper,
                               kLowPaper,
                               kNoToner,
                               kLowToner,
                               kOutputFull,
                               kOutputNearFull,
                               kPartNearEnd,
                               kPartAtEnd,
                               kWasteFull,
                               kUnitFault};

struct FamilyRow {
  std::string_view condition;
  std::string_view family;
};

constexpr std::array kFamilies = {
    FamilyRow{"low-toner", "no-toner"},
    FamilyRow{"low-paper", "no-paper"},
    FamilyRow{"output-near-full", "output-full"},
    FamilyRow{"waste-near-full", "waste-full"},
    FamilyRow{"part-near-end", "part-at-end"},
};

constexpr std::int32_t kGroupCover = 6;
constexpr std::int32_t kGroupInput = 8;
constexpr std::int32_t kGroupOutput = 9;

// Finisher codes are 30000 + 100 * kind + generic code (IANA-PRINTER-MIB); in keywords the kind
// stands before what the generic code says (PWG 5100.9).
constexpr std::int32_t kFinisherFirst = 30000;
constexpr std::int32_t kStapler = 2;
constexpr std::int32_t kStitcher = 3;
constexpr std::array<std::string_view, 19> kFinishers = {"",
                                                         "",
                                                         "stapler",
                                                         "stitcher",
                                                         "folder",
                                                         "binder",
                                                         "trimmer",
                                                         "die-cutter",
                                                         "puncher",
                                                         "perforater",
                                                         "slitter",
                                                         "separation-cutter",
                                                         "imprinter",
                                                         "wrapper",
                                                         "bander",
                                                         "make-envelope",
                                                         "stacker",
                                                         "sheet-rotator",
                                                         "inserter"};

struct GenericWord {
  std::int32_t code;
  std::string_view word;
};

constexpr std::array kGenericWords = {
    GenericWord{3, "cover-open"},
    GenericWord{5, "interlock-open"},
    GenericWord{8, "jam"},
    GenericWord{9, "missing"},
    GenericWord{10, "life-almost-over"},
    GenericWord{11, "life-over"},
    GenericWord{12, "almost-empty"},
    GenericWord{13, "empty"},
    GenericWord{14, "almost-full"},
    GenericWord{15, "full"},
    GenericWord{16, "near-limit"},
    GenericWord{17, "at-limit"},
    GenericWord{18, "opened"},
    GenericWord{29, "recoverable-failure"},
    GenericWord{30, "unrecoverable-failure"},
    GenericWord{33, "motor-failure"},
    GenericWord{35, "under-temperature"},
    GenericWord{36, "over-temperature"},
    GenericWord{37, "timing-failure"},
    GenericWord{38, "thermistor-failure"},
};

std::int32_t FinisherOf(std::int32_t code) {
  const std::int32_t kind = (code - kFinisherFirst) / 100;
  const bool known =
      code >= kFinisherFirst && kind > 1 && kind < static_cast<std::int32_t>(kFinishers.size());
  return known ? kind : 0;
}

Condition OfFinisher(std::int32_t kind, std::int32_t generic) {
  switch (generic) {
    case 3:
    case 5:
    case 18:
      return kCoverOpen;
    case 8:
      return kind == kStapler || kind == kStitcher ? kStapleJam : kFinisherJam;
    default:
      return generic >= 29 && generic <= 38 ? kFault : kOther;
  }
}

struct CodeRow {
  std::int32_t first;
  std::int32_t last;
  Condition condition;
};

// PrtAlertCodeTC by range; where the group matters, ByGroup() has the first word.
constexpr std::array kByCode = {
    CodeRow{3, 3, kCoverOpen},
    CodeRow{5, 5, kCoverOpen},
    CodeRow{8, 8, kJam},
    CodeRow{9, 9, kSupplyMissing},
    CodeRow{10, 10, kPartNearEnd},
    CodeRow{11, 11, kPartAtEnd},
    CodeRow{12, 12, kLowToner},
    CodeRow{13, 13, kNoToner},
    CodeRow{14, 14, kWasteNearFull},
    CodeRow{15, 15, kWasteFull},
    CodeRow{29, 38, kFault},
    CodeRow{501, 501, kCoverOpen},
    CodeRow{801, 801, kTrayMissing},
    CodeRow{807, 807, kLowPaper},
    CodeRow{808, 808, kNoPaper},
    CodeRow{901, 901, kOutputMissing},
    CodeRow{902, 902, kOutputNearFull},
    CodeRow{903, 903, kOutputFull},
    CodeRow{1001, 1004, kFuser},
    CodeRow{1101, 1103, kNoToner},
    CodeRow{1104, 1106, kLowToner},
    CodeRow{1107, 1108, kWasteNearFull},
    CodeRow{1109, 1110, kWasteFull},
    CodeRow{1111, 1111, kPartNearEnd},
    CodeRow{1112, 1112, kPartAtEnd},
    CodeRow{1113, 1113, kPartNearEnd},
    CodeRow{1114, 1114, kPartAtEnd},
    CodeRow{1115, 1115, kSupplyMissing},
};

// Generic codes mean another thing in another group.
Condition ByGroup(std::int32_t group, std::int32_t code) {
  if (group == kGroupInput) {
    if (code == 9) return kTrayMissing;
    if (code == 12) return kLowPaper;
    if (code == 13) return kNoPaper;
  }
  if (group == kGroupOutput) {
    if (code == 9) return kOutputMissing;
    if (code == 14) return kOutputNearFull;
    if (code == 15) return kOutputFull;
  }
  if (group == kGroupCover && code == 18) return kCoverOpen;
  return {};
}

struct BitRow {
  event::v1::ErrorState state;
  Condition condition;
};

constexpr std::array kByBit = {
    BitRow{event::v1::ERROR_STATE_LOW_PAPER, kLowPaper},
    BitRow{event::v1::ERROR_STATE_NO_PAPER, kNoPaper},
    BitRow{event::v1::ERROR_STATE_LOW_TONER, kLowToner},
    BitRow{event::v1::ERROR_STATE_NO_TONER, kNoToner},
    BitRow{event::v1::ERROR_STATE_DOOR_OPEN, kCoverOpen},
    BitRow{event::v1::ERROR_STATE_JAMMED, kJam},
    BitRow{event::v1::ERROR_STATE_INPUT_TRAY_MISSING, kTrayMissing},
    BitRow{event::v1::ERROR_STATE_OUTPUT_TRAY_MISSING, kOutputMissing},
    BitRow{event::v1::ERROR_STATE_MARKER_SUPPLY_MISSING, kSupplyMissing},
    BitRow{event::v1::ERROR_STATE_OUTPUT_NEAR_FULL, kOutputNearFull},
    BitRow{event::v1::ERROR_STATE_OUTPUT_FULL, kOutputFull},
    BitRow{event::v1::ERROR_STATE_INPUT_TRAY_EMPTY, kNoPaper},
    BitRow{event::v1::ERROR_STATE_OVERDUE_PREVENTIVE_MAINTENANCE, kMaintenance},
};

struct WordsRow {
  std::string_view condition;
  std::string_view words;
};

constexpr std::array kWords = {
    WordsRow{"jam", "paper jam"},
    WordsRow{"finisher-jam", "jam in the finisher"},
    WordsRow{"cover-open", "cover open"},
    WordsRow{"no-paper", "out of paper"},
    WordsRow{"low-paper", "paper low"},
    WordsRow{"no-toner", "toner or ink empty"},
    WordsRow{"low-toner", "toner or ink low"},
    WordsRow{"tray-missing", "input tray missing"},
    WordsRow{"output-missing", "output tray missing"},
    WordsRow{"supply-missing", "supply missing"},
    WordsRow{"output-near-full", "output tray nearly full"},
    WordsRow{"output-full", "output tray full"},
    WordsRow{"maintenance-due", "preventive maintenance overdue"},
    WordsRow{"waste-near-full", "waste container nearly full"},
    WordsRow{"waste-full", "waste container full"},
    WordsRow{"part-near-end", "part near the end of its life"},
    WordsRow{"part-at-end", "part at the end of its life"},
    WordsRow{"fuser-fault", "fuser fault"},
    WordsRow{"device-fault", "device fault"},
    WordsRow{"unit-fault", "out of order"},
    WordsRow{"unreachable", "does not answer"},
    WordsRow{"other-device", "another device answers at its address"},
};

}  // namespace

Condition ConditionOf(const event::v1::AlertRow& row) {
  if (const std::int32_t kind = FinisherOf(row.code()); kind > 0) {
    return OfFinisher(kind, row.code() % 100);
  }
  if (const Condition by_group = ByGroup(row.group(), row.code()); !by_group.name.empty()) {
    return by_group;
  }
  for (const CodeRow& each : kByCode) {
    if (row.code() >= each.first && row.code() <= each.last) return each.condition;
  }
  if (row.training() == event::v1::ALERT_TRAINING_FIELD_SERVICE) return kFault;
  return kOther;
}

Condition ConditionOf(event::v1::ErrorState state) {
  for (const BitRow& each : kByBit) {
    if (each.state == state) return each.condition;
  }
  return {};
}

Condition ConditionNamed(std::string_view name) {
  for (const Condition& each : kNamed) {
    if (each.name == name) return each;
  }
  return {};
}

std::string_view FamilyOf(std::string_view condition) {
  for (const FamilyRow& each : kFamilies) {
    if (each.condition == condition) return each.family;
  }
  return condition;
}

std::string KeywordOf(const event::v1::AlertRow& row) {
  if (const std::int32_t kind = FinisherOf(row.code()); kind > 0) {
    for (const GenericWord& each : kGenericWords) {
      if (each.code != row.code() % 100) continue;
      return base::StrCat(kFinishers[static_cast<std::size_t>(kind)], "-", each.word);
    }
    return "other";
  }
  switch (row.code()) {
    case 10:  // lifeAlmostOver, lifeOver: of a drum or of something else
    case 11:
      return "other";
    case 12:  // almostEmpty: of whatever supply
    case 1105:
    case 1106:
      return std::string(ConditionOf(row).name == kLowToner.name ? "marker-supply-low"
                                                                 : ConditionOf(row).keyword);
    case 13:  // empty
    case 1102:
    case 1103:
      return std::string(ConditionOf(row).name == kNoToner.name ? "marker-supply-empty"
                                                                : ConditionOf(row).keyword);
    case 1113:
      return "developer-low";
    case 1114:
      return "developer-empty";
    default:
      return std::string(ConditionOf(row).keyword);
  }
}

bool IsStatusLine(const event::v1::AlertRow& row) {
  if (row.severity() == event::v1::ALERT_SEVERITY_OTHER) return true;
  switch (FinisherOf(row.code()) > 0 ? row.code() % 100 : row.code()) {
    case 0:
    case 1:
    case 2:     // other, unknown: "Ready" and the like
    case 4:     // coverClosed
    case 6:     // interlockClosed
    case 7:     // configurationChange
    case 19:    // closed
    case 20:    // turnedOn
    case 23:    // powerSaver
    case 24:    // warmingUp
    case 25:    // added
    case 27:    // resourceAdded
    case 502:   // doorClosed
    case 503:   // powerUp
    case 504:   // powerDown
    case 507:   // readyToPrint
    case 1005:  // adjustingPrintQuality
    case 1801:  // alertRemovalOfBinaryChangeEntry
      return true;
    default:
      return false;
  }
}

event::v1::AlertLifecycle LifecycleOf(const event::v1::AlertRow& row) {
  return row.severity() == event::v1::ALERT_SEVERITY_WARNING ? event::v1::ALERT_LIFECYCLE_OCCURRENCE
                                                             : event::v1::ALERT_LIFECYCLE_CONDITION;
}

std::string_view Words(std::string_view condition) {
  for (const WordsRow& each : kWords) {
    if (each.condition == condition) return each.words;
  }
  return "alert";
}

}  // namespace platen::collector::core
